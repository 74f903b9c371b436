"""The report of a quality benchmark: JSON with how it was run, and a web page of failures."""

import json
import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from lighton_ocr._text import pluralize
from lighton_ocr.bench.quality.data_set import BenchPage, DataSet
from lighton_ocr.bench.quality.readings import Reading
from lighton_ocr.bench.quality.scores import OLMOCR, CategoryScore, Failure, Score, Scores
from lighton_ocr.compare.side_by_side import ShownPage, ShownText, page_jpeg, render
from lighton_ocr.documents import load_source, open_document

_VERSIONS = ("lighton-ocr", "pypdfium2", "pillow", "xllamacpp")
# The fields of tests that say what is expected; the others name a place or an allowance.
_EXPECTED = (
    *("text", "before", "after", "math", "cell", "up", "down", "left", "right"),
    *("top_heading", "left_heading", "max_length"),
)


@dataclass(frozen=True)
class QualityReport:
    """A run: the command, the candidate and its model, protocol, time and scores.

    `seconds` is how long all pages took, `usd` what a GPU cost in that time, None if unknown.
    """

    command: str
    candidate: str
    model: str | None
    pages: int
    repeats: int
    failed_pages: int
    seconds: float
    usd: float | None
    scores: Scores


def totals(log: Sequence[Reading]) -> tuple[float, int]:
    """Return the seconds that all readings took, and how many pages failed to the last."""
    last = {(one.pdf, one.page, one.repeat): one for one in log}
    failed = sum(one.finish == "error" for one in last.values())
    return sum(one.elapsed for one in log), failed


def as_json(report: QualityReport) -> str:
    """Write the report with date, machine and versions; failures only as their tests' names."""
    scores = report.scores
    return json.dumps(
        {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "command": report.command,
            "candidate": report.candidate,
            "model": report.model,
            "scorer": OLMOCR,
            "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
            "versions": {name: version(name) for name in _VERSIONS},
            "pages": report.pages,
            "repeats": report.repeats,
            "failed_pages": report.failed_pages,
            "seconds": round(report.seconds, 1),
            "usd": None if report.usd is None else round(report.usd, 4),
            "overall": _rounded(scores.overall),
            "without_headers": _rounded(scores.without_headers),
            "categories": {
                one.name: {"tests": one.tests, **_rounded(one.score)} for one in scores.categories
            },
            "skipped_formulas": scores.skipped_formulas,
            "failures": [one.test["id"] for one in scores.failures],
        },
        indent=2,
        ensure_ascii=False,
    )


def as_html(report: QualityReport, data: DataSet, texts: dict[BenchPage, str]) -> str:
    """Return a page for each page with a failed test; the most failures come first."""
    by_page: dict[tuple[str, int], list[Failure]] = defaultdict(list)
    for failure in report.scores.failures:
        by_page[failure.test["pdf"], failure.test["page"]].append(failure)
    worst = sorted(by_page.items(), key=lambda item: -len(item[1]))
    pages = {(page.pdf, page.number): page for page in data.pages}
    shown = [_page(data, pages[key], found, texts) for key, found in worst if key in pages]
    scores = report.scores
    rows = [_row(one) for one in scores.categories]
    rows += [
        ("overall", "", *_figures(scores.overall)),
        ("overall, without headers and footers", "", *_figures(scores.without_headers)),
    ]
    caption = (
        f"{pluralize(report.pages, 'page')}, read in {report.seconds:,.0f} s. Pages with failed "
        "tests, the most failures first."
    )
    heads = ("category", "tests", "score", "95 % interval")
    return render(f"Quality of {report.candidate}", caption, heads, rows, shown)


def _page(
    data: DataSet, page: BenchPage, found: list[Failure], texts: dict[BenchPage, str]
) -> ShownPage:
    with open_document(load_source(str(data.path(page)))) as document:
        image = page_jpeg(document, page.number - 1)
    return ShownPage(
        f"{page.pdf}, page {page.number}: {len(found)} failed",
        image,
        tuple(f"{_expected(one)}: {one.explanation}" for one in found),
        (ShownText("read", "the first reading", texts.get(page, "")),),
        has_reference=False,
    )


def _expected(failure: Failure) -> str:
    """Return a test's type and what it expects, in the data set's own words."""
    test = failure.test
    fields = [
        f"“{test[name]}”" if name in ("text", "math") else f"{name} “{test[name]}”"
        for name in _EXPECTED
        if name in test
    ]
    return f"{test['type']} {', '.join(fields)}".strip()


def _row(one: CategoryScore) -> tuple[str, ...]:
    return (one.label, f"{one.tests}", *_figures(one.score))


def _figures(score: Score) -> tuple[str, str]:
    return f"{score.percent:.1f}", f"{score.low:.1f} to {score.high:.1f}"


def _rounded(score: Score) -> dict[str, float]:
    return {name: round(value, 2) for name, value in asdict(score).items()}
