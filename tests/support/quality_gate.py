"""The gate on how well the pocket model reads: some pages of benchmarks/quality, with bounds."""

import json
from dataclasses import replace
from pathlib import Path

from lighton_ocr.bench.quality.data_set import DataSet, open_data_set
from lighton_ocr.bench.quality.readings import Readings
from lighton_ocr.bench.quality.scores import Scores, find_browser, score
from lighton_ocr.compare.candidates import EndpointCandidate
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import PageBudget

DATA = Path(__file__).parents[2] / "benchmarks" / "quality"
PAGES = 11  # one of each category
# In percent of a category's tests, the least that may pass: as measured, less one test of three.
_MEASURED = json.loads((DATA.parent / "results" / "quality-gate.json").read_text("utf-8"))
_MARGIN = 34
BOUNDS = {
    name: max(0.0, found["percent"] - _MARGIN) for name, found in _MEASURED["categories"].items()
}
# What a fault is tried on: pages that are read fast and, without it, rightly.
FAST = ("letters", "receipts")
LEAST_OVERALL = _MEASURED["overall"]["percent"] - 10


def linked(folder: Path) -> DataSet:
    """Return the gate's pages, in a folder that takes texts."""
    for path in (DATA / "pdfs", *DATA.glob("*.jsonl")):
        (folder / path.name).symlink_to(path)
    return open_data_set(folder).sample(PAGES)


def fast(data: DataSet) -> DataSet:
    """Return the pages that a fault is tried on."""
    return replace(data, pages=tuple(page for page in data.pages if page.category in FAST))


async def read_and_score(endpoint: Endpoint, data: DataSet, name: str) -> Scores:
    """Read the pages as `bench quality` does, and score them; formulas only with a browser."""
    candidate = EndpointCandidate(name, endpoint, budget=PageBudget())
    await Readings(data, name, 1).read(candidate)
    return score(data, name, find_browser(None))


def too_low(scores: Scores) -> list[str]:
    """Return what the gate has to say: a sentence for each category below its bound."""
    return [
        f"{one.name}: {one.score.percent:.0f} % of the tests passed, at least "
        f"{BOUNDS[one.name]:.0f} % should"
        for one in scores.categories
        if one.score.percent < BOUNDS[one.name]
    ]
