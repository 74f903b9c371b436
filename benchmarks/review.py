"""How well the ranking of `reading/review.py` finds badly read pages, on the measured manuals.

    python benchmarks/review.py > benchmarks/results/review.json

Takes the pocket model's scores of printed and scanned manual pages (results/pocket.jsonl). Their
text was not used for the ranking, which knows the confidence and whether a page was read again.
"""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

from lighton_ocr.reading.attempts import Attempt, AttemptSettings
from lighton_ocr.reading.results import PageResult
from lighton_ocr.reading.review import review

RESULTS = Path(__file__).parent / "results"
BAD = (0.7, 0.8, 0.9)  # a page is bad if its word F1 is below


def main() -> None:
    """Print the area under the ROC curve for each definition of a bad page."""
    lines = (RESULTS / "pocket.jsonl").read_text("utf-8").splitlines()
    pages = [
        row
        for row in map(json.loads, lines)
        if row["reader"] == "this model" and row["kind"] in ("text", "scan")
    ]
    scores = [review(result(page)).score for page in pages]
    found = {
        "source": "benchmarks/results/pocket.jsonl",
        "pages": len(pages),
        "bad_below_word_f1": {
            str(bound): figures([page["word_f1"] < bound for page in pages], scores)
            for bound in BAD
        },
    }
    print(json.dumps(found, indent=2))


def result(page: dict[str, Any]) -> PageResult:
    """Return what the reader knew of a page."""
    attempts = 2 if page["asked_again"] else 1
    made = tuple(
        Attempt(number + 1, AttemptSettings(0, 1, 1), "stop", 0.0) for number in range(attempts)
    )
    return PageResult(1, "text", "stop", attempts=made, confidence=page["confidence"])


def figures(bad: list[bool], scores: list[float]) -> dict[str, float]:
    """Return the area under the curve, and the share of bad pages in the first tenth."""
    pairs = [
        (mine > other) + (mine == other) / 2
        for is_bad, mine in zip(bad, scores, strict=True)
        if is_bad
        for is_other_bad, other in zip(bad, scores, strict=True)
        if not is_other_bad
    ]
    ranked = [is_bad for _, is_bad in sorted(zip(scores, bad, strict=True), key=lambda x: -x[0])]
    return {
        "bad_pages": sum(bad),
        "area_under_curve": round(fmean(pairs), 3),
        "found_in_first_tenth": round(sum(ranked[: len(ranked) // 10]) / sum(bad), 3),
    }


if __name__ == "__main__":
    main()
