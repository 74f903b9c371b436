"""Run olmocr's benchmark on a candidate, in a process of its own.

    python -m lighton_ocr.bench.quality.scorer FOLDER CANDIDATE PAGES OUTPUT [BROWSER]

olmocr prints, starts browsers in threads and cleans up when its process ends. PAGES is a JSON file
with the pages to score, as [PDF, number]. OUTPUT is a JSON file with the outcome of each test and
confidence intervals. Without BROWSER, tests of formulas are left out.
"""

import json
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from olmocr.bench.benchmark import evaluate_candidate
from olmocr.bench.tests import BaselineTest, load_single_test
from olmocr.bench.utils import calculate_bootstrap_ci
from playwright.sync_api import BrowserType

from lighton_ocr.bench.quality.data_set import BASELINE, HEADERS

_RESAMPLES = 1000
PageKeys = set[tuple[str, int]]
_QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]


def score(folder: Path, candidate: str, pages: PageKeys, browser: str | None) -> dict[str, Any]:
    """Return the outcomes by category, intervals, and how many formulas were left out."""
    if browser:
        _use_browser(browser)  # formulas of tests are drawn when the tests are loaded
    tests, skipped = _load(folder, pages, with_formulas=browser is not None)
    names = sorted({test.pdf for _, test in tests})
    *_, results = evaluate_candidate(
        str(folder / candidate), [test for _, test in tests], names, force=True
    )
    found = {
        test.id: (passed, explanation)
        for pages in results.values()
        for outcomes in pages.values()
        for test, passed, explanation in outcomes
    }
    rows = [
        {
            "category": category,
            "passed": found[test.id][0],
            "explanation": found[test.id][1],
            "test": _fields(test),
        }
        for category, test in tests
    ]
    intervals = {
        category: _interval([row for row in rows if row["category"] == category])
        for category in {row["category"] for row in rows}
    }
    return {
        "rows": rows,
        "skipped_formulas": skipped,
        "intervals": intervals,
        "interval": _interval(rows),
        "interval_without_headers": _interval([r for r in rows if r["category"] != HEADERS]),
    }


def _load(folder: Path, pages: PageKeys, with_formulas: bool) -> tuple[list[tuple[str, Any]], int]:
    """Return the tests with their categories, and how many formulas were left out.

    As in olmocr's own program, a PDF without a baseline test gets one, for its first page.
    """
    tests: list[tuple[str, Any]] = []
    skipped = 0
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            fields = json.loads(line)
            if (fields["pdf"], fields["page"]) not in pages:
                continue
            if fields["type"] == "math" and not with_formulas:
                skipped += 1
            else:
                tests.append((file.stem, load_single_test(fields)))
    named = {test.pdf for _, test in tests}
    judged = {test.pdf for _, test in tests if test.type == BASELINE}
    for pdf in sorted(named - judged):
        if (pdf, 1) not in pages:
            continue
        test = BaselineTest(id=f"{pdf}_baseline", pdf=pdf, page=1, type=BASELINE)
        tests.append((BASELINE, test))
    return tests, skipped


def _interval(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of the categories' scores, by bootstrap."""
    np.random.seed(0)
    by_category: dict[str, list[float]] = {}
    for row in rows:
        by_category.setdefault(row["category"], []).append(float(row["passed"]))
    scores = [score for found in by_category.values() for score in found]
    splits = [len(found) for found in by_category.values()]
    low, high = calculate_bootstrap_ci(scores, _RESAMPLES, splits=splits)
    return float(low), float(high)


def _fields(test: Any) -> dict[str, Any]:
    """Return a test's fields, without what olmocr has computed from them."""
    return {
        name: value
        for name, value in asdict(test).items()
        if isinstance(value, str | int) and value not in ("", 0)
    }


def _use_browser(path: str) -> None:
    """Let olmocr, which names no program, start this browser."""
    launch = BrowserType.launch

    def launch_this(self: BrowserType, **options: Any) -> Any:
        return launch(self, executable_path=path, args=_QUIET, **options)

    BrowserType.launch = launch_this  # type: ignore[method-assign]


def main(folder: str, candidate: str, pages: str, output: str, browser: str | None = None) -> None:
    """Score and write OUTPUT; everything that olmocr prints goes to standard error."""
    chosen = {(pdf, page) for pdf, page in json.loads(Path(pages).read_text("utf-8"))}
    with redirect_stdout(sys.stderr):
        outcome = score(Path(folder), candidate, chosen, browser)
    Path(output).write_text(json.dumps(outcome), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
