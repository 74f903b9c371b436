"""Cut collected manuals down to the pages that training uses, so that they travel.

    python -m pocket.manuals.pack build/pocket build/packed 68

Written are `manuals.jsonl` and `manuals/` as `collect` writes them, of at most so many megabytes.
Each folder that the documents come from gives as many bytes; of its documents, those that take the
fewest bytes a page come first.
"""

import itertools
import json
import sys
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2


def cut(document: Path, numbers: list[int]) -> bytes:
    """A PDF of these pages alone, numbered from 0."""
    with pypdfium2.PdfDocument(document) as source, pypdfium2.PdfDocument.new() as target:
        target.import_pages(source, numbers)
        buffer = BytesIO()
        target.save(buffer)
    return buffer.getvalue()


def pack(source: Path, target: Path, most_bytes: int) -> None:
    (target / "manuals").mkdir(parents=True, exist_ok=True)
    lines = (source / "manuals.jsonl").read_text(encoding="utf8").splitlines()
    pages = [json.loads(line) for line in lines]
    kept = {name: list(group) for name, group in itertools.groupby(pages, lambda p: p["file"])}
    made = {
        name: cut(source / "manuals" / name, [page["number"] for page in group])
        for name, group in kept.items()
    }
    with (target / "manuals.jsonl").open("w", encoding="utf8") as out:
        for name in _in_turn(kept, made):
            text = _lines(kept[name])
            most_bytes -= len(made[name]) + len(text.encode())
            if most_bytes < 0:
                break
            (target / "manuals" / name).write_bytes(made[name])
            out.write(text)


def _in_turn(kept: dict[str, list[dict[str, Any]]], made: dict[str, bytes]) -> list[str]:
    """The documents by the bytes that their folder has given when it has given them."""
    given: dict[str, int] = defaultdict(int)
    order: dict[str, int] = {}
    for name in sorted(made, key=lambda name: len(made[name]) / len(kept[name])):
        folder = str(Path(kept[name][0]["source"]).parent)
        order[name] = given[folder] = given[folder] + len(made[name])
    return sorted(order, key=order.__getitem__)


def _lines(pages: list[dict[str, Any]]) -> str:
    """Records of a document's pages, numbered as in the packed one."""
    records = [page | {"number": number} for number, page in enumerate(pages)]
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]), int(float(sys.argv[3]) * 1e6))
