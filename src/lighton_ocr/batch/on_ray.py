"""A worker pool on a Ray cluster: actors read shards, this process does everything else."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, Self

from lighton_ocr._extras import missing
from lighton_ocr.batch.ray_actor import ActorResources, ShardActor
from lighton_ocr.batch.shards import Shard
from lighton_ocr.batch.worker_pool import DocumentLost, ShardLost
from lighton_ocr.catalog import Model
from lighton_ocr.endpoint import Engine
from lighton_ocr.errors import EndpointError, EngineFailed

_SHARDS_PER_ACTOR = 2  # one fills the engine while the other runs out of pages
_ATTEMPTS = 4  # workers that a shard is given to, one after the other
_STARTS = 3  # actors in a row that may fail to start before no more are started
_STORED_DOCUMENTS = 16  # that stay in the object store for the next shard


class RayPool:
    """As many actors as fit into the cluster; one that is lost is replaced.

    Documents travel through Ray's object store, so that workers need no common storage. Use it
    inside `with`, and read inside one event loop.
    """

    def __init__(self, model: Model, engine: Engine) -> None:
        """Connect to the cluster that RAY_ADDRESS names, or to the one on this machine.

        Raises:
            UsageError: Ray is not installed.
            EndpointError: there is no cluster.
        """
        self._ray = _connect()
        self.label = "Ray"
        # Small shards for an engine on a CPU, which takes seconds for a page: little is lost
        # with a worker.
        self.shard_pages = 8 if engine == "embedded" else 250
        needs = ActorResources.of(model, engine)
        self.actors = needs.count_in(self._ray.cluster_resources())
        self.max_shards = 2 * _SHARDS_PER_ACTOR * self.actors
        remote = self._ray.remote(
            num_cpus=needs.cpus, num_gpus=needs.gpus, memory=needs.memory, max_concurrency=4
        )
        self._new_actor: Callable[[], Any] = lambda: remote(ShardActor).remote(
            model.id, engine, needs.cpus
        )
        self._live: set[Any] = set()
        self._idle: asyncio.Queue[Any] = asyncio.Queue()  # of actors, or the error if none starts
        self._starting: set[asyncio.Task[None]] = set()
        # Ray prints what happens to nodes on standard output, which is for results.
        self._redirection = redirect_stdout(sys.stderr)
        self._stored: dict[str, Any] = {}  # object references by digest, least recently used first
        self._begun = False
        self._failed_starts = 0

    def __enter__(self) -> Self:
        self._redirection.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()  # ends the actors; their engines end with them
        self._redirection.__exit__(None, None, None)

    def pending_shards(self) -> Sequence[Shard]:
        """Return none: only the process that sent a shard can collect it."""
        return []

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        """See `WorkerPool`. A shard whose worker or node is lost is given to another worker."""
        if not self._begun:
            self._begun = True
            for _ in range(self.actors):
                self._start_actor()
        fault: Exception | None = None
        for _ in range(_ATTEMPTS):
            actor = await self._take_idle()
            try:
                # Only now that a worker is free: shards that wait take no memory.
                documents = [
                    self._store(document.digest, files[document.digest])
                    for document in shard.documents
                ]
                text: str = await actor.read.remote(shard.to_json(), *documents)
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
            f"{_ATTEMPTS} workers in a row were lost while they read its shard. The last error: "
            f"{_sentence(fault)}"
        )

    async def acknowledge(self, shard: Shard) -> None:
        """Do nothing: no record is kept."""

    async def finish(self) -> None:
        """Stop the engines."""
        for task in self._starting:
            task.cancel()
        with suppress(self._ray.exceptions.RayError):
            await asyncio.gather(*(actor.stop.remote() for actor in self._live))

    def _store(self, digest: str, path: Path) -> Any:
        """Put a document into the object store; the shards of a large one use it one by one."""
        try:
            found = self._stored.pop(digest, None) or self._ray.put(path.read_bytes())
        except OSError as error:
            raise DocumentLost(digest, path, error) from None
        self._stored[digest] = found
        while len(self._stored) > _STORED_DOCUMENTS:
            del self._stored[next(iter(self._stored))]
        return self._stored[digest]

    async def _take_idle(self) -> Any:
        while True:
            actor = await self._idle.get()
            if isinstance(actor, EndpointError):
                self._idle.put_nowait(actor)  # for the next shard that asks
                raise actor
            if actor in self._live:
                return actor

    def _start_actor(self) -> None:
        task = asyncio.get_running_loop().create_task(self._wait_for_start())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _wait_for_start(self) -> None:
        actor = self._new_actor()
        try:
            await actor.start.remote()
        except self._ray.exceptions.RayError as error:
            self._failed_starts += 1
            if self._failed_starts < _STARTS:
                self._start_actor()
            elif not self._live:
                self._idle.put_nowait(
                    EngineFailed(f"No worker of the Ray cluster starts: {_sentence(error)}")
                )
            return
        self._failed_starts = 0
        self._live.add(actor)
        for _ in range(_SHARDS_PER_ACTOR):
            self._idle.put_nowait(actor)

    def _replace(self, actor: Any) -> None:
        if actor in self._live:  # each of its shards comes here
            self._live.remove(actor)
            self._ray.kill(actor)
            self._start_actor()


def _connect() -> Any:
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
            "No Ray cluster was found. `ray start --head` starts one on this machine; set "
            "RAY_ADDRESS to use another."
        ) from None
    return ray


def _sentence(error: Exception | None) -> str:
    cause = getattr(error, "cause", None) or error
    name, message = type(cause).__name__, str(cause).strip()
    return f"{name}: {message.splitlines()[0]}" if message else name
