"""What `lighton-ocr read` says at its end: pages, seconds, files, and pages to look at."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from lighton_ocr._text import duration, pluralize
from lighton_ocr.cli.deserve_a_look import deserve_a_look
from lighton_ocr.reading.results import PageResult


@dataclass
class ReadSummary:
    """Counts the pages of a `read`; `warned` are documents and page numbers."""

    pages: int = 0
    failed: int = 0
    warned: list[tuple[str, int]] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    def add(self, document: str, result: PageResult) -> None:
        """Count a page."""
        if result.failed:
            self.failed += 1
            return
        self.pages += 1
        if result.warnings:
            self.warned.append((document, result.page))

    def is_worth_telling(self, terminal: bool) -> bool:
        """Whether there is more to say than that a pipe got its text."""
        return bool(self.written or self.warned or self.failed or (terminal and self.pages))

    def __str__(self) -> str:
        seconds = time.monotonic() - self._start
        sentence = f"Read {pluralize(self.pages, 'page')} in {duration(seconds)}{self._written()}."
        if self.failed:
            sentence += f" {pluralize(self.failed, 'page')} could not be read."
        if self.warned:
            sentence += f" {deserve_a_look(len(self.warned), self.warned)}."
        return sentence

    def _written(self) -> str:
        if not self.written:
            return ""
        if len(self.written) == 1:
            return f"; wrote {self.written[0]}"
        return f"; wrote {len(self.written):,} files to {self.written[0].parent}"
