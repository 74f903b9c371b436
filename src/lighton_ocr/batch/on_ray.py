"""A batch on a Ray cluster: actors with an engine each read shards, this process does the rest."""

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lighton_ocr._extras import missing
from lighton_ocr.batch.shards import Shard, ShardWorker
from lighton_ocr.batch.worker_pool import DocumentLost, ShardLost
from lighton_ocr.catalog import Model, find_model
from lighton_ocr.endpoint import Engine
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.vllm.engine import VllmEngine
from lighton_ocr.errors import EndpointError, EngineFailed

_AT_ONCE = 2  # shards an actor has: the next one fills the engine while the last runs out
_ATTEMPTS = 4  # workers that a shard is given to, one after the other
_STARTS = 3  # failed ones in a row, and no more are tried
_STORED = 16  # documents that stay in the object store for the next shard
_RENDERERS = 2  # processes beside a GPU; one fills any


@dataclass(frozen=True)
class Needs:
    """What one actor asks the cluster for; `memory` in bytes of the node's, not of the GPU's."""

    cpus: int
    gpus: int
    memory: int

    @classmethod
    def of(cls, model: Model, engine: Engine) -> Self:
        """By the model's size: 8 bits a weight in llama.cpp, 16 in vLLM, on one GPU."""
        weights = round(model.parameters_m * 1e6)
        if engine == "embedded":
            return cls(cpus=2, gpus=0, memory=weights + (1 << 30))
        return cls(cpus=4, gpus=1, memory=2 * weights + (6 << 30))

    def fit(self, cluster: Mapping[str, float]) -> int:
        """How many actors a cluster with these resources has room for, at least one."""
        rooms = [cluster.get("CPU", 0) // self.cpus, cluster.get("memory", 0) // self.memory]
        if self.gpus:
            rooms.append(cluster.get("GPU", 0) // self.gpus)
        return max(1, int(min(rooms)))


class ShardActor:
    """One engine, and what reads shards through it; runs on a node of the cluster."""

    def __init__(self, model: str, engine: Engine, cpus: int) -> None:
        found = find_model(model)
        self._engine = EmbeddedEngine(found, cpus) if engine == "embedded" else VllmEngine(found)
        self._renderers = 1 if engine == "embedded" else _RENDERERS

    async def start(self) -> None:
        """Bring the engine up; raises what it raises."""
        self._worker = ShardWorker(self._engine.start(), self._renderers)

    async def read(self, text: str, *documents: bytes) -> str:
        """Read a shard (JSON), whose parts' documents follow; see `ShardWorker.read`."""
        shard = Shard.loads(text)
        with tempfile.TemporaryDirectory() as scratch:
            _write(Path(scratch), shard, documents)
            return await self._worker.read(shard, lambda content: Path(scratch, content))

    async def stop(self) -> None:
        """End the engine."""
        self._engine.stop()


class RayPool:
    """As many actors as the cluster has room for; one that is lost is replaced.

    Documents travel through Ray's object store, so that workers need no storage in common. Use it
    inside `with`, and read inside one event loop.
    """

    def __init__(self, model: Model, engine: Engine) -> None:
        """Join the cluster that RAY_ADDRESS names, or the one on this machine.

        Raises:
            UsageError: Ray is not installed.
            EndpointError: there is no cluster.
        """
        self._ray = _join()
        self.label = "Ray"
        # Little is lost with a worker, and an engine on processors takes seconds for a page.
        self.shard_pages = 8 if engine == "embedded" else 250
        needs = Needs.of(model, engine)
        self.actors = needs.fit(self._ray.cluster_resources())
        self.most_shards = 2 * _AT_ONCE * self.actors
        remote = self._ray.remote(
            num_cpus=needs.cpus, num_gpus=needs.gpus, memory=needs.memory, max_concurrency=4
        )
        self._new_actor: Callable[[], Any] = lambda: remote(ShardActor).remote(
            model.id, engine, needs.cpus
        )
        self._live: set[Any] = set()
        self._idle: asyncio.Queue[Any] = asyncio.Queue()  # of actors, or why there are none
        self._starting: set[asyncio.Task[None]] = set()
        # Ray says on standard output what becomes of nodes; that is for results.
        self._redirection = redirect_stdout(sys.stderr)
        self._stored: dict[str, Any] = {}
        self._begun = False
        self._failed_starts = 0

    def __enter__(self) -> Self:
        self._redirection.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()  # ends the actors; their engines end with them
        self._redirection.__exit__(None, None, None)

    def pending_shards(self) -> Sequence[Shard]:
        """None: what workers read comes back to the process that asked, or not at all."""
        return []

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        """See `WorkerPool`. A shard whose worker or node is lost goes to another one."""
        if not self._begun:
            self._begun = True
            for _ in range(self.actors):
                self._start_one()
        fault: Exception | None = None
        for _ in range(_ATTEMPTS):
            actor = await self._take_idle()
            try:
                # Only now, when a worker is free: shards that wait hold nothing.
                documents = [self._put(part.content, files[part.content]) for part in shard.parts]
                text: str = await actor.read.remote(shard.dumps(), *documents)
            except self._ray.exceptions.RayError as error:
                fault = error
                self._replace(actor)
            except DocumentLost:
                self._idle.put_nowait(actor)
                raise
            else:
                self._idle.put_nowait(actor)
                return text
        raise ShardLost(
            f"Its shard was lost with {_ATTEMPTS} workers, one after the other; the last one's "
            f"fault: {_sentence(fault)}"
        )

    async def acknowledge(self, shard: Shard) -> None:
        """Nothing is kept."""

    async def finish(self) -> None:
        """End the engines in order."""
        for task in self._starting:
            task.cancel()
        with suppress(self._ray.exceptions.RayError):
            await asyncio.gather(*(actor.stop.remote() for actor in self._live))

    def _put(self, content: str, path: Path) -> Any:
        """A document in the object store; large ones come in many shards, one after the other."""
        try:
            found = self._stored.pop(content, None) or self._ray.put(path.read_bytes())
        except OSError as fault:
            raise DocumentLost(content, path, fault) from None
        self._stored[content] = found
        while len(self._stored) > _STORED:
            del self._stored[next(iter(self._stored))]  # the one not asked for the longest
        return self._stored[content]

    async def _take_idle(self) -> Any:
        while True:
            actor = await self._idle.get()
            if isinstance(actor, EndpointError):
                self._idle.put_nowait(actor)  # for the next one who asks
                raise actor
            if actor in self._live:
                return actor

    def _start_one(self) -> None:
        task = asyncio.get_running_loop().create_task(self._bring_up())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _bring_up(self) -> None:
        actor = self._new_actor()
        try:
            await actor.start.remote()
        except self._ray.exceptions.RayError as fault:
            self._failed_starts += 1
            if self._failed_starts < _STARTS:
                self._start_one()
            elif not self._live:
                self._idle.put_nowait(
                    EngineFailed(f"No worker of the Ray cluster comes up. {_sentence(fault)}")
                )
            return
        self._failed_starts = 0
        self._live.add(actor)
        for _ in range(_AT_ONCE):
            self._idle.put_nowait(actor)

    def _replace(self, actor: Any) -> None:
        if actor in self._live:  # each of its shards comes by here
            self._live.remove(actor)
            self._ray.kill(actor)
            self._start_one()


def _write(folder: Path, shard: Shard, documents: Sequence[bytes]) -> None:
    for part, document in zip(shard.parts, documents, strict=True):
        (folder / part.content).write_bytes(document)


def _join() -> Any:
    try:
        import ray
    except ImportError:
        raise missing("Ray is not installed", "ray") from None
    try:
        ray.init(
            os.environ.get("RAY_ADDRESS", "auto"), log_to_driver=False, logging_level=logging.ERROR
        )
    except ConnectionError:
        raise EndpointError(
            "There is no Ray cluster: `ray start --head` makes one of this machine, RAY_ADDRESS "
            "names one elsewhere."
        ) from None
    return ray


def _sentence(fault: Exception | None) -> str:
    cause = getattr(fault, "cause", None) or fault
    name, said = type(cause).__name__, str(cause).strip()
    return f"{name}: {said.splitlines()[0]}" if said else name
