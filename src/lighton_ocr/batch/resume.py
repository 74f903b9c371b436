"""Decide what is left to do for a document: nothing, read some of its pages, or write its results.

A batch that is run again goes through all of its documents this way, and so continues where it was.
"""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lighton_ocr.batch.fetching import LocalFile, compute_digest, fetch, find_etag
from lighton_ocr.batch.inputs import BatchInput
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.outputs import Output
from lighton_ocr.batch.records import DocumentRecord
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.formats.files import result_names
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions


@dataclass(frozen=True)
class BatchPlan:
    """What to read and how to write it; `max_failures` counts the pages and documents of a run.

    A change of `options` writes the results again, and reads no page again.
    """

    inputs: tuple[str, ...]
    formats: tuple[str, ...] = ("md",)
    password: str | None = None
    force: bool = False
    max_failures: int = 1000
    options: OutputOptions = DEFAULT_OPTIONS

    def results(self, stem: str, pages: int | None) -> list[str]:
        """Return the names of a document's results; the first page's, if their number is unknown.

        The pictures of figures are not among them.
        """
        return result_names(stem, self.formats, pages or 1, per_page=self.options.per_page)


@dataclass(frozen=True)
class RemainingWork:
    """What is left to do for a document.

    `skip`: its results are up to date. `keep`: results that no batch wrote exist. `read`: read its
    `missing` pages (indices from 0) from `local`, then write. `write`: only write. The document has
    the state in which the run found it.
    """

    action: Literal["skip", "keep", "read", "write"]
    document: DocumentRecord
    missing: tuple[int, ...] = ()
    local: LocalFile | None = None

    @property
    def pages_done(self) -> int:
        """How many of its pages need not be read."""
        return (self.document.pages or 0) - len(self.missing)


class DocumentResumer:
    """Compares documents with the journal and the output; a run has one for all of its documents.

    Documents that are not local files are downloaded to `downloads`, if they have to be opened.
    """

    def __init__(
        self,
        plan: BatchPlan,
        settings_id: int,
        output: Output,
        journal_writer: JournalWriter,
        renderers: RenderPool,
        downloads: Path,
    ) -> None:
        self._plan = plan
        self._settings_id = settings_id
        self._output = output
        self._journal_writer = journal_writer
        self._journal = journal_writer.journal
        self._renderers = renderers
        self._downloads = downloads

    async def open(self, document: BatchInput) -> DocumentRecord | None:
        """Return the journal's record of a document, None if this run has opened it before."""
        return await self._journal_writer.call(
            self._journal.open_document, document.name, document.stem
        )

    async def find_work(self, address: str, document: DocumentRecord) -> RemainingWork:
        """Decide what is left to do; the journal then has the document's digest and pages.

        `address` is where the document can be opened.

        Raises:
            DocumentError: it cannot be downloaded or opened.
            OutputError: the output cannot be reached, or the journal cannot be written.
        """
        # Without a digest, no batch has read the document, and its results are not from one.
        if document.digest is None and not self._plan.force and await self._has_results(document):
            return RemainingWork("keep", document)
        etag = await asyncio.to_thread(find_etag, address)
        is_unchanged = etag is not None and etag == document.etag
        if is_unchanged and await self._is_up_to_date(document):
            return RemainingWork("skip", document)
        local = None
        if not is_unchanged or document.digest is None:
            local = await asyncio.to_thread(fetch, address, self._downloads)
        try:
            return await self._find_missing_pages(address, document, etag, local)
        except BaseException:
            if local is not None:
                local.discard()
            raise

    async def _find_missing_pages(
        self, address: str, document: DocumentRecord, etag: str | None, local: LocalFile | None
    ) -> RemainingWork:
        digest, pages = document.digest, document.pages
        if local is not None:
            digest = await asyncio.to_thread(compute_digest, local.path)
            if digest == document.digest and await self._is_up_to_date(document):
                local.discard()
                return RemainingWork("skip", document)
            if digest != document.digest or pages is None:
                file = DocumentFile(local.path, document.address, self._plan.password)
                pages = await self._renderers.count_pages(file)
        assert digest is not None  # noqa: S101 - known before, or just computed
        assert pages is not None  # noqa: S101
        now = replace(
            document, etag=etag, digest=digest, pages=pages, settings_id=self._settings_id
        )
        await self._journal_writer.call(
            self._journal.save_document, replace(now, state="open", error=None)
        )
        read = await self._journal_writer.call(self._journal.pages_read, digest, self._settings_id)
        missing = tuple(index for index in range(pages) if index + 1 not in read)
        if not missing:
            if local is not None:
                local.discard()
            return RemainingWork("write", now)
        if local is None:
            local = await asyncio.to_thread(fetch, address, self._downloads)
        return RemainingWork("read", now, missing, local)

    async def _is_up_to_date(self, document: DocumentRecord) -> bool:
        return (
            document.state == "done"
            and document.settings_id == self._settings_id
            and document.formats == ",".join(self._plan.formats)
            and document.options == self._plan.options.to_json()
            and not document.failed_pages
            and not self._plan.force
            and await self._has_results(document)
        )

    async def _has_results(self, document: DocumentRecord) -> bool:
        names = self._plan.results(document.stem, document.pages)
        return await asyncio.to_thread(lambda: all(map(self._output.holds, names)))
