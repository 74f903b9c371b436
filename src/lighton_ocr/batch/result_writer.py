"""Finish documents: write their results, record them in the journal, list them in the manifest."""

import asyncio
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lighton_ocr._text import printable
from lighton_ocr.batch.fetching import fetch
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.manifest import Manifest
from lighton_ocr.batch.outputs import Output
from lighton_ocr.batch.records import DocumentRecord
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.documents import DocumentFile
from lighton_ocr.errors import DocumentError, OutputError, TooManyFailures
from lighton_ocr.formats import Original, find_format
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.files import ResultFile, result_files


class ResultWriter:
    """Finishes the documents of a run. Each is passed with the state in which the run found it.

    `model` and `endpoint` are named in the results; `on_warning` gets a sentence for each failure.
    """

    def __init__(
        self,
        plan: BatchPlan,
        output: Output,
        journal_writer: JournalWriter,
        manifest: Manifest,
        stats: BatchStats,
        on_warning: Callable[[str], None],
        *,
        model: str,
        endpoint: str,
    ) -> None:
        self._plan = plan
        self._output = output
        self._journal_writer = journal_writer
        self._journal = journal_writer.journal
        self._manifest = manifest
        self._stats = stats
        self._on_warning = on_warning
        self._model = model
        self._endpoint = endpoint

    async def write(self, document: DocumentRecord, address: str) -> None:
        """Write the results of a document whose pages are all in the journal.

        `address` is where the document can be opened.

        Raises:
            OutputError: the journal or the manifest cannot be written.
            TooManyFailures: the results cannot be written, and too many others have failed.
        """
        digest, settings_id = document.digest or "", document.settings_id or 0
        pages = await self._journal_writer.call(
            lambda: tuple(self._journal.results(digest, settings_id))
        )
        result = DocumentResult(
            document.address, pages, self._model, self._endpoint, document.pages or 0
        )
        try:
            await asyncio.to_thread(self._write_formats, document, address, result)
        except DocumentError as error:
            await self.fail(document, str(error))
            return
        except OutputError as error:
            await self.fail(document, f"{error} Its pages are kept; the next run writes them.")
            return
        done = replace(
            document,
            state="done",
            formats=",".join(self._plan.formats),
            options=self._plan.options.to_json(),
            failed_pages=result.failed_pages,
            error=None,
        )
        await self._record(document, done)
        self._stats.documents_done += 1

    async def keep(self, document: DocumentRecord) -> None:
        """Record that results that no batch wrote stay as they are.

        Raises:
            OutputError: the journal or the manifest cannot be written.
        """
        kept = replace(
            document,
            state="kept",
            formats=",".join(self._plan.formats),
            options=self._plan.options.to_json(),
        )
        await self._record(document, kept)
        self._stats.documents_kept += 1

    async def fail(self, document: DocumentRecord, reason: str) -> None:
        """Record a document that cannot be read or written.

        Raises:
            OutputError: the journal or the manifest cannot be written.
            TooManyFailures: see `stop_after_too_many_failures`.
        """
        await self._record(document, replace(document, state="failed", error=printable(reason)))
        self.count_failure(reason)

    def count_failure(self, reason: str) -> None:
        """Count a document that failed, and warn of it.

        Raises:
            TooManyFailures: see `stop_after_too_many_failures`.
        """
        self._stats.documents_failed += 1
        self._on_warning(reason)
        self.stop_after_too_many_failures()

    def stop_after_too_many_failures(self) -> None:
        """Compare the failures of this run with the plan's limit.

        Raises:
            TooManyFailures: more pages and documents failed than that.
        """
        if self._stats.failures > self._plan.max_failures:
            raise TooManyFailures(
                f"Stopped after {self._stats.failures} failures (--max-failures "
                f"{self._plan.max_failures}). What was read is kept. Run the same command again to "
                "resume; it also retries what failed."
            )

    def _write_formats(
        self, document: DocumentRecord, address: str, result: DocumentResult
    ) -> None:
        formats = [find_format(name) for name in self._plan.formats]
        with TemporaryDirectory() as folder, ExitStack() as stack:
            path = Path(address)
            if any(format.needs_original for format in formats):
                local = fetch(address, Path(folder))
                stack.callback(local.discard)
                path = local.path
            original = Original(
                DocumentFile(path, document.address, self._plan.password), self._on_warning
            )
            impossible: list[DocumentError] = []
            for format in formats:
                name = f"{document.stem}.{format.name}"
                self._check_original(Path(address), name)
                try:
                    files = result_files(result, format, self._plan.options, name, original)
                    self._write_files(files)
                except DocumentError as error:  # the other formats are written all the same
                    impossible.append(error)
            if impossible:
                raise impossible[0]

    def _write_files(self, files: Iterable[ResultFile]) -> None:
        pages: set[str] = set()
        for file in files:
            self._output.write(file.name, file.data)
            pages |= {file.name} if file.is_page else set()
        if pages:  # an earlier version of the document may have had more
            self._output.remove_other_pages(pages)

    def _check_original(self, document: Path, name: str) -> None:
        """Check that a result does not overwrite its own document, even if that is asked for."""
        folder = self._output.folder
        # Unlike Path, os.path says of an address that is too long that there is no such file.
        if folder is None or not (os.path.exists(document) and os.path.exists(folder / name)):  # noqa: PTH110
            return
        if document.samefile(folder / name):
            raise OutputError(
                f"{document} would be overwritten by its own result: name another folder with "
                "--out."
            )

    async def _record(self, before: DocumentRecord, now: DocumentRecord) -> None:
        await self._journal_writer.call(self._journal.save_document, now)
        if before.state == "open":  # the others have a line, which is rewritten after the run
            await self._journal_writer.call(self._manifest.add, now.address)
