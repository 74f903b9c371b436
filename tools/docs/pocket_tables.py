"""Tables of the pocket model's card, from its result files."""

from collections.abc import Callable

from tools.docs.benchmark_tables import Found, result
from tools.docs.table import table


def pocket() -> str:
    """Scores of the pocket model and of other readers."""
    run = result("pocket")
    return table(("pages", "measure", *run["readers"]), _scores(run))


def pocket_final() -> str:
    """The same on the final test pages, with seconds and memory where nothing else was running."""
    run = result("pocket-final")
    seconds, peaks = _both("seconds", ".2f"), run["peak_mib"]
    rows = [
        *_scores(run),
        ("", "seconds a page", *(seconds(found["text"]) for found in run["readers"].values())),
        ("", "peak memory", *(f"{peaks[n]:,} MiB" if n in peaks else "–" for n in run["readers"])),
    ]
    return table(("pages", "measure", *run["readers"]), rows)


def _scores(run: Found) -> list[tuple[str, ...]]:
    """A row for each kind of page and measure that at least one reader has."""
    readers = run["readers"]
    return [
        (what, measure, *(show(found.get(kind, {})) for found in readers.values()))
        for what, kind, measure, show in _POCKET
        if any(kind in found for found in readers.values())
    ]


def _both(key: str, form: str = ".3f") -> Callable[[Found], str]:
    return lambda found: (
        f"{found[key]:{form}} / {found[f'{key}_median']:{form}}" if key in found else "–"
    )


def _one(key: str, form: str = ".3f") -> Callable[[Found], str]:
    return lambda found: format(found[key], form) if key in found else "–"


# Of each row: the pages as shown, their kind in the results, the measure, and its formatting.
_POCKET: tuple[tuple[str, str, str, Callable[[Found], str]], ...] = (
    ("manuals", "text", "pages read", _one("pages", "d")),
    ("", "text", "word F1, mean / median", _both("word_f1")),
    ("", "text", "the same without signs", _both("bare_word_f1")),
    ("", "text", "character error rate", _one("cer")),
    ("", "text", "pages with a loop", _one("loops", ".1%")),
    ("", "text", "asked for more than once", _one("asked_again", ".1%")),
    ("the same, scanned", "scan", "pages read", _one("pages", "d")),
    ("", "scan", "word F1, mean / median", _both("word_f1")),
    ("", "scan", "the same without signs", _both("bare_word_f1")),
    ("drawn tables", "table", "pages read", _one("pages", "d")),
    ("", "table", "cell F1", _one("cell_f1")),
    ("", "table", "word F1, mean / median", _both("word_f1")),
    ("drawn formulas", "formula", "pages read", _one("pages", "d")),
    ("", "formula", "read exactly", _one("exact")),
    ("", "formula", "word F1, mean / median", _both("word_f1")),
    ("blank", "blank", "left empty", _one("empty", ".0%")),
)

TABLES: dict[str, Callable[[], str]] = {"pocket": pocket, "pocket-final": pocket_final}
