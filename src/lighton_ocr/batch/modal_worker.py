"""The worker of a batch in a Modal container; documents and results are on a volume."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lighton_ocr._files import write_atomically
from lighton_ocr.batch.shard_worker import ShardWorker
from lighton_ocr.batch.shards import Shard
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.command import VllmOptions

DOCUMENTS, RESULTS = "documents", "results"  # folders of a batch
_RENDERERS = 2  # processes, which keep any GPU busy


class VolumeWorker:
    """Reads shards through the container's own vLLM; the results of a shard are one file.

    A volume does not show new files while a file on it is open. Everything that uses the volume
    therefore holds a lock, and documents are copied to the container's disk before they are opened.
    `gpu` is the one at whose price the container is billed.
    """

    def __init__(self, options: VllmOptions, gpu: str, port: int, mount: Path, volume: Any) -> None:
        endpoint = Endpoint(
            base_url=f"http://127.0.0.1:{port}/v1",
            model=options.model,
            served_name=options.model.id,
            slots=options.gpu.max_num_seqs,
            software="vllm",
            managed=True,
        )
        self._worker = ShardWorker(endpoint, _RENDERERS, gpu)
        self._mount = mount
        self._volume = volume
        self._using_volume = asyncio.Lock()

    async def read(self, batch: str, text: str) -> None:
        """Read a shard (JSON) of that batch, unless its results exist already.

        If the container is taken away, another one gets the shard and starts it again.

        Raises:
            ModelMissing: the shard is for another model.
            EndpointError: vLLM does not answer any more.
        """
        shard = Shard.from_json(text)
        folder = self._mount / batch
        results = folder / RESULTS / f"{shard.key}.jsonl"
        with tempfile.TemporaryDirectory() as scratch:
            async with self._using_volume:
                await self._volume.reload.aio()
                if results.exists():
                    return
                for document in shard.documents:
                    shutil.copy(folder / DOCUMENTS / document.digest, scratch)
            read = await self._worker.read(shard, lambda digest: Path(scratch, digest))
        async with self._using_volume:
            results.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(results, read)
            await self._volume.commit.aio()
