"""What a user sees while pages are read: text as it is generated, or progress."""

import sys
import time
from collections.abc import Callable

from rich.console import Console

from lighton_ocr._text import escape_controls
from lighton_ocr.api import POCKET_NOTICE
from lighton_ocr.cli.daily import is_first_today
from lighton_ocr.cli.progress import PagesInFlight, Progress, ProgressDisplay, time_left
from lighton_ocr.errors import OutputError
from lighton_ocr.reading.attempts import Attempt
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.results import PageResult

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def notice(sentence: str) -> None:
    """Print a sentence for the user to stderr; the notice of the pocket model only once a day."""
    if sentence != POCKET_NOTICE or is_first_today("pocket-notice"):
        _say(escape_controls(sentence), "dim")


def warn(sentence: str) -> None:
    """Print a sentence about something that went wrong to stderr."""
    _say(f"lighton-ocr: {escape_controls(sentence)}", "yellow")


def _say(sentence: str, style: str) -> None:
    # A terminal's lines end between words; in a pipe or a file, a sentence is one line.
    stderr.print(sentence, style=style, markup=False, soft_wrap=not stderr.is_terminal)


def write_text(text: str) -> None:
    """Write to standard output at once; on a terminal, control characters are shown.

    Raises:
        OutputError: it does not take the text.
        BrokenPipeError: nobody reads it any more.
    """
    if sys.stdout.isatty():  # whose progress bar makes room for it
        sys.stdout.write(escape_controls(text))
        sys.stdout.flush()
    else:
        write_bytes(text.encode(errors="replace"))


def write_bytes(data: bytes) -> None:
    """Write to standard output at once, as it is.

    Raises:
        OutputError: it does not take the bytes.
        BrokenPipeError: nobody reads it any more.
    """
    rest = memoryview(data)
    try:
        while rest:
            # With PYTHONUNBUFFERED, a disk that is nearly full takes the beginning without an
            # error.
            rest = rest[sys.stdout.buffer.write(rest) or 0 :]
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {error.strerror}.") from error


class View(PageListener):
    """Base of what is on the screen; shows nothing."""

    def on_start(self, page: int) -> None:
        """A page (from 1) is begun."""

    def on_page(self, result: PageResult) -> None:
        """A page is done."""

    def add_pages(self, count: int) -> None:
        """Expect this many more pages."""

    def stop(self) -> None:
        """Clean up the screen."""


class LiveText(View):
    """Print Markdown as the model generates it; for one page in flight."""

    live = True

    def __init__(self, page_break: Callable[[int], str]) -> None:
        """`page_break` returns what stands in front of a page."""
        self._page_break = page_break
        self._status = stderr.status("")
        self._open_line = False

    def on_start(self, page: int) -> None:
        """Show which page is being read; the first text takes some seconds."""
        if text := self._page_break(page):
            self._write(text)
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
        """Print the corrected text below the text that it replaces."""
        self.stop()
        warn(f"page {page}: corrected to the file's own text:")
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
    """Show how many pages are read, the time left and the speed.

    Where there is no terminal, lines also say why pages are asked for again.
    """

    def __init__(self, console: Console = stderr) -> None:
        self._is_terminal = console.is_terminal
        self._told: set[tuple[int, str]] = set()
        self._start = time.monotonic()
        self._total = self._pages = self._tokens = 0
        self._in_flight = PagesInFlight()
        self._display = ProgressDisplay(self.progress, console)
        self._display.start()

    def progress(self) -> Progress:
        """Return how far the reading is."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        done = self._pages + self._in_flight.done
        figures = [f"{self._pages:,}/{self._total:,} pages"]
        if left := time_left(done, self._total, seconds):
            figures.append(left)
        if self._pages:
            speed = f"{self._pages / seconds:.2f} pages/s"
            figures += [speed, f"{self._tokens / seconds:.0f} tokens/s"]
        return Progress(done, self._total or None, tuple(figures))

    def add_pages(self, count: int) -> None:
        """Expect this many more pages."""
        self._total += count

    def on_text(self, page: int, piece: str) -> None:
        """Move the bar within the page."""
        self._in_flight.on_text(page, piece)

    def on_retry(self, page: int, reason: str) -> None:
        """Say why a page takes longer, once: a busy server may refuse it many times."""
        if not self._is_terminal and (page, reason) not in self._told:
            self._told.add((page, reason))
            warn(f"page {page}: {reason}; retrying.")

    def on_attempt(self, page: int, attempt: Attempt) -> None:
        """End the movement within the page."""
        self._in_flight.on_attempt(page, attempt)

    def on_page(self, result: PageResult) -> None:
        """Count a page."""
        self._pages += 1
        self._tokens += result.completion_tokens

    def stop(self) -> None:
        """Remove the bar."""
        self._display.stop()
