"""What a user sees while pages are read: text as it is generated, or a progress bar."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lighton_ocr._text import visible
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.results import PageResult

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def notice(sentence: str) -> None:
    """A sentence for the user, on stderr."""
    stderr.print(visible(sentence), style="dim", markup=False)


def warn(sentence: str) -> None:
    """Something that went wrong, on stderr."""
    stderr.print(f"lighton-ocr: {visible(sentence)}", style="yellow", markup=False)


def write_text(text: str) -> None:
    """Write to standard output at once; on a terminal, control characters are shown."""
    sys.stdout.write(visible(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """Write to standard output at once, as it is."""
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


class View(PageListener):
    """Base of what is on the screen; shows nothing."""

    def on_start(self, page: int) -> None:
        """Called when a page (from 1) is begun."""

    def on_page(self, result: PageResult) -> None:
        """Called when a page is done."""

    def add_pages(self, count: int) -> None:
        """Expect this many more pages."""

    def stop(self) -> None:
        """Clean up the screen."""


class LiveText(View):
    """Print Markdown as the model generates it; for one page in flight."""

    live = True

    def __init__(self, separators: bool) -> None:
        self._separators = separators
        self._status = stderr.status("")
        self._open_line = False

    def on_start(self, page: int) -> None:
        """Show which page is being read; the first text takes some seconds."""
        if self._separators:
            self._write(f"<!-- page {page} -->\n\n")
        self._status.update(f"reading page {page} …")
        self._status.start()

    def on_text(self, page: int, piece: str) -> None:
        """Print a piece of text."""
        self._status.stop()
        self._write(piece)

    def on_retry(self, page: int, reason: str) -> None:
        """Say that the text printed so far is void."""
        self.stop()
        warn(f"page {page}: {reason}; retrying.")
        self._status.start()

    def on_corrected(self, page: int, text: str) -> None:
        """Write it below what stands there."""
        self.stop()
        warn(f"page {page}: corrected to the file's own text, it says:")
        self._write(text)

    def on_page(self, result: PageResult) -> None:
        """Print a blank line after the page."""
        self.stop()
        self._write("\n")

    def stop(self) -> None:
        """Move the cursor to the start of a line."""
        self._status.stop()
        if self._open_line:
            self._write("\n")

    def _write(self, text: str) -> None:
        write_text(text)
        self._open_line = not text.endswith("\n")


class ProgressBar(View):
    """Show pages, pages/s, tokens/s and time left; nothing if stderr is not a terminal."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._pages = self._tokens = 0
        self._progress = Progress(
            TextColumn("reading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("pages {task.fields[speed]}"),
            TimeRemainingColumn(),
            console=stderr,
            transient=True,
            disable=not stderr.is_terminal,
        )
        self._task = self._progress.add_task("", total=0, speed="")

    def add_pages(self, count: int) -> None:
        """Expect this many more pages."""
        self._progress.start()
        self._progress.update(
            self._task, total=(self._progress.tasks[self._task].total or 0) + count
        )

    def on_page(self, result: PageResult) -> None:
        """Count a page."""
        self._pages += 1
        self._tokens += result.completion_tokens
        seconds = max(time.monotonic() - self._start, 1e-9)
        speed = f"{self._pages / seconds:.2f}/s, {self._tokens / seconds:.0f} tokens/s"
        self._progress.update(self._task, advance=1, speed=speed)

    def stop(self) -> None:
        """Remove the bar."""
        self._progress.stop()
