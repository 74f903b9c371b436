"""What `read` does: open documents, bring an endpoint up, read, and write results as they come."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from lighton_ocr._files import write_atomically
from lighton_ocr.api import open_endpoint
from lighton_ocr.cli.display import LiveText, ProgressBar, View, notice, warn
from lighton_ocr.cli.read_targets import STDOUT, Targets, plan_targets
from lighton_ocr.documents import Document, Source, choose_pages, load_source
from lighton_ocr.documents.apart import Apart
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import LightonOcrError
from lighton_ocr.formats import find_format, markdown
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import DocumentResult, PageResult

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
BROKEN_PIPE = 141  # 128 + SIGPIPE


@dataclass(frozen=True)
class ReadJob:
    """One call of `lighton-ocr read`."""

    files: tuple[str, ...]
    pages: str | None
    output: str | None
    format: str | None
    model: str | None
    url: str | None
    password: str | None
    encoding: Encoding
    separators: bool


@dataclass(eq=False)
class _Opened:
    """A document being read: where its text goes, and what there is of it so far."""

    source: Source
    document: Document
    target: Path | None
    chosen: Sequence[int]
    done: dict[int, PageResult] = field(default_factory=dict)
    printed: int = 0  # pages that standard output has already

    @property
    def readings(self) -> tuple[PageResult, ...]:
        """What was read, in the order it was asked for."""
        return tuple(self.done[index] for index in self.chosen if index in self.done)


def run(job: ReadJob) -> int:
    """Do it and return the exit status.

    Raises:
        LightonOcrError: nothing could be read at all; the message is for the user.
    """
    with Apart() as apart:
        return _run(_Run(job, apart))


def _run(work: "_Run") -> int:
    try:
        work.read()
    except KeyboardInterrupt:
        work.finish_early()
        warn("interrupted; what was read until then is written.")
        return INTERRUPTED
    except LightonOcrError:
        work.finish_early()
        raise
    except BrokenPipeError:
        # Whoever read our output has left. Python would complain once more on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    finally:
        work.view.stop()
    return work.status


class _Run(Listener):
    """The state of one `read`; is told by the reader what happens and passes it to the view."""

    def __init__(self, job: ReadJob, apart: Apart) -> None:
        self.status = 0
        self.view: View = View()
        self._printed = False  # whether standard output holds text already
        self._job = job
        self._apart = apart
        self._opened: dict[Document, _Opened] = {}
        self._targets = Targets("md", ())
        self._endpoint: Endpoint | None = None

    def read(self) -> None:
        """Read all documents; what cannot be opened is said and left out."""
        sources = self._load()
        several = len(self._job.files) > 1
        self._targets = plan_targets(sources, several, self._job.output, self._job.format)
        wanted = self._wanted(sources)
        first = next(wanted, None)  # an engine is started for a document, not for a mistake
        if first is None:
            return
        with open_endpoint(self._job.url, self._job.model, on_notice=notice) as endpoint:
            self._endpoint = endpoint
            self._choose_view(endpoint, sources)
            asyncio.run(self._read(endpoint, chain([first], wanted)))

    def finish_early(self) -> None:
        """Write what there is of the documents that are not complete."""
        self.view.stop()
        for opened in list(self._opened.values()):
            self._finish(opened)

    def on_start(self, page: int) -> None:
        self.view.on_start(page)

    def on_text(self, page: int, piece: str) -> None:
        self.view.on_text(page, piece)

    def on_retry(self, page: int, reason: str) -> None:
        self.view.on_retry(page, reason)

    def on_page(self, document: Document, reading: PageResult) -> None:
        """Keep it at once: an interruption must not lose pages that came out of order."""
        self._opened[document].done[reading.page - 1] = reading
        self.view.on_page(document, reading)
        for warning in reading.warnings:
            warn(f"{document.name}: {warning}")
        if reading.failed:
            self.status = max(self.status, 1)

    def _load(self) -> list[Source]:
        sources = []
        for argument in self._job.files:
            try:
                sources.append(load_source(argument))
            except LightonOcrError as error:
                self._complain(error)
        return sources

    def _wanted(self, sources: Sequence[Source]) -> Iterator[tuple[Document, int]]:
        """Every page to be read; a document is opened when it is its turn."""
        for source, target in zip(sources, self._targets.paths, strict=True):
            try:
                document = self._apart.open(source, self._job.password)
                chosen = choose_pages(self._job.pages, document.page_count, document.name)
            except LightonOcrError as error:
                self._complain(error)
                continue
            self._opened[document] = _Opened(source, document, target, chosen)
            self.view.add_pages(len(chosen))
            for index in chosen:
                yield document, index

    def _complain(self, error: LightonOcrError) -> None:
        warn(str(error))
        self.status = max(self.status, error.exit_code)

    def _choose_view(self, endpoint: Endpoint, sources: Sequence[Source]) -> None:
        alone = len(sources) == 1 and endpoint.slots == 1
        if alone and self._prints_markdown(self._targets.paths[0]) and sys.stdout.isatty():
            (opened,) = self._opened.values()
            self.view = LiveText(self._separators(opened))
            self.live = True
        else:
            self.view = ProgressBar()
        self.view.add_pages(sum(len(opened.chosen) for opened in self._opened.values()))

    async def _read(self, endpoint: Endpoint, wanted: Iterator[tuple[Document, int]]) -> None:
        async with (
            Reader(endpoint, encoding=self._job.encoding, listener=self) as reader,
            aclosing(reader.read_pages(wanted)) as readings,
        ):
            async for document, reading in readings:
                opened = self._opened[document]
                if self._prints_markdown(opened.target):
                    self._print_pages(opened, opened.printed + 1)
                if reading.page - 1 == opened.chosen[-1]:
                    self._finish(opened)

    def _finish(self, opened: _Opened) -> None:
        """Write a document, or what there is of it, and close it."""
        del self._opened[opened.document]
        opened.document.close()
        if self._prints_markdown(opened.target):
            self._print_pages(opened, len(opened.done))
        elif opened.done and self._endpoint:
            text = self._render(opened, self._endpoint)
            if opened.target is STDOUT:
                sys.stdout.write(text)
            else:
                write_atomically(opened.target, text)

    def _print_pages(self, opened: _Opened, upto: int) -> None:
        """Markdown goes out page by page, so that a pipe sees it early."""
        if not self.live:
            for reading in opened.readings[opened.printed : upto]:
                text = markdown.render_page(reading, self._separators(opened))
                sys.stdout.write(f"\n{text}" if self._printed else text)
                self._printed = True
            sys.stdout.flush()
        opened.printed = upto

    def _render(self, opened: _Opened, endpoint: Endpoint) -> str:
        reading = DocumentResult(
            opened.source.name, opened.readings, endpoint.model.id, endpoint.label
        )
        if self._targets.format == "md":
            return markdown.render(reading, self._job.separators)
        return find_format(self._targets.format)(reading)

    def _prints_markdown(self, target: Path | None) -> bool:
        return target is STDOUT and self._targets.format == "md"

    def _separators(self, opened: _Opened) -> bool:
        return self._job.separators and len(opened.chosen) > 1
