"""Score the boxes that `pocket.box_readings` read, and write RESULT.json.

    python -m pocket.box_scores build/readings/boxes RESULT.json

A true block is found where the reading has a block with nearly its text, or a picture for a
picture; its box is met where the two boxes are nearly the same.
"""

import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from pocket.scores import plain, word_f1

# How much of two texts and of two boxes must be the same.
_SAME_TEXT, _SAME_BOX = 0.8, 0.7
Block = dict[str, Any]


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """The area that two boxes share, of the area that both cover."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, across) * max(0.0, down)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared) if shared else 0.0


def likeness(one: Block, other: Block) -> float:
    """How alike two blocks are, 0 to 1: their texts or, of pictures, their boxes."""
    if not one["text"] and not other["text"]:
        return overlap(one["box"], other["box"])
    return float(Levenshtein.normalized_similarity(plain(one["text"]), plain(other["text"])))


def pairs(truth: Sequence[Block], found: Sequence[Block]) -> list[tuple[Block, Block]]:
    """True blocks with the ones that were read for them, the most alike first."""
    alike = [
        (likeness(wanted, given), overlap(wanted["box"], given["box"]), i, j)
        for i, wanted in enumerate(truth)
        for j, given in enumerate(found)
    ]
    taken: dict[int, int] = {}
    for degree, _, i, j in sorted(alike, reverse=True):
        enough = degree >= _SAME_TEXT or (degree > 0 and not truth[i]["text"])
        if enough and i not in taken and j not in taken.values():
            taken[i] = j
    return [(truth[i], found[j]) for i, j in taken.items()]


def scored(page: dict[str, Any], reading: dict[str, Any]) -> dict[str, Any]:
    """One page's scores: sums over its true blocks, word F1, and overlaps by label."""
    truth = page["blocks"]
    found = [block for block in reading["blocks"] if block["box"]]
    matched = pairs(truth, found)
    overlaps = {id(wanted): overlap(wanted["box"], given["box"]) for wanted, given in matched}
    return {
        "blocks": len(truth),
        "found": len(matched),
        "met": sum(share >= _SAME_BOX for share in overlaps.values()),
        "overlap": sum(overlaps.values()),
        "labels": sum(wanted["label"] == given["label"] for wanted, given in matched),
        "word_f1": word_f1(reading["text"], page["truth"]),
        "by_label": [(block["label"], overlaps.get(id(block), 0.0)) for block in truth],
    }


def summary(pages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of all true blocks: the share found, the share whose box is met, the mean overlap (IoU) and
    the share with the right label; the mean word F1; and by label the number of blocks with their
    mean overlap. What is not found overlaps by 0."""
    blocks = sum(page["blocks"] for page in pages)
    scores = {
        name: sum(page[name] for page in pages) / blocks
        for name in ("found", "met", "overlap", "labels")
    }
    scores["word_f1"] = statistics.fmean(page["word_f1"] for page in pages)
    of_label: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        for label, share in page["by_label"]:
            of_label[label].append(share)
    return {
        "pages": len(pages),
        "blocks": blocks,
        **{name: round(value, 4) for name, value in scores.items()},
        "by_label": {
            label: [len(shares), round(statistics.fmean(shares), 4)]
            for label, shares in sorted(of_label.items())
        },
    }


def main(readings: str, result: str) -> None:
    pages = [
        json.loads(file.read_text(encoding="utf8"))
        for file in sorted(Path(readings).glob("*.json"))
    ]
    ways = {
        way: summary([scored(page, page["readings"][way]) for page in pages])
        for way in pages[0]["readings"]
    }
    report = {"command": "python -m pocket.box_scores READINGS RESULT.json", "ways": ways}
    Path(result).write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(ways, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
