"""Read documents through an endpoint: many pages in flight, their results in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any, Generic, Self, TypeVar

from lighton_ocr.documents.document import Document
from lighton_ocr.documents.ocr_drafts import OcrDrafts
from lighton_ocr.documents.page_ranges import Pages, choose_pages
from lighton_ocr.documents.pages import Encoding, PageOptions
from lighton_ocr.documents.prepare import Preparer, ThreadPreparer, try_to_prepare
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import OwnTextMode, PageBudget, ReadingPolicy
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult

D = TypeVar("D")


class Listener(PageListener):
    """Is told what happens while pages are read; override what you need."""

    def on_start(self, page: int) -> None:
        """A page (from 1) is begun."""

    def on_page(self, document: Any, result: PageResult) -> None:
        """A page of a document is done; pages finish in any order."""


class PageStream(Generic[D]):
    """Reads pages of any documents, `concurrency` of them at a time; use it inside `async with`.

    `D` is what the preparer takes as a document. With `boxes`, the results have blocks and figures.
    With `ocr_drafts`, Tesseract reads pages without text of their own
    first, and vLLM takes its text as a draft: the same text, sooner, if cores here are idle.

    Raises:
        UsageError: Tesseract is not installed, or the endpoint takes no drafts.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        preparer: Preparer[D],
        *,
        concurrency: int | None = None,
        encoding: Encoding = "png",
        listener: Listener | None = None,
        budget: PageBudget | None = None,
        own_text: OwnTextMode | None = None,
        boxes: bool = False,
        ocr_drafts: bool = False,
    ) -> None:
        self._preparer = OcrDrafts.of(preparer, endpoint) if ocr_drafts else preparer
        self._options = PageOptions.of(endpoint, encoding, with_own_text=own_text != "off")
        self._listener = listener or Listener()
        self._concurrency = concurrency or endpoint.slots
        self._in_flight = asyncio.Semaphore(self._concurrency)
        self._client = PageClient(endpoint)
        policy = ReadingPolicy.of(endpoint, budget, own_text, boxes)
        self._page_reader = PageReader(endpoint, self._client, policy, worker=self._preparer)
        self._tasks: set[asyncio.Task[PageResult]] = set()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await _cancel(self._tasks)  # pages whose results nobody waited for
        await self._client.__aexit__(*exception)

    async def read_pages(
        self, wanted: AsyncIterator[tuple[D, int]]
    ) -> AsyncGenerator[tuple[D, PageResult]]:
        """Yield the results of pages in the order in which `wanted` names them.

        `wanted` gives documents with page indices (from 0). It is consumed as pages are done: at
        most twice as many pages as are in flight are rendered or kept at a time.

        Raises:
            AccessDenied, ModelMissing: no page can be read this way.
        """
        window: deque[tuple[D, asyncio.Task[PageResult]]] = deque()
        try:
            async for document, index in wanted:
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

    async def _read_page(self, document: D, index: int) -> PageResult:
        async with self._in_flight:
            self._listener.on_start(index + 1)
            page = await try_to_prepare(self._preparer, document, index, self._options)
            result = await self._page_reader.read(page, self._listener)
        self._listener.on_page(document, result)
        return result


class Reader(PageStream[Document]):
    """Reads documents that this process has opened; several, one after the other.

    Arguments and errors are those of `PageStream`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        concurrency: int | None = None,
        encoding: Encoding = "png",
        listener: Listener | None = None,
        budget: PageBudget | None = None,
        own_text: OwnTextMode | None = None,
        boxes: bool = False,
        ocr_drafts: bool = False,
    ) -> None:
        super().__init__(
            endpoint,
            ThreadPreparer(),
            concurrency=concurrency,
            encoding=encoding,
            listener=listener,
            budget=budget,
            own_text=own_text,
            boxes=boxes,
            ocr_drafts=ocr_drafts,
        )

    async def read(
        self, document: Document, pages: Pages | None = None
    ) -> AsyncIterator[PageResult]:
        """Yield a result for each page, in order; a page that cannot be read is marked as failed.

        `pages` is a range such as `1-3,7,-1`, or page numbers.

        Raises:
            UsageError: `pages` names a page that is not there.
            AccessDenied, ModelMissing: no page can be read this way.
        """

        async def wanted() -> AsyncIterator[tuple[Document, int]]:
            for index in choose_pages(pages, document.page_count, document.name):
                yield document, index

        async with aclosing(self.read_pages(wanted())) as results:
            async for _, result in results:
                yield result


async def _cancel(tasks: Iterable[asyncio.Task[PageResult]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
