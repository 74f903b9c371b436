"""How far a reading is: a bar that fits the terminal, or a line now and then without one."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import Segment

from lighton_ocr._text import duration
from lighton_ocr.reading.attempts import Attempt
from lighton_ocr.reading.listener import PageListener

LINE_SECONDS = 20.0  # between two lines if stderr is not a terminal
_SHORTEST_BAR, _LONGEST_BAR = 8, 40  # characters
_FIRST_GUESS = 1600  # characters of a page: the models' mean of 475 tokens
_ALMOST = 0.95  # of a page that is still being read, at most
_LEAST = 0.3  # pages that an estimate of the time left needs


@dataclass(frozen=True)
class Progress:
    """`done` of `total` (None: not known yet), and figures in words, the most important first."""

    done: float
    total: float | None
    figures: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.figures)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Show a bar, and as many figures as there is room for beside it."""
        text = ""
        for figure in self.figures:
            longer = f"{text}, {figure}" if text else figure
            if _SHORTEST_BAR + 1 + len(longer) > options.max_width:
                break
            text = longer
        width = min(_LONGEST_BAR, options.max_width - len(text) - 1)
        bar = ProgressBar(self.total, self.done, width, pulse=self.total is None)
        yield from console.render(bar, options)
        yield Segment(f" {text}")


class ProgressDisplay:
    """Shows what `current` returns on a console, from `start` to `stop` or in a `with` block.

    Without a terminal it prints a line every `line_seconds`, and nothing if all is done before.
    """

    def __init__(
        self,
        current: Callable[[], Progress],
        console: Console,
        line_seconds: float = LINE_SECONDS,
    ) -> None:
        self._current = current
        self._console = console
        self._line_seconds = line_seconds
        self._ended = threading.Event()
        self._lines = threading.Thread(target=self._print_lines, daemon=True)
        self._live = Live(
            get_renderable=current,
            console=console,
            transient=True,
            refresh_per_second=4,
            # Text in a pipe or a file is the result. On a terminal it must not break the bar.
            redirect_stdout=sys.stdout.isatty(),
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Show the bar, or begin to print lines."""
        if self._console.is_terminal:
            self._live.start()
        else:
            self._lines.start()

    def stop(self) -> None:
        """Remove the bar, or print no more lines; safe to call twice."""
        self._ended.set()
        self._live.stop()
        if self._lines.is_alive():
            self._lines.join()

    def _print_lines(self) -> None:
        while not self._ended.wait(self._line_seconds):
            self._console.print(str(self._current()), markup=False)


class PagesInFlight(PageListener):
    """How far the pages are that are being read: their text against the length of earlier ones.

    Pages of several documents that have the same number count as one.
    """

    def __init__(self) -> None:
        self._characters: dict[int, int] = {}
        self._pages, self._total = 0, 0

    @property
    def done(self) -> float:
        """How much has been read of all of these pages, as a number of pages."""
        expected = self._total / self._pages if self._total else _FIRST_GUESS
        return sum(min(_ALMOST, count / expected) for count in list(self._characters.values()))

    def on_text(self, page: int, text: str) -> None:
        """Count the characters."""
        self._characters[page] = self._characters.get(page, 0) + len(text)

    def on_attempt(self, page: int, attempt: Attempt) -> None:
        """Forget a page whose answer has ended, but for its length."""
        characters = self._characters.pop(page, 0)
        if attempt.outcome == "stop" and characters:
            self._pages += 1
            self._total += characters


def time_left(done: float, total: float, seconds: float) -> str | None:
    """Return `41 s left`, None where that would be a guess, or less than a second."""
    left = (total - done) * seconds / done if done >= _LEAST else 0.0
    return f"{duration(left)} left" if left >= 1 else None
