"""Preparing pages, with their text as a draft, compared with a simple script.

The script ("old") opens the document for each page, renders it with pypdfium2 at scale 2.77,
reduces it to 1540 px and saves a PNG with Pillow's defaults. All ways run on the same pages, in
turn for each page, in one process.

    python benchmarks/client_path.py MANUAL.pdf… > benchmarks/results/client-path.json
"""

import json
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import pypdfium2

from lighton_ocr.documents import Document, load_source, open_document, prepare
from lighton_ocr.documents.pages import Encoding, Geometry, PageOptions

GEOMETRY = Geometry(1540, 28)
PAGES_EACH = 12


def old_way(path: str, index: int) -> int:
    document = pypdfium2.PdfDocument(path)
    image = document[index].render(scale=2.77).to_pil()
    image.thumbnail((1540, 1540))
    file = BytesIO()
    image.save(file, "PNG")
    document.close()
    return file.tell()


def our_way(document: Document, index: int, encoding: Encoding) -> int:
    page = prepare(document, index, PageOptions(GEOMETRY, encoding, with_draft=True))
    return sum(len(piece.data) + len(piece.draft) for piece in page.pieces)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    start = time.perf_counter()
    size = work()
    return time.perf_counter() - start, size


def main() -> None:
    totals: dict[str, list[float]] = {"old": [0, 0], "png": [0, 0], "jpeg": [0, 0]}
    pages = 0
    for path in sys.argv[1:]:
        with open_document(load_source(path)) as document:
            step = max(1, document.page_count // PAGES_EACH)
            for index in range(0, document.page_count, step)[:PAGES_EACH]:
                pages += 1
                ways = {
                    "old": lambda i=index, p=path: old_way(p, i),
                    "png": lambda i=index, d=document: our_way(d, i, "png"),
                    "jpeg": lambda i=index, d=document: our_way(d, i, "jpeg"),
                }
                for name, work in ways.items():
                    seconds, size = timed(work)
                    totals[name][0] += seconds
                    totals[name][1] += size
    rows = {
        name: {
            "ms_a_page": round(1000 * seconds / pages, 1),
            "kb_a_page": round(size / pages / 1000, 1),
            "times_the_old_way": round(totals["old"][0] / seconds, 2),
        }
        for name, (seconds, size) in totals.items()
    }
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, one core of {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("pypdfium2", "pillow", "lighton-ocr")},
        "documents": [Path(path).name for path in sys.argv[1:]],
        "pages": pages,
        "ways": rows,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
