"""Read documents through an endpoint: pages in flight, their readings in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Self

from lighton_ocr.documents import Document, choose_pages, prepare
from lighton_ocr.documents.pages import Encoding, Geometry
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import DocumentError
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult, blank_page, failed_page
from lighton_ocr.reading.retries import PageListener


class Listener(PageListener):
    """Is told what happens while pages are read; override what you need."""

    def on_start(self, page: int) -> None:
        """A page (from 1) is taken up."""

    def on_page(self, document: Document, reading: PageResult) -> None:
        """A page is done, in whatever order pages finish."""


class Reader:
    """Reads pages through one endpoint, `concurrency` of them at a time.

    Use it inside `async with`; a reader may read several documents one after the other.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        concurrency: int | None = None,
        encoding: Encoding = "png",
        listener: Listener | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._encoding = encoding
        self._listener = listener or Listener()
        self._concurrency = concurrency or endpoint.slots
        self._in_flight = asyncio.Semaphore(self._concurrency)
        self._client = PageClient(endpoint)
        self._page_reader = PageReader(endpoint, self._client)
        self._tasks: set[asyncio.Task[PageResult]] = set()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await _cancel(self._tasks)  # pages whose readings nobody waited for
        await self._client.__aexit__(*exception)

    async def read(self, document: Document, pages: str | None = None) -> AsyncIterator[PageResult]:
        """Yield a reading for each page, in order; a bad page is yielded as such.

        `pages` is a range such as `1-3,7,-1`.

        Raises:
            UsageError: the range names a page that is not there.
            AccessDenied, ModelMissing: no page can be read this way.
        """
        chosen = choose_pages(pages, document.page_count, document.name)
        wanted = ((document, index) for index in chosen)
        async with aclosing(self.read_pages(wanted)) as readings:
            async for _, reading in readings:
                yield reading

    async def read_pages(
        self, wanted: Iterable[tuple[Document, int]]
    ) -> AsyncGenerator[tuple[Document, PageResult]]:
        """Yield readings of pages of any documents, in the order in which they are wanted.

        `wanted` holds documents with page indices (from 0) and is consumed as pages are done: at
        most twice as many pages as are in flight are rendered or kept at a time.

        Raises:
            AccessDenied, ModelMissing: no page can be read this way.
        """
        window: deque[tuple[Document, asyncio.Task[PageResult]]] = deque()
        try:
            for document, index in wanted:
                if len(window) == 2 * self._concurrency:
                    oldest, task = window.popleft()
                    yield oldest, await task
                task = asyncio.create_task(self._read_page(document, index))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                window.append((document, task))
            while window:
                oldest, task = window.popleft()
                yield oldest, await task
        finally:
            await _cancel([task for _, task in window])

    async def _read_page(self, document: Document, index: int) -> PageResult:
        async with self._in_flight:
            self._listener.on_start(index + 1)
            reading = await self._prepare_and_read(document, index)
        self._listener.on_page(document, reading)
        return reading

    async def _prepare_and_read(self, document: Document, index: int) -> PageResult:
        geometry, drafted = Geometry.of(self._endpoint), self._endpoint.is_vllm
        try:
            page = await asyncio.to_thread(
                prepare, document, index, geometry, self._encoding, drafted=drafted
            )
        except DocumentError as fault:
            return failed_page(index + 1, str(fault))
        if page is None:
            return blank_page(index + 1)
        return await self._page_reader.read(page, self._listener)


async def _cancel(tasks: Iterable[asyncio.Task[PageResult]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
