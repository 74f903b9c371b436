"""Score a candidate with olmocr's benchmark, and compare the score with the published one."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lighton_ocr._extras import install_command
from lighton_ocr.bench.quality.data_set import HEADERS, DataSet
from lighton_ocr.catalog import Model
from lighton_ocr.errors import LightonOcrError, UsageError

OLMOCR = "olmocr==0.4.27"
_NEEDED = ("olmocr", "numpy", "bs4", "fuzzysearch", "playwright", "pypdf", "tqdm")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# olmOCR-bench's files, and what they are called in published tables and in our catalog.
LABELS = {
    "arxiv_math": "arXiv",
    "old_scans_math": "old scans, math",
    "table_tests": "tables",
    "old_scans": "old scans",
    "headers_footers": "headers and footers",
    "multi_column": "multi-column",
    "long_tiny_text": "long tiny text",
    "baseline": "base",
}
_PUBLISHED = {
    "arxiv_math": "arxiv",
    "old_scans_math": "old_scans_math",
    "table_tests": "tables",
    "old_scans": "old_scans",
    "multi_column": "multi_column",
    "long_tiny_text": "long_tiny_text",
    "baseline": "base",
}


@dataclass(frozen=True)
class Score:
    """A share of passed tests in percent, with its 95 % interval (bootstrap)."""

    percent: float
    low: float
    high: float


@dataclass(frozen=True)
class CategoryScore:
    """The score of one file of tests."""

    name: str
    tests: int
    score: Score

    @property
    def label(self) -> str:
        """What the category is called in published tables."""
        return LABELS.get(self.name, self.name.replace("_", " "))


@dataclass(frozen=True)
class Failure:
    """A test that failed: its fields as the data set has them, and olmocr's explanation."""

    category: str
    test: dict[str, Any] = field(hash=False)
    explanation: str


@dataclass(frozen=True)
class Scores:
    """A candidate's scores: the mean of its categories, with and without headers and footers.

    `skipped_formulas` is how many tests of formulas were left out for lack of a browser.
    """

    overall: Score
    without_headers: Score
    categories: tuple[CategoryScore, ...]
    failures: tuple[Failure, ...]
    skipped_formulas: int


def check_installed() -> None:
    """Check that olmocr's benchmark can run.

    Raises:
        UsageError: a package is missing.
    """
    if not all(map(find_spec, _NEEDED)):
        raise UsageError(
            f"Scoring needs olmocr and what it imports. Run: {install_command('quality')} && "
            f"{sys.executable} -m pip install --no-deps {OLMOCR}"
        )


def find_browser(named: str | None) -> str | None:
    """Return the browser that draws formulas: the one that was named, or one on the PATH.

    Raises:
        UsageError: the one that was named does not exist.
    """
    if named is not None:
        found = shutil.which(named)
        if found is None:
            raise UsageError(f"--browser {named}: there is no such program.")
        return found
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def score(data: DataSet, candidate: str, browser: str | None) -> Scores:
    """Score the texts in a candidate's folder.

    Raises:
        LightonOcrError: olmocr's benchmark fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        pages, output = Path(folder, "pages.json"), Path(folder, "scores.json")
        pages.write_text(json.dumps([(page.pdf, page.number) for page in data.pages]), "utf-8")
        command = [sys.executable, "-m", "lighton_ocr.bench.quality.scorer", str(data.folder)]
        command += [candidate, str(pages), str(output), *([browser] if browser else [])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = done.stderr.strip().rpartition("\n")[2]
            raise LightonOcrError(f"olmocr's benchmark failed on {data.folder}: {last}")
        return _scores(json.loads(output.read_text("utf-8")))


def differences(found: Scores, model: Model) -> list[str]:
    """Return a sentence for each published score that lies outside of the measured interval."""
    if model.quality is None:
        return []
    measured = [
        (one.label, one.score, getattr(model.quality, _PUBLISHED[one.name]))
        for one in found.categories
        if one.name in _PUBLISHED
    ]
    measured.append(("overall", found.without_headers, model.quality.overall))
    return [
        f"{label}: {score.percent:.1f} ({score.low:.1f} to {score.high:.1f}), but published is "
        f"{published:.1f}."
        for label, score, published in measured
        if not score.low <= published <= score.high
    ]


def _scores(outcome: dict[str, Any]) -> Scores:
    rows = outcome["rows"]
    tests = Counter(row["category"] for row in rows)
    passed = Counter(row["category"] for row in rows if row["passed"])
    categories = tuple(
        CategoryScore(name, count, _score(passed[name] / count, outcome["intervals"][name]))
        for name, count in sorted(tests.items())
    )
    others = [one for one in categories if one.name != HEADERS] or categories
    return Scores(
        _mean(categories, outcome["interval"]),
        _mean(others, outcome["interval_without_headers"]),
        categories,
        tuple(
            Failure(row["category"], row["test"], row["explanation"])
            for row in rows
            if not row["passed"]
        ),
        outcome["skipped_formulas"],
    )


def _mean(categories: Sequence[CategoryScore], interval: tuple[float, float]) -> Score:
    return _score(sum(one.score.percent for one in categories) / len(categories) / 100, interval)


def _score(share: float, interval: tuple[float, float]) -> Score:
    return Score(100 * share, 100 * interval[0], 100 * interval[1])
