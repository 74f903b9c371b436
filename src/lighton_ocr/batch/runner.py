"""Read a stream of pages through one endpoint: what runs here, on Modal and on clusters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.catalog import Model
from lighton_ocr.documents.pages import EncodedPage, Encoding, Geometry
from lighton_ocr.documents.render_pool import DocumentFile, RenderPool
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import DocumentError, LightonOcrError
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult, blank_page, failed_page
from lighton_ocr.reading.retries import Attempt, PageListener


@dataclass(frozen=True)
class WantedPage:
    """A page to read; `index` counts from 0, `content` is the SHA-256 of its document's bytes."""

    file: DocumentFile
    content: str
    index: int


@dataclass(frozen=True)
class FinishedPage:
    """A page that was taken up: what was read, and each request that was sent for it."""

    page: WantedPage
    reading: PageResult
    tries: tuple[Attempt, ...]


Deliver = Callable[[FinishedPage], Awaitable[None]]


class Runner(Protocol):
    """Reads a batch's pages, here or elsewhere; `label` says where, in results."""

    @property
    def model(self) -> Model:
        """The model that reads."""

    @property
    def label(self) -> str:
        """Where it reads."""

    @property
    def encoding(self) -> Encoding:
        """How pages are sent to it."""

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """Read all pages of the stream, each of them once, in whatever order they finish.

        `deliver` is awaited with each result; a page is held until it returns. Bad pages are
        delivered as such.

        Raises:
            ExceptionGroup: of what the stream, `deliver` or the endpoint (AccessDenied,
                ModelMissing, EndpointGone) raised; pages in flight are given up.
        """


class EndpointRunner:
    """Renders pages ahead, sends them at the endpoint's pace and delivers them as they come.

    No more pages are held than twice what is in flight, and one for each renderer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        encoding: Encoding = "png",
        renderers: RenderPool,
        pace: AdaptiveConcurrency | None = None,
    ) -> None:
        self.model = endpoint.model
        self.label = endpoint.label
        self.encoding = encoding
        self._endpoint = endpoint
        self._renderers = renderers
        self.pace = pace or AdaptiveConcurrency.of(endpoint)
        self._held = 0
        self._room = asyncio.Condition()

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """See `Runner.read`."""
        one_at_a_time = asyncio.Lock()
        async with PageClient(self._endpoint) as client, asyncio.TaskGroup() as group:
            reader = PageReader(self._endpoint, client, self.pace)

            async def render_ahead() -> None:
                while True:
                    await self._take_room()
                    async with one_at_a_time:
                        page = await anext(wanted, None)
                    if page is None:
                        return
                    prepared = await self._prepare(page)
                    group.create_task(self._finish(reader, page, prepared, deliver))

            for _ in range(self._renderers.count):
                group.create_task(render_ahead())

    async def _take_room(self) -> None:
        async with self._room:
            await self._room.wait_for(lambda: self._held < self._most())
            self._held += 1

    def _most(self) -> int:
        return 2 * self.pace.limit + self._renderers.count

    async def _prepare(self, page: WantedPage) -> EncodedPage | PageResult:
        try:
            encoded = await self._renderers.prepare(
                page.file,
                page.index,
                Geometry.of(self._endpoint),
                self.encoding,
                drafted=self._endpoint.is_vllm,
            )
        except DocumentError as fault:
            return failed_page(page.index + 1, str(fault))
        return encoded or blank_page(page.index + 1)

    async def _finish(
        self,
        reader: PageReader,
        page: WantedPage,
        prepared: EncodedPage | PageResult,
        deliver: Deliver,
    ) -> None:
        tries = _Tries()
        if isinstance(prepared, EncodedPage):
            prepared = await reader.read(prepared, tries)
        await deliver(FinishedPage(page, prepared, tuple(tries.all)))
        async with self._room:
            self._held -= 1
            self._room.notify_all()


class _Tries(PageListener):
    """Collects the requests for one page."""

    def __init__(self) -> None:
        self.all: list[Attempt] = []

    def on_try(self, page: int, attempt: Attempt) -> None:
        self.all.append(attempt)


def first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended a run; the others came of its end."""
    ours, others = errors.split(LightonOcrError)
    error: BaseException = others or ours or errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
