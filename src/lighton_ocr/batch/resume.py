"""Take documents up one by one: is there anything to do, and which pages are still to be read?"""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from lighton_ocr.batch.fetching import LocalFile, fetch, find_stamp, fingerprint
from lighton_ocr.batch.inputs import Input
from lighton_ocr.batch.journal import Entry
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.outputs import Output
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.render_pool import RenderPool


@dataclass(frozen=True)
class BatchPlan:
    """What to read and how to write it down; `max_failures` counts pages and documents of a run."""

    inputs: tuple[str, ...]
    formats: tuple[str, ...] = ("md",)
    password: str | None = None
    force: bool = False
    max_failures: int = 1000

    def results(self, stem: str) -> list[str]:
        """The names of a document's results."""
        return [f"{stem}.{name}" for name in self.formats]


@dataclass(eq=False)
class OpenDocument:
    """A document with pages to read: their indices, and how many are not delivered yet.

    `entry` has the state in which the run found it. `twins` are documents of the same bytes, which
    wait for this one.
    """

    entry: Entry
    local: LocalFile
    password: str | None
    missing: list[int]
    left: int = 0
    twins: list[Entry] = field(default_factory=list)

    @property
    def file(self) -> DocumentFile:
        """What a renderer needs to know of it."""
        return DocumentFile(self.local.path, self.entry.address, self.password)


@dataclass(frozen=True)
class Examined:
    """What there is to do for a document.

    `current`: nothing, its results are up to date; `kept`: nothing, somebody else's results are
    there; otherwise its `missing` pages (indices) are to be read from `local`, then written.
    """

    entry: Entry
    current: bool = False
    kept: bool = False
    missing: tuple[int, ...] = ()
    local: LocalFile | None = None


class Opener:
    """Examines documents against the journal and the output; one for all of a run's."""

    def __init__(
        self,
        plan: BatchPlan,
        recipe: int,
        output: Output,
        scribe: JournalWriter,
        renderers: RenderPool,
        downloads: Path,
    ) -> None:
        self._plan = plan
        self._recipe = recipe
        self._output = output
        self._scribe = scribe
        self._journal = scribe.journal
        self._renderers = renderers
        self._downloads = downloads

    async def take_up(self, found: Input) -> Entry | None:
        """Enter a document in the journal; None if this run has taken it up already."""
        return await self._scribe.call(self._journal.take_up, found.name, found.stem)

    async def examine(self, found: Input, entry: Entry) -> Examined:
        """Find out what there is to do; the journal then knows the document's content and pages.

        Raises:
            DocumentError: it cannot be had or opened.
            OutputError: the output cannot be asked.
        """
        # A document whose content the journal does not know was never begun by it.
        if entry.content is None and not self._plan.force and await self._holds_results(entry):
            return Examined(replace(entry, formats=",".join(self._plan.formats)), kept=True)
        stamp = await asyncio.to_thread(find_stamp, found.address)
        if stamp is not None and stamp == entry.stamp and await self._is_current(entry):
            return Examined(entry, current=True)
        local = None
        if stamp is None or stamp != entry.stamp or entry.content is None:
            local = await asyncio.to_thread(fetch, found.address, self._downloads)
        try:
            return await self._look_inside(found, entry, stamp, local)
        except BaseException:
            if local is not None:
                local.discard()
            raise

    async def _look_inside(
        self, found: Input, entry: Entry, stamp: str | None, local: LocalFile | None
    ) -> Examined:
        content, pages = entry.content, entry.pages
        if local is not None:
            content = await asyncio.to_thread(fingerprint, local.path)
            if content == entry.content and await self._is_current(entry):
                local.discard()
                return Examined(entry, current=True)
            if content != entry.content or pages is None:
                file = DocumentFile(local.path, entry.address, self._plan.password)
                pages = await self._renderers.count_pages(file)
        assert content is not None  # noqa: S101 - known from before, or found out now
        assert pages is not None  # noqa: S101
        now = replace(entry, stamp=stamp, content=content, pages=pages, recipe=self._recipe)
        await self._scribe.call(self._journal.save_document, replace(now, state="open", error=None))
        read = await self._scribe.call(self._journal.pages_read, content, self._recipe)
        missing = tuple(index for index in range(pages) if index + 1 not in read)
        if missing and local is None:
            local = await asyncio.to_thread(fetch, found.address, self._downloads)
        return Examined(now, missing=missing, local=local)

    async def _is_current(self, entry: Entry) -> bool:
        return (
            entry.state == "done"
            and entry.recipe == self._recipe
            and entry.formats == ",".join(self._plan.formats)
            and not entry.failed_pages
            and not self._plan.force
            and await self._holds_results(entry)
        )

    async def _holds_results(self, entry: Entry) -> bool:
        names = self._plan.results(entry.stem)
        return await asyncio.to_thread(lambda: all(map(self._output.holds, names)))
