"""What a user sees of a batch: a progress bar, or a line every 30 s, and a summary."""

import threading
from datetime import timedelta
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from lighton_ocr._text import pluralize
from lighton_ocr.batch.stats import BatchStats

LINE_SECONDS = 30.0  # between two lines if stderr is not a terminal


class Progress:
    """Show a run's statistics on a console during a `with` block."""

    def __init__(self, figures: BatchStats, console: Console) -> None:
        self._figures = figures
        self._console = console
        self._over = threading.Event()
        self._lines = threading.Thread(target=self._print_lines, daemon=True)
        self._live = Live(
            get_renderable=self._bar, console=console, transient=True, refresh_per_second=4
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        else:
            self._lines.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._console.is_terminal:
            self._live.stop()
        else:
            self._lines.join()

    def _print_lines(self) -> None:
        while not self._over.wait(LINE_SECONDS):
            self._console.print(describe(self._figures), markup=False)

    def _bar(self) -> Group:
        figures = self._figures
        total = figures.pages_expected
        done = figures.pages_before + figures.pages_read + figures.pages_failed
        return Group(ProgressBar(total, done, width=60), Text(describe(figures)))


def describe(figures: BatchStats) -> str:
    """Return the statistics of a run so far in one line."""
    documents = pluralize(figures.documents_ended, "document")
    if figures.documents is not None:
        documents = f"{figures.documents_ended:,} of {pluralize(figures.documents, 'document')}"
    parts = [
        documents,
        pluralize(figures.pages_read, "page") + _of_before(figures),
        f"{figures.failures:,} failed",
        f"{figures.pages_per_second:.2f} pages/s",
        f"{figures.tokens_per_second:.0f} tokens/s",
    ]
    if figures.cost is not None:
        parts.append(f"${figures.cost:.2f}")
    left = figures.seconds_left
    if left is not None:
        parts.append(f"about {_duration(left)} left")
    return ", ".join(parts)


def summarise(figures: BatchStats, out: str) -> str:
    """Return the statistics of a finished run in a sentence or two."""
    text = (
        f"Read {pluralize(figures.pages_read, 'page')} in {_duration(figures.seconds)}"
        f" ({figures.pages_per_second:.2f} pages/s){_of_before(figures)};"
        f" {out} has {pluralize(figures.documents_done, 'document')}"
    )
    if figures.documents_kept:
        text += f", plus {figures.documents_kept:,} that existed before (--force overwrites them)"
    if figures.cost is not None:
        text += f", for ${figures.cost:.2f}"
    if figures.failures:
        text += (
            f". {pluralize(figures.pages_failed, 'page')} and "
            f"{pluralize(figures.documents_failed, 'document')} failed; the same command retries "
            "them"
        )
    return text + "."


def _of_before(figures: BatchStats) -> str:
    return f" (and {figures.pages_before:,} before)" if figures.pages_before else ""


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
