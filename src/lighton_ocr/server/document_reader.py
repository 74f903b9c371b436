"""Read documents for many clients through one endpoint, with fair shares and limits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from lighton_ocr.documents.pages import EncodedPage, PageOptions, PreparedPage
from lighton_ocr.documents.prepare import try_to_prepare
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.errors import DocumentError
from lighton_ocr.formats.divided_words import join_divided_words
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.reading.attempts import ReadingPolicy
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.fair_queue import FairQueue, QueuedRequest
from lighton_ocr.server.limits import ServerLimits
from lighton_ocr.server.metrics import Metrics


@dataclass(frozen=True)
class OpenedDocument:
    """A document that can be read: `size` in bytes, `chosen` the indices (from 0) of its pages."""

    file: DocumentFile
    size: int
    page_count: int
    chosen: tuple[int, ...]


class DocumentListener(PageListener):
    """Is told what happens to one document; override what you need.

    With `wants_previews`, `on_prepared` gets each page as a JPEG. With `wants_blocks`, results have
    blocks and figures, also if the model gives no boxes.
    """

    wants_previews = False
    wants_blocks = False

    async def has_room(self) -> None:
        """Wait until another page may begin: the client may be slow to take what it gets."""

    def on_wait(self, reason: str) -> None:
        """Nothing happens for now, for that reason."""

    def on_prepared(self, page: PreparedPage, preview: bytes | None) -> None:
        """A page is rendered, and reading begins."""

    def on_page(self, page: PreparedPage, result: PageResult) -> None:
        """A page is done; pages finish in any order."""


class DocumentReader:
    """Reads documents through one endpoint; use it inside `async with`.

    `headers_of` returns the headers that tell the endpoint for which sender a page is read.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        limits: ServerLimits,
        headers_of: Callable[[str], Mapping[str, str]] = lambda _: {},
    ) -> None:
        self.endpoint = endpoint
        self.queue = FairQueue(endpoint.slots, limits.requests, limits.requests_per_sender)
        self.metrics = Metrics(self.queue)
        self._opening = FairQueue(limits.renderers, limits.requests, limits.requests_per_sender)
        self._limits = limits
        self._pool = RenderPool(limits.renderers)
        self._options = PageOptions.of(endpoint, with_own_text=True)
        self._client = PageClient(endpoint)
        self._headers_of = headers_of

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.__aexit__(*exception)

    async def open(
        self, file: DocumentFile, queued: QueuedRequest, choose: Callable[[int], Sequence[int]]
    ) -> OpenedDocument:
        """Open a document; `choose` gets its number of pages and returns the indices to read.

        Senders take turns: a document may take the renderer a minute before it is given up.

        Raises:
            DocumentError: it cannot be opened.
            UsageError, Refused: the pages are not there, or too many.
        """
        async with self._slot_to_open(queued):
            count = await self._pool.count_pages(file)
        chosen = tuple(choose(count))
        if len(chosen) > self._limits.pages:
            raise Refused(
                422,
                f"{file.name} has {len(chosen):,} pages to read, and a request may have "
                f"{self._limits.pages:,}: choose some with `pages`.",
                "pages",
            )
        return OpenedDocument(file, file.path.stat().st_size, count, chosen)

    @asynccontextmanager
    async def _slot_to_open(self, queued: QueuedRequest) -> AsyncIterator[None]:
        with self._opening.admit(queued):
            async with self._opening.slot(queued):
                yield

    async def encode_image(self, path: Path, queued: QueuedRequest) -> EncodedPage:
        """Return an image as the model reads it.

        Raises:
            DocumentError: it is no image, or damaged.
            Refused: it has several pages (422).
        """
        file = DocumentFile(path, "The image")
        async with self._slot_to_open(queued):
            if await self._pool.count_pages(file) != 1:
                raise Refused(422, "A PDF or image of several pages goes to /v1/ocr.", "messages")
            return await self._pool.encode_whole(file, 0, self._options)

    async def read(
        self, document: OpenedDocument, queued: QueuedRequest, listener: DocumentListener
    ) -> DocumentResult:
        """Read a document's pages; one that cannot be read is marked as failed.

        Raises:
            EndpointError: no page can be read.
            Refused: it takes too long (503).
        """
        client = self._client.with_headers(self._headers_of(queued.sender))
        policy = ReadingPolicy.of(self.endpoint, boxes=True)
        if not listener.wants_blocks:  # what the model gives costs no more
            policy = replace(policy, finds_boxes=False)
        page_reader = PageReader(self.endpoint, client, policy, worker=self._pool)
        tasks: list[asyncio.Task[PageResult]] = []
        try:
            async with asyncio.timeout(self._limits.document_seconds), asyncio.TaskGroup() as group:
                for index in document.chosen:
                    await listener.has_room()
                    if self.queue.is_busy and all(task.done() for task in tasks):
                        listener.on_wait("Other pages are being read.")
                    await self.queue.take(queued)
                    work = self._read_page(page_reader, document.file, index, listener)
                    task = group.create_task(work)
                    # A callback, because a task that is cancelled early never runs.
                    task.add_done_callback(lambda _: self.queue.release(queued))
                    tasks.append(task)
        except TimeoutError:
            hours = self._limits.document_seconds / 3600
            raise Refused(
                503, f"{document.file.name} took longer than {hours:g} hours: send fewer pages."
            ) from None
        except BaseExceptionGroup as faults:  # the same for every page
            raise faults.exceptions[0] from None
        return DocumentResult(
            document.file.name,
            join_divided_words([task.result() for task in tasks]),
            self.endpoint.model.id,
            self.endpoint.label,
            document.page_count,
        )

    async def _read_page(
        self,
        page_reader: PageReader,
        file: DocumentFile,
        index: int,
        listener: DocumentListener,
    ) -> PageResult:
        page = await try_to_prepare(self._pool, file, index, self._options)
        preview = await self._preview(file, page) if listener.wants_previews else None
        listener.on_prepared(page, preview)
        result = await page_reader.read(page, listener)
        self.metrics.count_page(result)
        listener.on_page(page, result)
        return result

    async def _preview(self, file: DocumentFile, page: PreparedPage) -> bytes | None:
        if page.error:
            return None
        try:
            return await self._pool.preview(file, page.index)
        except DocumentError:
            return None  # the page was rendered before: it can be read without
