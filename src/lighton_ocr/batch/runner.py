"""Read a stream of pages through one endpoint, on this machine, on Modal or on a cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.ocr_drafts import OcrDrafts
from lighton_ocr.documents.pages import PageOptions, PreparedPage
from lighton_ocr.documents.prepare import Preparer, try_to_prepare
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import LightonOcrError
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult


@dataclass(frozen=True)
class WantedPage:
    """A page to read; `index` counts from 0, `digest` is the SHA-256 of its document's bytes."""

    file: DocumentFile
    digest: str
    index: int


@dataclass(frozen=True)
class FinishedPage:
    """A page and its result."""

    page: WantedPage
    result: PageResult


Deliver = Callable[[FinishedPage], Coroutine[Any, Any, None]]


class Runner(Protocol):
    """Reads a batch's pages, on this machine or elsewhere; `label` names the place in results."""

    @property
    def settings(self) -> ReadingSettings:
        """Everything that decides the pages' text."""

    @property
    def label(self) -> str:
        """Where pages are read."""

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """Read every page of the stream once, and await `deliver` with each result, in any order.

        A page is held in memory until `deliver` returns. The result of a page that cannot be read
        is marked as failed.

        Raises:
            ExceptionGroup: of what the stream, `deliver` or the endpoint raised (AccessDenied,
                ModelMissing, EndpointGone); the pages in flight are abandoned.
        """


class EndpointRunner:
    """Renders pages ahead, sends as many at a time as the endpoint takes, delivers each result.

    At most twice as many pages as may be in flight are held, plus one for each renderer. Use it
    inside one running event loop. `settings` are those of the endpoint; `ocr_drafts` and its errors
    are as in `PageStream`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        settings: ReadingSettings,
        renderers: RenderPool,
        *,
        ocr_drafts: bool = False,
        concurrency: AdaptiveConcurrency | None = None,
        listener: PageListener | None = None,
    ) -> None:
        self.settings = settings
        self.label = endpoint.label
        self._endpoint = endpoint
        self._options = PageOptions.of(
            endpoint, settings.encoding, with_own_text=settings.policy.own_text != "off"
        )
        self._renderers = renderers
        self._preparer: Preparer[DocumentFile] = renderers
        if ocr_drafts:
            self._preparer = OcrDrafts.of(renderers, endpoint)
        self._concurrency = concurrency or AdaptiveConcurrency.of(endpoint)
        self._listener = listener or PageListener()
        self._held = 0
        self._released = asyncio.Condition()

    async def read(self, wanted: AsyncIterator[WantedPage], deliver: Deliver) -> None:
        """See `Runner.read`."""
        one_at_a_time = asyncio.Lock()
        async with PageClient(self._endpoint) as client, asyncio.TaskGroup() as group:
            policy = self.settings.policy
            reader = PageReader(self._endpoint, client, policy, self._concurrency, self._preparer)

            async def render_ahead() -> None:
                while True:
                    await self._wait_for_capacity()
                    async with one_at_a_time:
                        page = await anext(wanted, None)
                    if page is None:
                        return
                    prepared = await try_to_prepare(
                        self._preparer, page.file, page.index, self._options
                    )
                    group.create_task(self._finish(reader, page, prepared, deliver))

            for _ in range(self._renderers.count):
                group.create_task(render_ahead())

    async def _wait_for_capacity(self) -> None:
        async with self._released:
            await self._released.wait_for(lambda: self._held < self._capacity)
            self._held += 1

    @property
    def _capacity(self) -> int:
        return 2 * self._concurrency.limit + self._renderers.count

    async def _finish(
        self, reader: PageReader, page: WantedPage, prepared: PreparedPage, deliver: Deliver
    ) -> None:
        result = await reader.read(prepared, self._listener)
        await deliver(FinishedPage(page, result))
        async with self._released:
            self._held -= 1
            self._released.notify_all()


def first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that ended a run; the others followed from its end."""
    ours, others = errors.split(LightonOcrError)
    error: BaseException = others or ours or errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
