"""Read shards through one endpoint, wherever that is: in a Modal container, or on a Ray node."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.runner import EndpointRunner, FinishedPage, WantedPage, first_error
from lighton_ocr.batch.shards import Shard, to_lines
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import ModelMissing


class ShardWorker:
    """Reads several shards at a time with the runner of a batch on one machine.

    `renderers` is the number of processes that render pages, `gpu` Modal's name for the GPU. Use it
    inside one running event loop.
    """

    def __init__(self, endpoint: Endpoint, renderers: int, gpu: str | None = None) -> None:
        self._endpoint = endpoint
        self._gpu = gpu
        self._renderers = RenderPool(renderers)
        self._concurrency = AdaptiveConcurrency.of(endpoint)
        self._counted_until = 0.0  # time that is in the seconds of a shard already

    async def read(self, shard: Shard, find_file: Callable[[str], Path]) -> str:
        """Read all pages of a shard; `find_file` returns a document's file by its digest.

        Returns the text that `ShardResults.from_lines` reads. The time in which two shards are
        read at once is counted once.

        Raises:
            ModelMissing: the shard is for another model.
            EndpointError: the engine does not answer any more.
        """
        if shard.model != self._endpoint.model.id:
            raise ModelMissing(f"This worker reads with {self._endpoint.model.id}.")
        start = time.monotonic()
        finished: list[FinishedPage] = []

        async def keep(page: FinishedPage) -> None:
            finished.append(page)

        settings = ReadingSettings.of(
            self._endpoint, shard.encoding, shard.budget, shard.own_text, shard.boxes
        )
        runner = EndpointRunner(
            self._endpoint, settings, self._renderers, concurrency=self._concurrency
        )
        try:
            await runner.read(_wanted_pages(shard, find_file), keep)
        except ExceptionGroup as errors:
            raise first_error(errors) from None
        now = time.monotonic()
        seconds, self._counted_until = now - max(start, self._counted_until), now
        return to_lines(finished, seconds, self._gpu)


async def _wanted_pages(
    shard: Shard, find_file: Callable[[str], Path]
) -> AsyncIterator[WantedPage]:
    for document in shard.documents:
        file = DocumentFile(find_file(document.digest), document.name, document.password)
        for index in document.indices:
            yield WantedPage(file, document.digest, index)
