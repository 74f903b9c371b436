"""Score the boxes that `pocket.box_readings` read, and write RESULT.json.

    python -m pocket.box_scores build/readings/boxes RESULT.json

A true block is found where the reading has a block with nearly its text, or a picture for a
picture; its box is met where the two boxes are nearly the same.
"""

import json
import statistics
import sys
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


def scored(reading: dict[str, Any]) -> dict[str, float]:
    """One page's scores: sums over its true blocks, and word F1 with boxes and without."""
    truth = reading["blocks"]
    found = [block for block in reading["grounded"]["blocks"] if block["box"]]
    matched = pairs(truth, found)
    overlaps = [overlap(wanted["box"], given["box"]) for wanted, given in matched]
    return {
        "blocks": len(truth),
        "found": len(matched),
        "met": sum(share >= _SAME_BOX for share in overlaps),
        "overlap": sum(overlaps),
        "labels": sum(wanted["label"] == given["label"] for wanted, given in matched),
        "word_f1": word_f1(reading["grounded"]["text"], reading["truth"]),
        "plain_word_f1": word_f1(reading["plain"]["text"], reading["truth"]),
    }


def summary(pages: Sequence[dict[str, float]]) -> dict[str, float]:
    """Of all true blocks: the share found, the share whose box is met, the mean overlap (IoU) and
    the share with the right label; and the means of word F1."""
    blocks = sum(page["blocks"] for page in pages)
    shares = {
        name: sum(page[name] for page in pages) / blocks
        for name in ("found", "met", "overlap", "labels")
    }
    means = {
        name: statistics.fmean(page[name] for page in pages)
        for name in ("word_f1", "plain_word_f1")
    }
    scores = {name: round(value, 4) for name, value in (shares | means).items()}
    return {"pages": len(pages), "blocks": blocks} | scores


def main(readings: str, result: str) -> None:
    files = sorted(Path(readings).glob("*.json"))
    rows = [scored(json.loads(file.read_text(encoding="utf8"))) for file in files]
    report = {
        "command": "python -m pocket.box_scores READINGS RESULT.json",
        "all": summary(rows),
        "pages": {file.stem: row for file, row in zip(files, rows, strict=True)},
    }
    Path(result).write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report["all"], indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
