"""Cut collected manuals down to the pages that training uses, so that they travel.

    python -m pocket.manuals.pack build/pocket build/packed

Written are `manuals.jsonl` and `manuals/` as `collect` writes them, a document that is larger than
its share of pages allows left out.
"""

import itertools
import json
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2

BYTES_A_PAGE = 40_000


def cut(document: Path, numbers: list[int]) -> bytes:
    """A PDF of these pages alone, numbered from 0."""
    with pypdfium2.PdfDocument(document) as source, pypdfium2.PdfDocument.new() as target:
        target.import_pages(source, numbers)
        buffer = BytesIO()
        target.save(buffer)
    return buffer.getvalue()


def pack(source: Path, target: Path) -> None:
    (target / "manuals").mkdir(parents=True, exist_ok=True)
    lines = (source / "manuals.jsonl").read_text(encoding="utf8").splitlines()
    pages = [json.loads(line) for line in lines]
    with (target / "manuals.jsonl").open("w", encoding="utf8") as out:
        for name, group in itertools.groupby(pages, key=lambda page: page["file"]):
            chosen = list(group)
            made = cut(source / "manuals" / name, [page["number"] for page in chosen])
            if len(made) > BYTES_A_PAGE * len(chosen) + 200_000:
                continue
            (target / "manuals" / name).write_bytes(made)
            for number, page in enumerate(chosen):
                record = page | {"number": number}
                out.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:3]))
