"""A batch: documents in, pages through a runner, results out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lighton_ocr.batch.inputs import Input, find_inputs
from lighton_ocr.batch.journal import Entry, PageRow
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.manifest import Manifest
from lighton_ocr.batch.outputs import Output
from lighton_ocr.batch.resume import BatchPlan, OpenDocument, Opener
from lighton_ocr.batch.runner import FinishedPage, Runner, WantedPage, first_error
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import Model
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.documents.sources import printable
from lighton_ocr.errors import DocumentError, LightonOcrError, OutputError, TooManyFailures
from lighton_ocr.formats import find_format
from lighton_ocr.reading.results import DocumentResult

_OPENERS = 4  # documents that are fetched and opened at a time, and as many that wait opened
_FIGURES_SECONDS = 5.0  # between two times that the journal is told


class BatchListener:
    """Is told what goes wrong while a batch runs; override what you need."""

    def on_warning(self, sentence: str) -> None:
        """A document or a page failed, or a page was not read to its end."""


class Batch:
    """One run of a plan through a runner; `figures` may be looked at while it runs."""

    def __init__(
        self,
        plan: BatchPlan,
        output: Output,
        scribe: JournalWriter,
        state: Path,
        *,
        figures: BatchStats,
        listener: BatchListener,
        renderers: RenderPool,
        runner: Runner,
    ) -> None:
        self.figures = figures
        self._plan = plan
        self._runner = runner
        self._recipe = describe_recipe(runner.model, runner.encoding)
        self._output = output
        self._scribe = scribe
        self._journal = scribe.journal
        self._manifest = Manifest(self._journal, output, state)
        self._downloads = state / "downloads"
        self._listener = listener
        self._recipe_number = self._journal.find_recipe(self._recipe)
        self._opener = Opener(plan, self._recipe_number, output, scribe, renderers, self._downloads)
        self._inputs = find_inputs(plan.inputs, output.folder)
        self._next_input = asyncio.Lock()
        self._opened: asyncio.Queue[OpenDocument | None] = asyncio.Queue(_OPENERS)
        self._by_path: dict[Path, OpenDocument] = {}
        self._by_content: dict[str, OpenDocument] = {}
        self._ended = False

    async def run(self) -> None:
        """Read everything that is not read yet, and write what is complete.

        Raises:
            UsageError: an input that is not there.
            TooManyFailures: more than the plan allows; the rest was not tried.
            OutputError: the journal or the manifest cannot be written.
            EndpointError: nobody to read pages.
        """
        await asyncio.to_thread(self._clear_downloads)
        await self._scribe.call(self._journal.begin_run, self._runner.model.id, self._runner.label)
        await self._scribe.call(self._manifest.rewrite)
        try:
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(asyncio.to_thread(self._count_documents)),
                    group.create_task(self._keep_figures()),
                ]
                openers = group.create_task(self._open_documents())
                await self._runner.read(self._wanted(), self._deliver)
                await openers
                self.figures.documents = self.figures.documents_taken_up
                for task in beside:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        finally:
            self._ended = True
            await self._scribe.call(self._journal.save_figures, self.figures.as_json(), True)
            await self._scribe.call(self._manifest.rewrite)

    async def _open_documents(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(_OPENERS):
                group.create_task(self._open_one_after_the_other())
        await self._opened.put(None)

    async def _open_one_after_the_other(self) -> None:
        while True:
            async with self._next_input:
                found = await asyncio.to_thread(next, self._inputs, None)
            if found is None:
                return
            entry = await self._opener.take_up(found)
            if entry is not None:
                self.figures.documents_taken_up += 1
                await self._open(found, entry)

    async def _open(self, document: Input, entry: Entry) -> None:
        try:
            found = await self._opener.examine(document, entry)
        except (DocumentError, OutputError) as fault:
            await self._fail(entry, str(fault))
            return
        pages = found.entry.pages or 0
        self.figures.pages_known += pages
        self.figures.pages_before += pages - len(found.missing)
        if found.kept:
            await self._scribe.call(self._journal.save_document, replace(found.entry, state="kept"))
            await self._list(entry, replace(found.entry, state="kept"))
            self.figures.documents_kept += 1
        elif found.current:
            self.figures.documents_done += 1
        elif found.missing and found.local is not None:
            await self._enqueue(
                OpenDocument(
                    found.entry,
                    found.local,
                    self._plan.password,
                    list(found.missing),
                    len(found.missing),
                )
            )
        else:
            if found.local is not None:
                found.local.discard()
            await self._write(found.entry)

    async def _enqueue(self, document: OpenDocument) -> None:
        content = document.entry.content or ""
        first = self._by_content.setdefault(content, document)
        if first is not document:  # the same bytes under another name: read once, written twice
            first.twins.append(document.entry)
            self.figures.pages_before += document.left
            document.local.discard()
            return
        self._by_path[document.local.path] = document
        await self._opened.put(document)

    async def _wanted(self) -> AsyncIterator[WantedPage]:
        while (document := await self._opened.get()) is not None:
            for index in document.missing:
                yield WantedPage(document.file, document.entry.content or "", index)

    async def _deliver(self, result: FinishedPage) -> None:
        """Keep a page, count it, and write its document if it was the last."""
        document = self._by_path[result.page.file.path]
        reading = result.result
        content = document.entry.content or ""
        row = PageRow(content, self._recipe_number, reading)
        await self._scribe.save_page(row)
        self.figures.count(reading)
        for warning in reading.warnings:
            self._listener.on_warning(f"{document.entry.address}: {warning}")
        document.left -= 1
        if document.left == 0:
            del self._by_path[document.local.path], self._by_content[content]
            document.local.discard()
            for entry in (document.entry, *document.twins):
                await self._write(entry)
        self._stop_if_too_much_failed()

    async def _write(self, entry: Entry) -> None:
        readings = await self._scribe.call(
            lambda: tuple(self._journal.readings(entry.content or "", self._recipe_number))
        )
        document = DocumentResult(
            entry.address, readings, self._runner.model.id, self._runner.label
        )
        try:
            await asyncio.to_thread(self._write_results, entry.stem, document)
        except OutputError as fault:
            await self._fail(entry, f"{fault} Its pages are kept; the next run writes them.")
            return
        done = replace(
            entry,
            state="done",
            formats=",".join(self._plan.formats),
            failed_pages=document.failed_pages,
            tokens=sum(reading.completion_tokens for reading in readings),
            error=None,
        )
        await self._scribe.call(self._journal.save_document, done)
        await self._list(entry, done)
        self.figures.documents_done += 1

    def _write_results(self, stem: str, document: DocumentResult) -> None:
        for format, name in zip(self._plan.formats, self._plan.results(stem), strict=True):
            self._output.write(name, find_format(format).render(document))

    async def _fail(self, entry: Entry, reason: str) -> None:
        failed = replace(entry, state="failed", error=printable(reason))
        await self._scribe.call(self._journal.save_document, failed)
        await self._list(entry, failed)
        self.figures.documents_failed += 1
        self._listener.on_warning(reason)
        self._stop_if_too_much_failed()

    async def _list(self, before: Entry, now: Entry) -> None:
        if before.state == "open":  # the others have a line, which the end of the run renews
            recipe = self._recipe if now.recipe else None
            await self._scribe.call(self._manifest.add, now, recipe)

    def _stop_if_too_much_failed(self) -> None:
        if self.figures.failures > self._plan.max_failures:
            raise TooManyFailures(
                f"Stopped after {self.figures.failures} failures (--max-failures "
                f"{self._plan.max_failures}). What was read is kept: the same command goes on, and "
                "tries the failed ones again."
            )

    def _count_documents(self) -> None:
        count = 0
        with suppress(LightonOcrError):  # the openers meet it, too, and say so
            for _ in find_inputs(self._plan.inputs, self._output.folder):
                count += 1
                if self._ended:
                    return
            self.figures.documents = count

    async def _keep_figures(self) -> None:
        while True:
            await asyncio.sleep(_FIGURES_SECONDS)
            await self._scribe.call(self._journal.save_figures, self.figures.as_json())

    def _clear_downloads(self) -> None:
        """Remove what a killed run has left behind."""
        self._downloads.mkdir(parents=True, exist_ok=True)
        for file in self._downloads.iterdir():
            file.unlink()


def describe_recipe(model: Model, encoding: Encoding) -> str:
    """All that decides what a page's text may be, beside its content."""
    sampling = model.sampling
    return (
        f"{model.id}, {encoding}, edge {model.edge}, grid {model.grid}, "
        f"temperature {sampling.temperature}, top_p {sampling.top_p}, "
        f"max_tokens {sampling.max_tokens}"
    )
