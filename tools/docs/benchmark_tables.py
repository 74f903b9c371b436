"""Tables of the benchmarks that need no GPU, and of the first vLLM run, from their result files."""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tools.docs.table import table

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
Found = dict[str, Any]
QUALITY = ("pocket", "tesseract", "rapidocr", "pdftotext")
WAYS = {"old": "a common client", "png": "lossless (default)", "jpeg": "`--jpeg`"}


def client() -> str:
    """Processor time of the whole client per page."""
    run = result("client")
    rows = [
        (
            WAYS[way],
            f"{found['processor_ms_a_page']} ms",
            f"{found['pages_s_a_core']:.0f}",
            f"{found['times_the_old_client']:.1f}x",
        )
        for way, found in run["clients"].items()
    ]
    return table(("client", "CPU time per page", "pages/s per core", "speed-up"), rows)


def client_path() -> str:
    """Time and size of a page that is opened, rendered and encoded."""
    run = result("client-path")
    rows = [
        (
            WAYS[way],
            f"{found['ms_a_page']} ms",
            f"{found['kb_a_page']:.0f} KB",
            f"{found['times_the_old_way']:.1f}x",
        )
        for way, found in run["ways"].items()
    ]
    return table(("client", "time per page", "size per page", "speed-up"), rows)


def starts() -> str:
    """Seconds until vLLM has read its first page on a GPU."""
    run = result("vllm-h200")
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
    """What a batch adds to each page, by its size."""
    rows = [
        (
            f"{size['pages']:,}",
            f"{size['processor_ms_a_page']:.2f} ms",
            f"{size['peak_memory_mib']:.0f} MiB",
            f"{size['journal_bytes_a_page'] / 1000:.1f} KB",
        )
        for size in result("batch-scale")["sizes"]
    ]
    return table(("pages", "CPU time per page", "peak memory", "journal per page"), rows)


def first_text() -> str:
    """Seconds from a fresh clone to the first text."""
    run = result("first-text")
    rows = [(step, f"{seconds:.1f} s") for step, seconds in run["seconds_until"].items()]
    rows.append(("`lighton-ocr` with `--help`, alone", f"{run['help_seconds']:.2f} s"))
    return table(("step", "after"), rows)


def quality() -> str:
    """Scores of readers on the same pages of our data set, by category."""
    runs = {name: result(f"quality-{name}") for name in QUALITY}
    first = next(iter(runs.values()))
    rows = [
        (
            category.replace("_", " "),
            *(f"{run['categories'][category]['percent']:.0f}" for run in runs.values()),
        )
        for category in first["categories"]
    ]
    rows += [
        (
            f"**{label}**",
            *(
                f"{run[key]['percent']:.1f} ({run[key]['low']:.0f} to {run[key]['high']:.0f})"
                for run in runs.values()
            ),
        )
        for label, key in (
            ("overall", "overall"),
            ("without headers and footers", "without_headers"),
        )
    ]
    links = [f"[{name}](../benchmarks/results/quality-{name}.json)" for name in runs]
    return table(("category", *links), rows)


def settings() -> str:
    """What the pocket model reads with other settings, beside what it reads now."""
    rows = [
        (
            run["setting"],
            f"{run['now']['pages']}, {_PAGES[run['pages']]}",
            *(
                f"{run['now'][key]:{form}} → {run['changed'][key]:{form}}"
                for key, form in _SETTINGS.items()
            ),
        )
        for run in result("settings")["settings"]
    ]
    heads = ("word F1", "words found", "doubted at the end", "CPU seconds per page")
    return table(("setting", "pages", *heads), rows)


_PAGES = {"data set": "of our data set", "hard": "hard"}
_SETTINGS = {"word_f1": ".3f", "words_found": ".1%", "still_doubted": "d", "cpu_seconds": ".1f"}


def jpeg() -> str:
    """Scores of the pocket model on the same pages, lossless and as JPEG."""
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


def searchable() -> str:
    """Words of searchable PDFs that stand where they stood before their pages were scanned."""
    run = result("searchable")
    rows = [
        (source, f"{found['in_place']:.1%}", f"{found['on_page']:.1%}")
        for source, found in run["results"].items()
    ]
    what = f"text of {run['pages']} pages, {run['words']:,} words"
    return table((what, "words in place", "words on the page"), rows)


def boxes() -> str:
    """Boxes of blocks that were found on pages' images, against the true ones."""
    ways = result("boxes")["ways"]
    names = {"true text": "the true text", "found": "the pocket model's text"}
    found = [ways[way] for way in names]
    rows = [
        ("blocks found", f"{found[0]['blocks']}", *(f"{one['found']:.1%}" for one in found)),
        (
            "mean overlap, all blocks",
            f"{found[0]['blocks']}",
            *(f"{one['overlap']:.2f}" for one in found),
        ),
    ]
    for label, (count, _) in found[0]["by_label"].items():
        if count >= _LEAST_BLOCKS:
            shares = (f"{one['by_label'][label][1]:.2f}" for one in found)
            rows.append((f"mean overlap, {label.replace('_', ' ')}", f"{count}", *shares))
    return table(("measure", "blocks", *names.values()), rows)


_LEAST_BLOCKS = 10


def own_text() -> str:
    """The pocket model's text before and after it was corrected to the file's own."""
    run = result("own-text")
    true = run["layers"]["true"]
    measures = {
        "word_f1": ("word F1", ".3f"),
        "character_error_rate_of_aligned_words": (
            "character error rate of words found in both texts",
            ".2%",
        ),
        "character_error_rate": ("the same of the whole page", ".2%"),
        "numbers_right_of_those_aligned": ("numbers right, of those found in both", ".2%"),
    }
    rows = [
        (name, f"{true['before'][key]:{form}}", f"{true['after'][key]:{form}}")
        for key, (name, form) in measures.items()
    ]
    what = f"{run['pages']} pages with their true text, {run['words']:,} words"
    return table((what, "before", "after"), rows)


def ocr_drafts() -> str:
    """Tokens per step with another reader's text of a scan as a draft."""
    run = result("ocr-drafts")
    kinds, spent = run["tokens"]["qwen"], run["cpu_seconds_per_page"]
    rows = [
        (
            label,
            f"{kinds['clean'][name]['pages']}",
            *(f"{kinds[kind][name]['tokens_per_step']:.2f}" for kind in ("clean", "worn")),
            f"{spent[name]:.1f} s" if name in spent else "–",
        )
        for name, label in _DRAFTS.items()
    ]
    return table(("draft", "pages", "clean", "worn", "CPU time per page"), rows)


_DRAFTS = {
    "none": "none, only what was written before",
    "own_text": "the PDF's own text",
    "tesseract": "Tesseract, of the page at 200 dpi",
    "tesseract-small": "Tesseract, of the image that the model gets",
    "rapidocr": "RapidOCR, of some pages",
    "tesseract, rapidocr's pages": "Tesseract, of the same pages",
}


TABLES: dict[str, Callable[[], str]] = {
    "starts": starts,
    "client": client,
    "client-path": client_path,
    "batch-scale": batch_scale,
    "first-text": first_text,
    "jpeg": jpeg,
    "quality": quality,
    "settings": settings,
    "searchable": searchable,
    "boxes": boxes,
    "own-text": own_text,
    "ocr-drafts": ocr_drafts,
}


def result(name: str) -> dict[str, Any]:
    """The figures of a run, as its program under benchmarks/ wrote them."""
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]
