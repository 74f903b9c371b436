"""A worker on a Ray cluster: an engine, and what it asks the cluster for."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lighton_ocr.batch.shard_worker import ShardWorker
from lighton_ocr.batch.shards import Shard
from lighton_ocr.catalog import Model, find_model
from lighton_ocr.endpoint import Engine
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.vllm.engine import VllmEngine

_RENDERERS = 2  # processes for one GPU, which they keep busy


@dataclass(frozen=True)
class ActorResources:
    """What one actor needs; `memory` is the node's, in bytes, not the GPU's."""

    cpus: int
    gpus: int
    memory: int

    @classmethod
    def of(cls, model: Model, engine: Engine) -> Self:
        """Return what a model needs: 8 bits per weight in llama.cpp, 16 in vLLM, and one GPU."""
        weights = round(model.parameters_m * 1e6)
        if engine == "embedded":
            return cls(cpus=2, gpus=0, memory=weights + (1 << 30))
        return cls(cpus=4, gpus=1, memory=2 * weights + (6 << 30))

    def count_in(self, cluster: Mapping[str, float]) -> int:
        """Return how many actors fit into a cluster with these resources, at least one."""
        counts = [cluster.get("CPU", 0) // self.cpus, cluster.get("memory", 0) // self.memory]
        if self.gpus:
            counts.append(cluster.get("GPU", 0) // self.gpus)
        return max(1, int(min(counts)))


class ShardActor:
    """An engine and a worker that reads shards through it; runs on a node of the cluster."""

    def __init__(self, model: str, engine: Engine, cpus: int) -> None:
        found = find_model(model)
        self._engine = EmbeddedEngine(found, cpus) if engine == "embedded" else VllmEngine(found)
        self._renderers = 1 if engine == "embedded" else _RENDERERS

    async def start(self) -> None:
        """Start the engine.

        Raises:
            EndpointError: it does not start.
        """
        self._worker = ShardWorker(self._engine.start(), self._renderers)

    async def read(self, text: str, *documents: bytes) -> str:
        """Read a shard (JSON) with its documents, in its order; see `ShardWorker.read`."""
        shard = Shard.from_json(text)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            for document, content in zip(shard.documents, documents, strict=True):
                (folder / document.digest).write_bytes(content)
            return await self._worker.read(shard, lambda digest: folder / digest)

    async def stop(self) -> None:
        """Stop the engine."""
        self._engine.stop()
