"""Run `lighton-ocr read`: open documents, start an engine, read, write results as they come."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, aclosing, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from lighton_ocr.api import open_endpoint
from lighton_ocr.cli.display import LiveText, ProgressBar, View, notice, stderr, warn, write_text
from lighton_ocr.cli.process import BROKEN_PIPE, INTERRUPTED, drop_output
from lighton_ocr.cli.read_job import JobDocument, ReadJob
from lighton_ocr.cli.read_summary import ReadSummary
from lighton_ocr.cli.read_targets import STDOUT, Targets, plan_targets
from lighton_ocr.documents import Source, choose_pages, load_source
from lighton_ocr.documents.pages import PageOptions, PreparedPage
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.documents.sources import TemporaryFolder, save_source
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import DocumentError, LightonOcrError, OutputError
from lighton_ocr.formats import DEFAULT, FORMATS, markdown
from lighton_ocr.formats.divided_words import join_words_of_page
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import apply_to_page
from lighton_ocr.reading.attempts import Attempt, PageBudget
from lighton_ocr.reading.reader import Listener, PageStream
from lighton_ocr.reading.results import PageResult

T = TypeVar("T")


def run(job: ReadJob) -> int:
    """Read the documents and return the exit status.

    Raises:
        LightonOcrError: nothing could be read at all; the message is for the user.
    """
    with ExitStack() as stack:
        # Pages are read in a thread of their own, where the renderers live, too. This one waits
        # for them, and for Ctrl-C.
        portal = stack.enter_context(start_blocking_portal())
        return _run(_ReadRun(job, portal, stack.enter_context(TemporaryFolder())))


def _run(work: "_ReadRun") -> int:
    try:
        work.read()
    except KeyboardInterrupt:
        work.finish_early()
        kept = "what was read so far is written" if work.has_results else "nothing was read yet"
        warn(f"interrupted; {kept}.")
        return INTERRUPTED
    except LightonOcrError:
        work.finish_early()
        raise
    except BrokenPipeError:
        drop_output()  # whoever read it has left
        return BROKEN_PIPE
    finally:
        work.view.stop()
        if work.summary.is_worth_telling(stderr.is_terminal):
            notice(str(work.summary))
    return work.status


class _ReadRun(Listener):
    """The state of one `read`: hears from the reader what happens and passes it to the view."""

    def __init__(self, job: ReadJob, portal: BlockingPortal, folder: TemporaryFolder) -> None:
        self.status = 0
        self.view: View = View()
        self.summary = ReadSummary()
        self._printed = False  # whether standard output holds text already
        self._job = job
        self._portal = portal
        self._folder = folder
        self._pool = RenderPool(1)
        self._opened: list[JobDocument] = []
        self._ended = threading.Event()  # no page is in flight any more
        self._targets = Targets(FORMATS[DEFAULT], job.options, ())
        self._endpoint: Endpoint | None = None

    @property
    def has_results(self) -> bool:
        """Whether any page was read."""
        return self.summary.pages > 0

    def read(self) -> None:
        """Read all documents; report and skip those that cannot be opened."""
        sources = self._load()
        self._targets = plan_targets(self._job, sources)
        wanted = self._wanted(sources)
        # An engine is started for a document, not for a mistake.
        first = self._portal.call(anext, wanted, None)
        if first is None:
            return
        job = self._job
        with open_endpoint(
            job.url,
            job.model,
            on_notice=notice,
            check_model=job.check_model,
            ocr_drafts=job.ocr_drafts,
        ) as endpoint:
            self._endpoint = endpoint
            self._choose_view(endpoint, sources)
            reading = self._portal.start_task_soon(self._read, endpoint, _chain(first, wanted))
            try:
                reading.result()
            except BaseException:  # Ctrl-C, for one: no page may be in flight when the engine ends
                reading.cancel()
                self._ended.wait()
                raise

    def finish_early(self) -> None:
        """Write what there is of the documents that are not complete."""
        self.view.stop()
        for opened in list(self._opened):
            try:
                self._finish(opened)
            except OutputError as error:
                self._report(error)

    async def prepare(
        self, document: JobDocument, index: int, options: PageOptions
    ) -> PreparedPage:
        """Prepare a page for the reader; see `Preparer`."""
        return await self._pool.prepare(document.file, index, options)

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """See `Worker`."""
        return await self._pool.run(work, *args)

    def on_start(self, page: int) -> None:
        self.view.on_start(page)

    def on_text(self, page: int, text: str) -> None:
        self.view.on_text(page, text)

    def on_retry(self, page: int, reason: str) -> None:
        self.view.on_retry(page, reason)

    def on_corrected(self, page: int, text: str) -> None:
        self.view.on_corrected(page, text)

    def on_attempt(self, page: int, attempt: Attempt) -> None:
        self.view.on_attempt(page, attempt)

    def on_page(self, document: JobDocument, result: PageResult) -> None:
        """Keep the result at once: an interruption must not lose pages that finished early."""
        document.done[result.page - 1] = result
        self.summary.add(document.file.name, result)
        self.view.on_page(result)
        for warning in result.warnings:
            warn(f"{document.file.name}: {warning}")
        if result.failed:
            self.status = max(self.status, 1)

    def _load(self) -> list[Source]:
        sources = []
        for argument in self._job.files:
            try:
                sources.append(load_source(argument))
            except LightonOcrError as error:
                self._report(error)
        return sources

    async def _wanted(self, sources: Sequence[Source]) -> AsyncIterator[tuple[JobDocument, int]]:
        """Give every page to be read; a document is opened when it is its turn."""
        for source, target in zip(sources, self._targets.paths, strict=True):
            try:
                file = save_source(source, self._folder, self._job.password)
                count = await self._pool.count_pages(file)
                chosen = choose_pages(self._job.pages, count, file.name)
                needed = await asyncio.to_thread(self._targets.pages_to_read, file, chosen)
                if not needed:
                    self.summary.written += self._targets.copy(file, target)
                    continue
            except LightonOcrError as error:
                self._report(error)
                continue
            opened = JobDocument(source, file, target, count, needed)
            self._opened.append(opened)
            self.view.add_pages(len(needed))
            for index in needed:
                yield opened, index

    def _report(self, error: LightonOcrError) -> None:
        warn(str(error))
        self.status = max(self.status, error.exit_code)

    def _choose_view(self, endpoint: Endpoint, sources: Sequence[Source]) -> None:
        options = self._job.options
        alone = len(sources) == 1 and endpoint.slots == 1
        alone &= not options.changes_text and not options.front_matter
        if alone and self._prints_markdown(self._targets.paths[0]) and sys.stdout.isatty():
            (opened,) = self._opened
            self.view = LiveText(partial(self._page_break, opened))
            self.live = True
        else:
            self.view = ProgressBar()
        self.view.add_pages(sum(len(opened.chosen) for opened in self._opened))

    async def _read(
        self, endpoint: Endpoint, wanted: AsyncIterator[tuple[JobDocument, int]]
    ) -> None:
        stream = PageStream(
            endpoint,
            self,
            encoding=self._job.encoding,
            listener=self,
            budget=PageBudget.of(endpoint, self._job.page_timeout),
            own_text=self._job.own_text,
            ocr_drafts=self._job.ocr_drafts,
            boxes=self._job.boxes or not self._job.options.margins,
        )
        try:
            async with stream, aclosing(stream.read_pages(wanted)) as results:
                async for opened, result in results:
                    if self._prints_markdown(opened.target):
                        self._print_pages(opened, opened.printed + 1)
                    if result.page - 1 == opened.chosen[-1]:
                        await asyncio.to_thread(self._finish, opened)
        finally:
            self._ended.set()

    def _finish(self, opened: JobDocument) -> None:
        """Write a document, or what there is of it."""
        self._opened.remove(opened)
        if self._prints_markdown(opened.target):
            self._print_pages(opened, len(opened.done))
        elif opened.done:
            self._write(opened)

    def _write(self, opened: JobDocument) -> None:
        try:
            self._targets.write(self._result(opened), opened.target, opened.file)
        except DocumentError as error:
            self._report(error)
            return
        if opened.target is not STDOUT:
            self.summary.written.append(self._targets.written(opened.target))

    def _result(self, opened: JobDocument) -> DocumentResult:
        assert self._endpoint is not None  # noqa: S101 - it has read the pages
        model, label = self._endpoint.model.id, self._endpoint.label
        return DocumentResult(opened.source.name, opened.results, model, label, opened.page_count)

    def _print_pages(self, opened: JobDocument, up_to: int) -> None:
        """Print Markdown page by page, so that a pipe gets it early."""
        for index, result in enumerate(opened.results[:up_to]):
            if index >= opened.printed and not self.live:
                text = self._page_text(opened, result, is_first=index == 0)
                try:
                    write_text(text)
                except OutputError as error:
                    with suppress(ValueError):  # it may be printed for the last time
                        self._opened.remove(opened)
                    document = self._result(opened)
                    raise self._targets.rescue(error, document, STDOUT, opened.file) from error
                self._printed = True
        opened.printed = up_to

    def _page_text(self, opened: JobDocument, result: PageResult, is_first: bool) -> str:
        """Return a page's Markdown, with what stands between it and the text before it."""
        opened.words.add(result.text)
        page = join_words_of_page(result, opened.words)
        page = apply_to_page(page, self._job.options, self._targets.format)
        page_break = self._page_break(opened, result.page)
        text = markdown.render_page(page, page_break, self._job.options)
        if self._job.options.front_matter and is_first and self._endpoint:
            numbers = [index + 1 for index in opened.chosen]
            model = self._endpoint.model.id
            text = f"{markdown.front_matter(opened.source.name, numbers, model)}\n{text}"
        return f"\n{text}" if self._printed else text

    def _prints_markdown(self, target: Path | None) -> bool:
        return target is STDOUT and self._targets.format.name == DEFAULT

    def _page_break(self, opened: JobDocument, page: int) -> str:
        if len(opened.chosen) == 1:
            return ""
        return markdown.page_break(page, self._job.options, opened.chosen.index(page - 1))


async def _chain(
    first: tuple[JobDocument, int], others: AsyncIterator[tuple[JobDocument, int]]
) -> AsyncIterator[tuple[JobDocument, int]]:
    yield first
    async for other in others:
        yield other
