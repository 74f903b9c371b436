"""Use the journal from the event loop: in a thread, with one disk sync for many pages."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from lighton_ocr.batch.journal import Journal
from lighton_ocr.batch.records import PageRecord

P = ParamSpec("P")
T = TypeVar("T")


class JournalWriter:
    """Runs the journal's methods in a thread, so that requests in flight do not wait for the disk.

    Use it inside one running event loop.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._thread = ThreadPoolExecutor(1, "journal")
        self._pending: list[tuple[PageRecord, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method of the journal in its thread.

        Raises:
            OutputError: the journal cannot be read or written.
        """
        loop = asyncio.get_running_loop()
        with self.journal.translate_errors():
            return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))

    async def save_page(self, page: PageRecord) -> None:
        """Return when the page is on the disk; pages that arrive meanwhile share a transaction.

        Raises:
            OutputError: the journal cannot be written.
        """
        saved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((page, saved))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await saved

    async def close(self) -> None:
        """Write the pending pages and end the thread; the journal stays open."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._pending:
            pending, self._pending = self._pending, []
            try:
                await self.call(self.journal.save_pages, [page for page, _ in pending])
            except Exception as error:
                for _, saved in pending:
                    if not saved.done():
                        saved.set_exception(error)
            else:
                for _, saved in pending:
                    if not saved.done():
                        saved.set_result(None)
