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


class BatchProgress:
    """Shows a run's statistics on a console during a `with` block."""

    def __init__(self, stats: BatchStats, console: Console) -> None:
        self._stats = stats
        self._console = console
        self._ended = threading.Event()
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
        self._ended.set()
        if self._console.is_terminal:
            self._live.stop()
        else:
            self._lines.join()

    def _print_lines(self) -> None:
        while not self._ended.wait(LINE_SECONDS):
            self._console.print(describe(self._stats), markup=False)

    def _bar(self) -> Group:
        stats = self._stats
        total = stats.pages_expected
        return Group(ProgressBar(total, stats.pages_ended, width=60), Text(describe(stats)))


def describe(stats: BatchStats) -> str:
    """Return the statistics of a run so far in one line."""
    documents = pluralize(stats.documents_ended, "document")
    if stats.documents is not None:
        documents = f"{stats.documents_ended:,} of {pluralize(stats.documents, 'document')}"
    before = f" (and {stats.pages_before:,} before)" if stats.pages_before else ""
    parts = [
        documents,
        pluralize(stats.pages_read, "page") + before,
        f"{stats.failures:,} failed",
        f"{stats.pages_per_second:.2f} pages/s",
        f"{stats.tokens_per_second:.0f} tokens/s",
    ]
    if stats.cost is not None:
        parts.append(f"${stats.cost:.2f}")
    left = stats.seconds_left
    if left is not None:
        parts.append(f"about {_duration(left)} left")
    return ", ".join(parts)


def summarize(stats: BatchStats, out: str) -> str:
    """Return the statistics of a finished run in a sentence or two."""
    before = f"; {stats.pages_before:,} were read before" if stats.pages_before else ""
    text = (
        f"Read {pluralize(stats.pages_read, 'page')} in {_duration(stats.seconds)}"
        f" ({stats.pages_per_second:.2f} pages/s{before});"
        f" {out} has {pluralize(stats.documents_done, 'document')}"
    )
    if stats.documents_kept:
        text += f", plus {stats.documents_kept:,} that existed before (--force overwrites them)"
    if stats.cost is not None:
        text += f", for ${stats.cost:.2f}"
    if stats.failures:
        text += (
            f". {pluralize(stats.pages_failed, 'page')} and "
            f"{pluralize(stats.documents_failed, 'document')} failed; the same command retries "
            "them"
        )
    if stats.own_text.words:
        text += f". Own text of the files: {stats.own_text.describe()}"
    return text + "."


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
