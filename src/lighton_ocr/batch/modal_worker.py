"""A batch's worker in a Modal container: documents and results lie on a volume."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lighton_ocr._files import write_atomically
from lighton_ocr.batch.shards import Shard, ShardWorker
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.engine import find_own_gpu
from lighton_ocr.errors import EngineFailed

DOCUMENTS, RESULTS = "documents", "results"  # folders of a batch
RENDERERS = 2  # processes; one fills any GPU


class VolumeWorker:
    """Reads shards through the container's own vLLM; each shard's results are one file, or none.

    Volumes refuse to show what is new while a file on them is open: whatever touches the volume
    holds a lock, and documents are copied to the container's disk before they are opened.
    """

    def __init__(self, settings: Settings, port: int, mount: Path, volume: Any) -> None:
        endpoint = Endpoint(
            base_url=f"http://127.0.0.1:{port}/v1",
            model=settings.model,
            served_name=settings.model.id,
            slots=settings.gpu.card.max_num_seqs,
            software="vllm",
            managed=True,
        )
        self._worker = ShardWorker(endpoint, RENDERERS, _billed_gpu(settings))
        self._mount = mount
        self._volume = volume
        self._using_volume = asyncio.Lock()

    async def read(self, batch: str, text: str) -> None:
        """Read a shard (JSON) of that batch, unless its results are there already.

        A container that is taken away loses its shard; whoever gets it next starts it anew.
        """
        shard = Shard.loads(text)
        home = self._mount / batch
        results = home / RESULTS / f"{shard.key}.jsonl"
        with tempfile.TemporaryDirectory() as scratch:
            async with self._using_volume:
                await self._volume.reload.aio()
                if results.exists():
                    return
                for part in shard.parts:
                    shutil.copy(home / DOCUMENTS / part.content, scratch)
            read = await self._worker.read(shard, lambda content: Path(scratch, content))
        async with self._using_volume:
            results.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(results, read)
            await self._volume.commit.aio()


def _billed_gpu(settings: Settings) -> str:
    try:
        found = find_own_gpu()
    except EngineFailed:  # no nvidia-smi in this image
        found = None
    return settings.gpu.billed(found).name
