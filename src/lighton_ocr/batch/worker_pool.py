"""Read a batch with a pool of workers: cut the pages into shards, send them, collect results."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.runner import Deliver, FinishedPage, WantedPage
from lighton_ocr.batch.shards import Shard, ShardResults
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import find_gpu
from lighton_ocr.reading.results import failed_page


class ShardLost(Exception):
    """One shard cannot be read, others may be; the message is a sentence for the user."""


class DocumentLost(Exception):
    """A document cannot be sent, because its file does not exist any more or cannot be read."""

    def __init__(self, digest: str, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be opened: {error.strerror}.")
        self.digest = digest


class WorkerPool(Protocol):
    """Workers elsewhere, each with an engine of its own.

    `shard_pages` is how many pages make a shard, `max_shards` how many may be sent at a time.
    """

    label: str
    shard_pages: int
    max_shards: int

    def pending_shards(self) -> Sequence[Shard]:
        """Return the shards that an earlier run sent and did not collect, without passwords."""

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        """Have a shard read, or wait for one that is pending; `files` are by their digest.

        Returns what `ShardWorker.read` does.

        Raises:
            ShardLost: the shard failed after several attempts.
            DocumentLost: the shard was not sent; without this document it can be.
            EndpointError: no shard can be read.
        """

    async def acknowledge(self, shard: Shard) -> None:
        """Forget a shard: its pages are in the journal."""

    async def finish(self) -> None:
        """Clean up: all shards are acknowledged."""


class PoolRunner:
    """A runner that sends its pages to a worker pool. Only this process writes to the journal."""

    def __init__(self, pool: WorkerPool, settings: ReadingSettings, stats: BatchStats) -> None:
        self.settings = settings
        self.label = pool.label
        self._pool = pool
        self._stats = stats
        self._capacity = asyncio.Semaphore(pool.max_shards)

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """See `Runner.read`. Pages that an earlier run has sent are collected, not sent again."""
        pending = self._pending_shards()
        to_collect: dict[Shard, list[WantedPage]] = {}
        to_send: list[WantedPage] = []
        async with asyncio.TaskGroup() as group:

            async def start(shard: Shard, pages: list[WantedPage]) -> None:
                await self._capacity.acquire()
                group.create_task(self._finish(shard, pages, deliver))

            async for page in wanted:
                shard = pending.get((page.digest, page.index))
                if shard is not None:
                    to_collect.setdefault(shard, []).append(page)
                    continue
                to_send.append(page)
                if len(to_send) == self._pool.shard_pages:
                    await start(Shard.of(to_send, self.settings), to_send)
                    to_send = []
            if to_send:
                await start(Shard.of(to_send, self.settings), to_send)
            for shard, pages in to_collect.items():
                passwords = {page.digest: page.file.password for page in pages}
                await start(shard.with_passwords(passwords), pages)
        await self._pool.finish()

    def _pending_shards(self) -> dict[tuple[str, int], Shard]:
        """Return the pending shards of pages, by (digest, index), that fit this run's settings."""
        return {
            (document.digest, index): shard
            for shard in self._pool.pending_shards()
            if shard.is_read_with(self.settings)
            for document in shard.documents
            for index in document.indices
        }

    async def _finish(self, shard: Shard, pages: Sequence[WantedPage], deliver: Deliver) -> None:
        try:
            while pages:
                results = await self._results(shard, pages)
                async with asyncio.TaskGroup() as group:  # at once, to share a disk sync
                    for result in results:
                        group.create_task(deliver(result))
                await self._pool.acknowledge(shard)
                delivered = {result.page for result in results}
                pages = [page for page in pages if page not in delivered]
                shard = Shard.of(pages, self.settings)
        finally:
            self._capacity.release()

    async def _results(self, shard: Shard, pages: Sequence[WantedPage]) -> list[FinishedPage]:
        """Return the results of all pages, or only those of a document that cannot be sent."""
        files = {page.digest: page.file.path for page in pages}
        try:
            found = ShardResults.from_lines(await self._pool.read(shard, files))
        except ShardLost as error:
            return _failed(pages, error)
        except DocumentLost as error:
            return _failed([page for page in pages if page.digest == error.digest], error)
        self._stats.engine_seconds = (self._stats.engine_seconds or 0) + found.seconds
        if found.gpu:
            self._stats.price_per_second = find_gpu(found.gpu).price_per_second
        return [FinishedPage(page, found.pages[page.digest, page.index]) for page in pages]


def _failed(pages: Sequence[WantedPage], error: Exception) -> list[FinishedPage]:
    return [FinishedPage(page, failed_page(page.index + 1, str(error))) for page in pages]
