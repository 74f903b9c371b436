"""Read a batch with a fleet of workers: cut the stream into shards, hand them out, collect."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lighton_ocr.batch.runner import Deliver, FinishedPage, WantedPage
from lighton_ocr.batch.shards import Shard, ShardResults
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import Model, find_gpu
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.reading.results import failed_page


class ShardLost(Exception):
    """A shard that cannot be read, for a reason that is a sentence; others may be."""


class DocumentLost(Exception):
    """A document that cannot be sent, by its content: its file here is gone, or unreadable."""

    def __init__(self, content: str, path: Path, fault: OSError) -> None:
        super().__init__(f"{path} cannot be opened: {fault.strerror}.")
        self.content = content


class WorkerPool(Protocol):
    """Workers elsewhere, each with an engine of its own."""

    label: str
    shard_pages: int  # how many pages make a shard
    most_shards: int  # that are away at a time

    def pending_shards(self) -> Sequence[Shard]:
        """Shards that an earlier run has sent and not collected, without passwords."""

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        """Have a shard read, or wait for one that was sent before; `files` by their content.

        Returns what `ShardWorker.read` does.

        Raises:
            ShardLost: it was tried, more than once.
            DocumentLost: it was not sent; without this document it may be.
            EndpointError: no shard can be read.
        """

    async def acknowledge(self, shard: Shard) -> None:
        """The shard's pages are in the journal: nothing of it is needed any more."""

    async def finish(self) -> None:
        """All shards have come back."""


class PoolRunner:
    """A runner whose pages are read by a fleet. Only whoever runs this writes the journal."""

    def __init__(
        self, fleet: WorkerPool, model: Model, encoding: Encoding, figures: BatchStats
    ) -> None:
        self.model = model
        self.label = fleet.label
        self.encoding = encoding
        self._fleet = fleet
        self._figures = figures
        self._room = asyncio.Semaphore(fleet.most_shards)

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """See `Runner.read`. Pages that an earlier run has sent are waited for, not sent again."""
        before = self._pending_shards()
        joined: dict[Shard, list[WantedPage]] = {}
        fresh: list[WantedPage] = []
        async with asyncio.TaskGroup() as group:

            async def start(shard: Shard, pages: list[WantedPage]) -> None:
                await self._room.acquire()
                group.create_task(self._finish(shard, pages, deliver))

            async for page in wanted:
                shard = before.get((page.content, page.index))
                if shard is not None:
                    joined.setdefault(shard, []).append(page)
                    continue
                fresh.append(page)
                if len(fresh) == self._fleet.shard_pages:
                    await start(self._shard(fresh), fresh)
                    fresh = []
            if fresh:
                await start(self._shard(fresh), fresh)
            for shard, pages in joined.items():
                passwords = {page.content: page.file.password for page in pages}
                await start(shard.with_passwords(passwords), pages)
        await self._fleet.finish()

    def _pending_shards(self) -> dict[tuple[str, int], Shard]:
        return {
            (part.content, index): shard
            for shard in self._fleet.pending_shards()
            if (shard.model, shard.encoding) == (self.model.id, self.encoding)
            for part in shard.parts
            for index in part.indices
        }

    def _shard(self, pages: Sequence[WantedPage]) -> Shard:
        return Shard.of(pages, self.model.id, self.encoding)

    async def _finish(self, shard: Shard, pages: Sequence[WantedPage], deliver: Deliver) -> None:
        try:
            while pages:
                results = await self._results(shard, pages)
                async with asyncio.TaskGroup() as group:  # together, to share syncs of the disk
                    for result in results:
                        group.create_task(deliver(result))  # type: ignore[arg-type]
                await self._fleet.acknowledge(shard)
                delivered = {result.page for result in results}
                pages = [page for page in pages if page not in delivered]
                shard = self._shard(pages)
        finally:
            self._room.release()

    async def _results(self, shard: Shard, pages: Sequence[WantedPage]) -> list[FinishedPage]:
        """Of all pages; of no others than a lost document's, if the shard has one."""
        files = {page.content: page.file.path for page in pages}
        try:
            found = ShardResults.loads(await self._fleet.read(shard, files))
        except ShardLost as fault:
            return _failed(pages, fault)
        except DocumentLost as fault:
            return _failed([page for page in pages if page.content == fault.content], fault)
        self._figures.engine_seconds = (self._figures.engine_seconds or 0) + found.seconds
        if found.gpu:
            self._figures.price_per_second = find_gpu(found.gpu).price_per_second
        return [FinishedPage(page, found.pages[page.content, page.index]) for page in pages]


def _failed(pages: Sequence[WantedPage], fault: Exception) -> list[FinishedPage]:
    return [FinishedPage(page, failed_page(page.index + 1, str(fault))) for page in pages]
