"""One run of a batch: open documents, send their missing pages to a runner, write the results."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lighton_ocr.batch.fetching import LocalFile
from lighton_ocr.batch.folders import LeftOut
from lighton_ocr.batch.inputs import BatchInput, find_inputs, is_remote
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.manifest import Manifest
from lighton_ocr.batch.outputs import Output
from lighton_ocr.batch.records import DocumentRecord, PageRecord
from lighton_ocr.batch.result_writer import ResultWriter
from lighton_ocr.batch.resume import BatchPlan, DocumentResumer, RemainingWork
from lighton_ocr.batch.runner import FinishedPage, Runner, WantedPage, first_error
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.errors import DocumentError, LightonOcrError, OutputError
from lighton_ocr.reading.listener import PageListener

_OPENERS = 4  # documents that are fetched and opened at a time, and that many wait when opened
_STATS_SECONDS = 5.0  # between two times that the stats are saved


class BatchListener(PageListener):
    """Override the methods of what you want to be told.

    What happens to single pages is told only by an engine that this process asks.
    """

    def on_warning(self, sentence: str) -> None:
        """A document or a page failed, or the text of a page is doubtful."""


@dataclass(eq=False)
class _OpenDocument:
    """A document whose pages are being read.

    `address` opens it. `missing` are their indices, and `left` how many are not delivered yet.
    `twins` are documents with the same bytes, and their addresses, which are written together with
    this one.
    """

    record: DocumentRecord
    address: str
    local: LocalFile
    missing: tuple[int, ...]
    left: int
    twins: list[tuple[DocumentRecord, str]] = field(default_factory=list)


class Batch:
    """One run of a plan; `stats` can be read while it runs.

    `state` is the output's state folder. A batch runs once, inside one event loop.
    """

    def __init__(
        self,
        plan: BatchPlan,
        output: Output,
        journal_writer: JournalWriter,
        state: Path,
        *,
        stats: BatchStats,
        listener: BatchListener,
        renderers: RenderPool,
        runner: Runner,
    ) -> None:
        self.stats = stats
        self._plan = plan
        self._runner = runner
        self._listener = listener
        self._output = output
        self._journal_writer = journal_writer
        self._journal = journal_writer.journal
        self._downloads = state / "downloads"
        with self._journal.translate_errors():
            self._settings_id = self._journal.find_settings(runner.settings)
        self._resumer = DocumentResumer(
            plan, self._settings_id, output, journal_writer, renderers, self._downloads
        )
        self._manifest = Manifest(self._journal, output, state)
        self._writer = ResultWriter(
            plan,
            output,
            journal_writer,
            self._manifest,
            stats,
            listener.on_warning,
            model=runner.settings.model,
            endpoint=runner.label,
        )
        self._left_out = LeftOut()
        self._inputs = find_inputs(plan.inputs, output.folder, self._left_out)
        self._next_input = asyncio.Lock()
        self._opened: asyncio.Queue[_OpenDocument | None] = asyncio.Queue(_OPENERS)
        self._by_path: dict[Path, _OpenDocument] = {}
        self._by_digest: dict[str, _OpenDocument] = {}
        self._digests: set[str] = set()  # of all documents that this run reads
        self._ended = False

    async def run(self) -> None:
        """Read the pages that are not in the journal, and write each document that is complete.

        Raises:
            UsageError: an input does not exist.
            TooManyFailures: more failed than the plan allows; the rest was not read.
            OutputError: the journal or the manifest cannot be written.
            EndpointError: no endpoint is available.
        """
        await asyncio.to_thread(self._clear_downloads)
        await self._journal_writer.call(
            self._journal.begin_run,
            self._runner.settings.model,
            self._runner.label,
            self._settings_id,
        )
        await self._journal_writer.call(self._manifest.rewrite)
        try:
            async with asyncio.TaskGroup() as group:
                background = [
                    group.create_task(asyncio.to_thread(self._count_documents)),
                    group.create_task(self._save_stats()),
                ]
                openers = group.create_task(self._open_documents())
                await self._runner.read(self._wanted_pages(), self._deliver)
                await openers
                self.stats.documents = self.stats.documents_opened
                if sentence := str(self._left_out):
                    self._listener.on_warning(sentence)
                for task in background:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        finally:
            self._ended = True
            await self._journal_writer.call(self._journal.save_stats, self.stats.as_json(), True)
            await self._journal_writer.call(self._manifest.rewrite)

    async def _open_documents(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(_OPENERS):
                group.create_task(self._open_in_turn())
        await self._opened.put(None)

    async def _open_in_turn(self) -> None:
        while True:
            async with self._next_input:
                document = await asyncio.to_thread(next, self._inputs, None)
            if document is None:
                return
            if document.error is not None:
                self.stats.documents_opened += 1
                self._writer.count_failure(document.error)
                continue
            record = await self._resumer.open(document)
            if record is not None:
                self.stats.documents_opened += 1
                await self._begin(document, record)

    async def _begin(self, document: BatchInput, record: DocumentRecord) -> None:
        try:
            work = await self._resumer.find_work(document.address, record)
        except (DocumentError, OutputError) as error:
            if isinstance(error, DocumentError) and not is_remote(document.address):
                self.stats.documents_unreadable += 1
            await self._writer.fail(record, str(error))
            return
        self.stats.pages_known += work.document.pages or 0
        if work.document.digest in self._digests:
            self.stats.pages_copied += work.pages_done
        else:
            self.stats.pages_before += work.pages_done
        match work.action:
            case "skip":
                self.stats.documents_done += 1
            case "keep":
                await self._writer.keep(work.document)
            case "write":
                await self._writer.write(work.document, document.address)
            case "read":
                await self._enqueue(work, document.address)

    async def _enqueue(self, work: RemainingWork, address: str) -> None:
        digest, local = work.document.digest, work.local
        assert digest is not None  # noqa: S101 - pages are missing, so it was opened
        assert local is not None  # noqa: S101
        document = _OpenDocument(work.document, address, local, work.missing, len(work.missing))
        self._digests.add(digest)
        first = self._by_digest.setdefault(digest, document)
        if first is not document:  # the same bytes under another name are read once
            first.twins.append((document.record, address))
            self.stats.pages_copied += document.left
            local.discard()
            return
        self._by_path[local.path] = document
        await self._opened.put(document)

    async def _wanted_pages(self) -> AsyncIterator[WantedPage]:
        while (document := await self._opened.get()) is not None:
            record = document.record
            file = DocumentFile(document.local.path, record.address, self._plan.password)
            for index in document.missing:
                yield WantedPage(file, record.digest or "", index)

    async def _deliver(self, finished: FinishedPage) -> None:
        """Save a page, count it, and write its document if it was the last one missing."""
        page, result = finished.page, finished.result
        document = self._by_path[page.file.path]
        await self._journal_writer.save_page(PageRecord(page.digest, self._settings_id, result))
        self.stats.count(result, document.record.stem)
        for warning in result.warnings:
            self._listener.on_warning(f"{document.record.address}: {warning}")
        document.left -= 1
        if document.left == 0:
            del self._by_path[document.local.path], self._by_digest[page.digest]
            document.local.discard()
            for record, address in ((document.record, document.address), *document.twins):
                await self._writer.write(record, address)
        self._writer.stop_after_too_many_failures()

    def _count_documents(self) -> None:
        count = 0
        with suppress(LightonOcrError):  # the openers meet the same error and report it
            for _ in find_inputs(self._plan.inputs, self._output.folder):
                count += 1
                if self._ended:
                    return
            self.stats.documents = count

    async def _save_stats(self) -> None:
        while True:
            await asyncio.sleep(_STATS_SECONDS)
            await self._journal_writer.call(self._journal.save_stats, self.stats.as_json())

    def _clear_downloads(self) -> None:
        """Remove what a killed run has left behind."""
        self._downloads.mkdir(parents=True, exist_ok=True)
        for file in self._downloads.iterdir():
            file.unlink()
