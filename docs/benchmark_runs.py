"""Tables of the programs under benchmarks/ that need no GPU, from their files of results."""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from typing import Any

from docs.table import table

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
Found = dict[str, Any]
WAYS = {"old": "the first deployment's", "png": "lossless (default)", "jpeg": "`--jpeg`"}


def client() -> str:
    """What the whole client costs for a page."""
    run = _result("client")
    rows = [
        (
            WAYS[way],
            f"{found['processor_ms_a_page']} ms",
            f"{found['pages_s_a_core']:.0f}",
            f"{found['times_the_old_client']:.1f}",
        )
        for way, found in run["clients"].items()
    ]
    return table(("client", "processor time a page", "pages/s a core", "times as fast"), rows)


def client_path() -> str:
    """What opening, rendering and encoding a page costs."""
    run = _result("client-path")
    rows = [
        (
            WAYS[way],
            f"{found['ms_a_page']} ms",
            f"{found['kb_a_page']:.0f} KB",
            f"{found['times_the_old_way']:.1f}",
        )
        for way, found in run["ways"].items()
    ]
    return table(("way", "time a page", "size a page", "times as fast"), rows)


def starts() -> str:
    """How long vLLM takes to read its first page on a GPU."""
    run = _result("vllm-h200")
    names = {"pocket": "the pocket model", "1b": "LightOnOCR-1B's size, random weights"}
    rows = [
        (
            name,
            run["gpu"],
            f"{run[model]['first_page_s_without_compiled_code']:.0f} s",
            f"{run[model]['first_page_s_with_compiled_code']:.0f} s",
        )
        for model, name in names.items()
    ]
    return table(("model", "GPU", "nothing cached", "compiled code cached"), rows)


def batch_scale() -> str:
    """What a batch itself costs by its size."""
    rows = [
        (
            f"{size['pages']:,}",
            f"{size['processor_ms_a_page']:.2f} ms",
            f"{size['peak_memory_mib']:.0f} MiB",
            f"{size['journal_bytes_a_page'] / 1000:.1f} KB",
        )
        for size in _result("batch-scale")["sizes"]
    ]
    return table(("pages", "processor time a page", "peak memory", "journal a page"), rows)


def first_text() -> str:
    """When a newcomer sees what."""
    run = _result("first-text")
    rows = [(what, f"{seconds:.1f} s") for what, seconds in run["seconds_until"].items()]
    return table(
        ("what", "after"), [*rows, ("`lighton-ocr` with `--help`", f"{run['help_seconds']:.2f} s")]
    )


def pocket() -> str:
    """How the pocket model reads beside others."""
    run = _result("pocket")
    return table(("pages", "measure", *run["readers"]), _scores(run))


def pocket_final() -> str:
    """The same on pages kept apart, read alone on the machine: so with seconds and memory."""
    run = _result("pocket-final")
    seconds = _both("seconds", ".2f")
    rows = [
        *_scores(run),
        ("", "seconds a page", *(seconds(found["text"]) for found in run["readers"].values())),
        ("", "peak memory", *(f"{mib:,} MiB" for mib in run["peak_mib"].values())),
    ]
    return table(("pages", "measure", *run["readers"]), rows)


def _scores(run: Found) -> list[tuple[str, ...]]:
    """A row for each measure of a kind of pages that any reader read."""
    readers = run["readers"]
    return [
        (what, measure, *(show(found.get(kind, {})) for found in readers.values()))
        for what, kind, measure, show in _POCKET
        if any(kind in found for found in readers.values())
    ]


def jpeg() -> str:
    """How the pocket model reads the same pages lossless and as JPEG."""
    lines = (RESULTS / "pocket-before.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["reader"] == "this model"]
    scores = {row["name"]: row["word_f1"] for row in rows}
    pairs = [
        (scores[name.removesuffix("~jpeg")], score)
        for name, score in scores.items()
        if name.endswith("~jpeg")
    ]
    ways = [
        (WAYS[way], f"{len(found)}", f"{fmean(found):.3f} / {median(found):.3f}")
        for way, found in zip(("png", "jpeg"), zip(*pairs, strict=True), strict=True)
    ]
    return table(("pages sent", "pages", "word F1, mean / median"), ways)


def _both(key: str, form: str = ".3f") -> Callable[[Found], str]:
    return lambda found: (
        f"{found[key]:{form}} / {found[f'{key}_median']:{form}}" if key in found else "–"
    )


def _one(key: str, form: str = ".3f") -> Callable[[Found], str]:
    return lambda found: format(found[key], form) if key in found else "–"


# What stands in a row: pages, their kind in the results, the measure, and how it is written.
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

PARTS: dict[str, Callable[[], str]] = {
    "starts": starts,
    "client": client,
    "client-path": client_path,
    "batch-scale": batch_scale,
    "first-text": first_text,
    "pocket": pocket,
    "jpeg": jpeg,
    "pocket-final": pocket_final,
}


def _result(name: str) -> dict[str, Any]:
    """A run's figures, as its program under benchmarks/ wrote them."""
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]
