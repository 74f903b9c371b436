"""Does JPEG change what is read? The same pages, lossless and as JPEG, read by the embedded model.

    python -m benchmarks.jpeg_study build/held/measured 300 > benchmarks/results/jpeg.json

The folder and the pages are those of `pocket/samples.py`: manuals that the pocket model was never
trained on, whose own text is the truth. Each page is read as `lighton-ocr read` reads it, and
greedily, so that nothing but the picture differs. A model this small loses its way on some pages by
chance, one way or the other; so the word F1 says more than the share of texts that stayed the same.
"""

import asyncio
import json
import os
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from typing import Any

from pocket.readers import page_of
from pocket.samples import Sample, manual_pages
from pocket.scores import word_f1
from rapidfuzz.distance import Levenshtein

from lighton_ocr.catalog.models import POCKET, find_model
from lighton_ocr.client import PageClient
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.embedded import EmbeddedEngine
from lighton_ocr.ladder import PageListener
from lighton_ocr.page_reader import PageReader
from lighton_ocr.pages import EncodedPage, encode

LOSSLESS = "lossless"
WAYS = (LOSSLESS, "95", "85")  # JPEG's quality; 95 is what `--jpeg` sends
CHANGED = 0.1  # of a text's characters


def encoded(sample: Sample, way: str, endpoint: Endpoint) -> EncodedPage:
    """The page as it is sent."""
    page = page_of(sample, endpoint.geometry)
    lossless = encode(page)
    if way == LOSSLESS:
        return lossless
    buffer = BytesIO()
    page.image.save(buffer, "JPEG", quality=int(way), subsampling=0)
    return EncodedPage(0, buffer.getvalue(), "image/jpeg", lossless.size)


async def read(endpoint: Endpoint, samples: Iterable[Sample]) -> list[dict[str, Any]]:
    """For each page and way: the text, the bytes sent, how right it is."""
    rows = []
    async with PageClient(endpoint) as client:
        reader = PageReader(endpoint, client)
        for sample in samples:
            row = {}
            for way in WAYS:
                page = encoded(sample, way, endpoint)
                text = (await reader.read(page, PageListener())).text
                row[way] = {"text": text, "bytes": len(page.data)}
                row[way]["word_f1"] = word_f1(text, sample.truth)
            rows.append(row)
            print(sample.name, *(f"{row[way]['word_f1']:.3f}" for way in WAYS), file=sys.stderr)
    return rows


def summary(rows: list[dict[str, Any]], way: str) -> dict[str, Any]:
    """One way beside the lossless one."""
    far = [Levenshtein.normalized_distance(row[LOSSLESS]["text"], row[way]["text"]) for row in rows]
    scores = [row[way]["word_f1"] for row in rows]
    return {
        "pages": len(rows),
        "kb_a_page": round(fmean(row[way]["bytes"] for row in rows) / 1000, 1),
        "word_f1": round(fmean(scores), 4),
        "word_f1_median": round(median(scores), 4),
        "the_same": sum(distance == 0 for distance in far),
        "changed_by_more_than_a_tenth": sum(distance > CHANGED for distance in far),
        "of_them_better": sum(
            distance > CHANGED and row[way]["word_f1"] > row[LOSSLESS]["word_f1"]
            for distance, row in zip(far, rows, strict=True)
        ),
    }


def main(folder: str, count: str) -> None:
    samples = islice(manual_pages(Path(folder), int(count)), int(count))
    with EmbeddedEngine(find_model(POCKET)) as endpoint:
        rows = asyncio.run(read(endpoint, samples))
    report = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"python -m benchmarks.jpeg_study MANUALS {count}",
        "machine": f"{platform.machine()}, {os.cpu_count()} threads",
        "versions": {name: version(name) for name in ("xllamacpp", "pypdfium2", "pillow")},
        "ways": {way: summary(rows, way) for way in WAYS},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
