"""Score readings that `pocket.readers` kept: RESULT.json and, a page a line, RESULT.jsonl.

    python -m pocket.evaluate RESULT.json NAME=build/readings/NAME NAME=EARLIER.jsonl …

A reader's scores may come from an earlier result in place of its readings; then only the pages
that all readers have read are kept. `shared` has the scores of those pages in any case.
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


def _rows(name: str, source: Path) -> list[Row]:
    """A reader's scores: of its readings, or as an earlier result has them."""
    if source.suffix != ".jsonl":
        files = sorted(source.glob("*.json"))
        return [scored(json.loads(file.read_text(encoding="utf8"))) for file in files]
    found = map(json.loads, source.read_text(encoding="utf8").splitlines())
    return [row for row in found if row.pop("reader") == name]


def main(result: str, *readers: str) -> None:
    sources = {name: Path(source) for name, source in (r.rsplit("=", 1) for r in readers)}
    rows = {name: _rows(name, source) for name, source in sources.items()}
    shared = set.intersection(*({row["name"] for row in read} for read in rows.values()))
    if any(source.suffix == ".jsonl" for source in sources.values()):
        rows = {name: [r for r in read if r["name"] in shared] for name, read in rows.items()}
    target = Path(result)
    report = {
        "command": "python -m pocket.evaluate RESULT.json " + " ".join(f"{n}=…" for n in rows),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} threads",
        "versions": {name: version(name) for name in ("xllamacpp", "pypdfium2", "pillow")},
        "peak_mib": {
            name: int((source / MEMORY).read_text())
            for name, source in sources.items()
            if (source / MEMORY).exists()
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
