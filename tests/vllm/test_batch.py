"""How a batch's container on Modal reads a shard, with a real vLLM."""

import asyncio
import shutil
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from rapidfuzz.distance import Levenshtein

from lighton_ocr.batch.modal_worker import DOCUMENTS, RESULTS, VolumeWorker
from lighton_ocr.batch.shards import Shard, ShardDocument, ShardResults
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.reading.attempts import PageBudget
from tests.support.examples import EXAMPLES
from tests.support.real_vllm import CLEAN, MOST_DIFFERENT


def test_shards_are_read_as_documents_are(
    vllm: Endpoint, options: VllmOptions, texts: dict[str, list[str]], tmp_path: Path
) -> None:
    documents = tmp_path / "batch" / DOCUMENTS
    documents.mkdir(parents=True)
    for name in CLEAN:
        shutil.copy(EXAMPLES / name, documents)
    documents_of = [
        ShardDocument(name, name, None, tuple(range(len(texts[name])))) for name in CLEAN
    ]
    shards = [
        Shard(vllm.model.id, "png", PageBudget(), "check", (document,)) for document in documents_of
    ]

    async def nothing() -> None:
        """Do nothing: a local folder is always up to date."""

    async def work() -> None:
        volume = SimpleNamespace(
            reload=SimpleNamespace(aio=nothing), commit=SimpleNamespace(aio=nothing)
        )
        port = urlsplit(vllm.base_url).port
        assert port
        worker = VolumeWorker(options, "L4", port, tmp_path, volume)
        await asyncio.gather(*(worker.read("batch", shard.to_json()) for shard in shards))

    asyncio.run(work())
    for shard, (name, expected) in zip(shards, texts.items(), strict=True):
        file = tmp_path / "batch" / RESULTS / f"{shard.key}.jsonl"
        found = ShardResults.from_lines(file.read_text())
        assert len(found.pages) == len(expected)
        for index, text in enumerate(expected):  # in other batches, which round differently
            read_there = found.pages[name, index].text
            assert Levenshtein.normalized_distance(read_there, text) <= MOST_DIFFERENT
        assert found.gpu == options.gpu.name
