"""Read a stream of pages through one endpoint: what runs here, on Modal and on clusters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.catalog import Model
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.pages import Encoding, PageOptions, PreparedPage
from lighton_ocr.documents.prepare import try_to_prepare
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import LightonOcrError
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult


@dataclass(frozen=True)
class WantedPage:
    """A page to read; `index` counts from 0, `content` is the SHA-256 of its document's bytes."""

    file: DocumentFile
    content: str
    index: int


@dataclass(frozen=True)
class FinishedPage:
    """A page and its result."""

    page: WantedPage
    result: PageResult


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
        self._options = PageOptions.of(endpoint, encoding)
        self._renderers = renderers
        self.pace = pace or AdaptiveConcurrency.of(endpoint)
        self._held = 0
        self._capacity = asyncio.Condition()

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """See `Runner.read`."""
        one_at_a_time = asyncio.Lock()
        async with PageClient(self._endpoint) as client, asyncio.TaskGroup() as group:
            reader = PageReader(self._endpoint, client, self.pace)

            async def render_ahead() -> None:
                while True:
                    await self._wait_for_capacity()
                    async with one_at_a_time:
                        page = await anext(wanted, None)
                    if page is None:
                        return
                    prepared = await try_to_prepare(
                        self._renderers, page.file, page.index, self._options
                    )
                    group.create_task(self._finish(reader, page, prepared, deliver))

            for _ in range(self._renderers.count):
                group.create_task(render_ahead())

    async def _wait_for_capacity(self) -> None:
        async with self._capacity:
            await self._capacity.wait_for(lambda: self._held < self._most())
            self._held += 1

    def _most(self) -> int:
        return 2 * self.pace.limit + self._renderers.count

    async def _finish(
        self, reader: PageReader, page: WantedPage, prepared: PreparedPage, deliver: Deliver
    ) -> None:
        result = await reader.read(prepared, PageListener())
        await deliver(FinishedPage(page, result))
        async with self._capacity:
            self._held -= 1
            self._capacity.notify_all()


def first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended a run; the others came of its end."""
    ours, others = errors.split(LightonOcrError)
    error: BaseException = others or ours or errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
