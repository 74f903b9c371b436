"""The gate on how well the pocket model reads: some pages of benchmarks/quality, with bounds."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lighton_ocr.bench.quality.data_set import DataSet, open_data_set
from lighton_ocr.bench.quality.readings import Readings
from lighton_ocr.bench.quality.scores import Scores, find_browser, score
from lighton_ocr.compare.candidates import EndpointCandidate
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import PageBudget

DATA = Path(__file__).parents[2] / "benchmarks" / "quality"
RESULTS = DATA.parent / "results"
PAGES = 11  # one of each category
MARGIN = 34  # points that a category may be below the measured score: one test of three
OVERALL_MARGIN = 10
# What a fault is tried on: a page that is read fast and, without it, rightly.
FAST = ("receipts",)
MEASURED = json.loads((RESULTS / "quality-gate.json").read_text("utf-8"))
LOG = (RESULTS / "quality-gate.jsonl").read_text("utf-8").splitlines()
PROMPT_TOKENS = {row["pdf"]: row["prompt_tokens"] for row in map(json.loads, LOG)}


def linked(folder: Path) -> DataSet:
    """Return the gate's pages, in a folder that takes texts."""
    for path in (DATA / "pdfs", *DATA.glob("*.jsonl")):
        (folder / path.name).symlink_to(path)
    return open_data_set(folder).sample(PAGES)


def fast(data: DataSet) -> DataSet:
    """Return the pages that a fault is tried on."""
    return replace(data, pages=tuple(page for page in data.pages if page.category in FAST))


async def complaints(endpoint: Endpoint, data: DataSet, name: str) -> list[str]:
    """Read pages as `bench quality` does, and return what is worse or other than measured.

    Formulas are scored only if there is a browser.
    """
    readings = Readings(data, name, 1)
    await readings.read(EndpointCandidate(name, endpoint, budget=PageBudget()))
    scores = score(data, name, find_browser(None))
    return [*_too_low(scores, is_whole=len(data.pages) == PAGES), *_other_prompts(readings)]


def _too_low(scores: Scores, is_whole: bool) -> Iterator[str]:
    for one in scores.categories:
        least = MEASURED["categories"][one.name]["percent"] - MARGIN
        if one.score.percent < least:
            yield f"{one.name}: {one.score.percent:.0f} %, at least {least:.0f} % is expected"
    least = MEASURED["overall"]["percent"] - OVERALL_MARGIN
    if is_whole and scores.overall.percent < least:
        yield f"overall: {scores.overall.percent:.0f} %, at least {least:.0f} % is expected"


def _other_prompts(readings: Readings) -> Iterator[str]:
    """A page of another size, or another prompt, has another number of tokens."""
    for one in readings.log():
        expected = PROMPT_TOKENS[one.pdf]
        if one.finish != "error" and one.prompt_tokens != expected:
            yield f"{one.pdf}: {one.prompt_tokens} prompt tokens, {expected} are expected"
