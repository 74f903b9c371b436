"""Score readings that `pocket.readers` kept: RESULT.json and, a page a line, RESULT.jsonl.

    python -m pocket.evaluate RESULT.json NAME=build/readings/NAME NAME=EARLIER.jsonl#OLD …

A reader's scores may come from an earlier result, where it was called OLD or, without `#OLD`, NAME.
Then only pages of the first reader are kept, and of those the ones that all readers of their kind
have read. A name may come twice: its scores are put together. `shared` has the scores of the pages
that all readers have read.
"""

import json
import os
import platform
import statistics
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pocket.readers import MEMORY
from pocket.scores import (
    bare_word_f1,
    cell_f1,
    character_error_rate,
    formula_scores,
    loops,
    word_f1,
    wrong_words,
)

KINDS = ("text", "scan", "jpeg", "everyday", "table", "formula", "blank")
Row = dict[str, Any]


def scored(reading: Row) -> Row:
    """One reading's scores."""
    found, truth, kind = reading["text"], reading["truth"], reading["kind"]
    row = {key: reading[key] for key in ("name", "kind")}
    seconds = reading["seconds"]
    row |= {
        "seconds": None if seconds is None else round(seconds, 2),
        "word_f1": round(word_f1(found, truth), 4),
        "bare_word_f1": round(bare_word_f1(found, truth), 4),
        "cer": round(character_error_rate(found, truth), 4),
        "loops": loops(found) and not loops(truth),
        "empty": not found.strip(),
    }
    if "attempts" in reading:
        row["asked_again"] = reading["attempts"] > 1
        row["confidence"] = reading["confidence"]
    if kind == "everyday":
        row["wrong_words"] = wrong_words(found, truth)
    if kind == "table" or (kind == "everyday" and "<table>" in truth):
        row["cell_f1"] = round(cell_f1(found, truth), 4)
    if kind == "formula":
        row["exact"], row["distance"] = (round(x, 4) for x in formula_scores(found, truth))
    return row


def summary(rows: Iterable[Row]) -> dict[str, dict[str, float]]:
    """By kind of page: how many, and means; of word F1 and seconds the median as well."""
    out: dict[str, dict[str, float]] = {}
    rows = list(rows)
    for kind in KINDS:
        chosen = [row for row in rows if row["kind"] == kind]
        if not chosen:
            continue
        out[kind] = {"pages": len(chosen)}
        for key in sorted({key for row in chosen for key in row} - {"name", "kind"}):
            known = [row[key] for row in chosen if row.get(key) is not None]
            if known:
                out[kind][key] = round(statistics.fmean(known), 4)
            if known and key in {"word_f1", "bare_word_f1", "seconds"}:
                out[kind][f"{key}_median"] = round(statistics.median(known), 4)
    return out


def _rows(name: str, source: str) -> list[Row]:
    """A reader's scores: of its readings, or as an earlier result has them."""
    path, _, old = source.partition("#")
    if not path.endswith(".jsonl"):
        files = sorted(Path(path).glob("*.json"))
        return [scored(json.loads(file.read_text(encoding="utf8"))) for file in files]
    found = map(json.loads, Path(path).read_text(encoding="utf8").splitlines())
    return [row for row in found if row.pop("reader") == (old or name)]


def _matched(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The first reader's pages, without those that some reader of their kind has not read."""
    kept: set[tuple[str, str]] = set()
    for kind in KINDS:
        read = [{row["name"] for row in found if row["kind"] == kind} for found in rows.values()]
        names = read[0].intersection(*(found for found in read if found))
        kept |= {(kind, name) for name in names}
    return {
        name: [row for row in found if (row["kind"], row["name"]) in kept]
        for name, found in rows.items()
    }


def main(result: str, *readers: str) -> None:
    sources = [reader.split("=", 1) for reader in readers]
    rows: dict[str, list[Row]] = {}
    for name, source in sources:
        rows.setdefault(name, []).extend(_rows(name, source))
    if any(".jsonl" in source for _, source in sources):
        rows = _matched(rows)
    shared = set.intersection(*({row["name"] for row in read} for read in rows.values()))
    target = Path(result)
    report = {
        "command": "python -m pocket.evaluate RESULT.json " + " ".join(f"{n}=…" for n in rows),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} threads",
        "versions": {name: version(name) for name in ("xllamacpp", "pypdfium2", "pillow")},
        "peak_mib": {
            name: int(Path(source, MEMORY).read_text())
            for name, source in sources
            if Path(source, MEMORY).exists()
        },
        "readers": {name: summary(read) for name, read in rows.items()},
        "shared": {
            name: summary(row for row in read if row["name"] in shared)
            for name, read in rows.items()
        },
    }
    target.write_text(json.dumps(report, indent=1) + "\n")
    lines = [json.dumps({"reader": name} | row) for name, read in rows.items() for row in read]
    target.with_suffix(".jsonl").write_text("\n".join(lines) + "\n")
    print(json.dumps(report["readers"], indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
