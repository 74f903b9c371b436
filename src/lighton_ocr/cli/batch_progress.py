"""What a user sees of a batch: its progress, and a summary."""

from rich.console import Console

from lighton_ocr._text import duration, pluralize
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.cli.deserve_a_look import deserve_a_look
from lighton_ocr.cli.progress import PagesInFlight, Progress, ProgressDisplay, time_left


def batch_display(stats: BatchStats, in_flight: PagesInFlight, console: Console) -> ProgressDisplay:
    """Return a display of a run's statistics, for a `with` block."""
    return ProgressDisplay(lambda: progress(stats, in_flight.done), console)


def progress(stats: BatchStats, in_flight: float = 0.0) -> Progress:
    """Return how far a run is; `in_flight` is what is read of the pages that are being read."""
    total = stats.pages_expected
    pages = f"{stats.pages_ended:,}/{total:,} pages" if total else "opening documents"
    figures = [pages]
    read = stats.pages_read + in_flight
    if total and (
        left := time_left(read, total - stats.pages_ended + stats.pages_read, stats.seconds)
    ):
        figures.append(left)
    if stats.failures:
        figures.append(f"{stats.failures:,} failed")
    if stats.pages_read:
        figures.append(f"{stats.pages_per_second:.2f} pages/s")
    documents = pluralize(stats.documents_ended, "document")
    if stats.documents is not None:
        documents = f"{stats.documents_ended:,} of {pluralize(stats.documents, 'document')}"
    figures.append(documents)
    if stats.cost is not None:
        figures.append(f"${stats.cost:.2f}")
    if stats.pages_read:
        figures.append(f"{stats.tokens_per_second:.0f} tokens/s")
    if stats.pages_before:
        figures.append(f"{stats.pages_before:,} read before")
    if stats.pages_copied:
        figures.append(f"{stats.pages_copied:,} in copies")
    return Progress(stats.pages_ended + in_flight, total, tuple(figures))


def summarize(stats: BatchStats, out: str) -> str:
    """Return the statistics of a finished run in a few sentences."""
    sentences = [_pages(stats, out)]
    if stats.documents_kept:
        kept = pluralize(stats.documents_kept, "document")
        sentences.append(f"Results already existed for {kept}; --force overwrites them")
    failed = {
        "page": stats.pages_failed,
        "document": stats.documents_failed - stats.documents_unreadable,
    }
    if named := " and ".join(pluralize(count, noun) for noun, count in failed.items() if count):
        sentences.append(f"{named} failed; the same command tries again")
    if stats.documents_unreadable:
        cannot = pluralize(stats.documents_unreadable, "document")
        sentences.append(f"{cannot} cannot be read; {out.rstrip('/')}/manifest.jsonl says why")
    if stats.pages_warned:
        look = deserve_a_look(stats.pages_warned, stats.warned)
        sentences.append(f"{look} (`lighton-ocr status {out} --pages` says why)")
    if stats.own_text.words:
        sentences.append(f"Own text of the files: {stats.own_text.describe()}")
    return ". ".join(sentences) + "."


def _pages(stats: BatchStats, out: str) -> str:
    written = f"{out} has {pluralize(stats.documents_done, 'document')}"
    if stats.pages_before and not (stats.pages_read or stats.pages_failed):
        every = "All " if stats.pages_before > 1 and not stats.failures else ""
        were = "were" if stats.pages_before > 1 else "was"
        pages = pluralize(stats.pages_before, "page")
        return f"{every}{pages} {were} read before; {written}"
    before = f"; {stats.pages_before:,} were read before" if stats.pages_before else ""
    if stats.pages_copied:
        before += f"; {stats.pages_copied:,} more in identical copies"
    cost = f" for ${stats.cost:.2f}" if stats.cost is not None else ""
    return (
        f"Read {pluralize(stats.pages_read, 'page')} in {duration(stats.seconds)}{cost}"
        f" ({stats.pages_per_second:.2f} pages/s{before}); {written}"
    )
