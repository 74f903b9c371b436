"""Read sample pages with a reader; keep each reading, so that a page is read once.

    python -m pocket.readers build/held/measured build/pocket build/readings/NAME \
        READER text=300 scan=100 everyday=20 table=20 formula=20 blank=10

READER is the folder of a pocket model (`model.gguf`, `mmproj.gguf`), which is asked as
`lighton-ocr read` asks; `tesseract` (the Debian package tesseract-ocr, English); `rapidocr` (the
package of that name, as it installs itself); or a JSON file that `pocket.generate` wrote on a GPU,
whose readings have no seconds and were asked for once.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from lighton_ocr.catalog.models import GROUNDING, POCKET, find_model
from lighton_ocr.documents.pages import Geometry, PageImage, PreparedPage, encode, page_image
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.llama_cpp.weights import Weights
from lighton_ocr.reading.attempts import ReadingPolicy
from lighton_ocr.reading.blocks import Block
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.results import PageResult
from pocket.samples import (
    Sample,
    blank_pages,
    drawn_pages,
    everyday_pages,
    jpeg,
    manual_pages,
    scan,
)

# The file of a reading's peak memory in MiB, what renders the pages included.
MEMORY = "peak-mib"
# A sample's text and, where it was read one page at a time, the seconds that took; with a pocket
# model also how often it was asked and how sure it was.
Read = Callable[[Sample], dict[str, Any]]
# found: where the text fits the page; grounded: as the model says.
Boxes = Literal["found", "grounded"]


def samples(manuals: Path, data: Path, counts: dict[str, int]) -> Iterator[Sample]:
    """The pages asked for, kind by kind; `counts` says how many of each."""
    most = max(counts.get(kind, 0) for kind in ("text", "scan", "jpeg"))
    text = list(manual_pages(manuals, most))
    yield from text[: counts.get("text", 0)]
    yield from map(scan, text[: counts.get("scan", 0)])
    yield from map(jpeg, text[: counts.get("jpeg", 0)])
    if "everyday" in counts:
        yield from islice(everyday_pages(data), counts["everyday"])
    for kind in ("table", "formula"):
        if kind in counts:
            yield from drawn_pages(data, kind, counts[kind])
    yield from blank_pages(counts.get("blank", 0))


@contextmanager
def reader(name: str) -> Iterator[Read]:
    if name == "tesseract":
        yield _tesseract
    elif name == "rapidocr":
        yield _rapidocr()
    elif name.endswith(".json"):
        texts = json.loads(Path(name).read_text(encoding="utf8"))
        yield lambda sample: {"text": texts[sample.name], "seconds": None}
    else:
        with pocket_reader(Path(name)) as read:
            yield read


@contextmanager
def pocket_reader(
    folder: Path, boxes: Boxes | None = None, threads: int | None = None
) -> Iterator[Read]:
    """Reads with the model in that folder; with `boxes`, also blocks."""
    weights = Weights(folder / "model.gguf", folder / "mmproj.gguf")
    model = find_model(POCKET)
    if boxes == "grounded":
        model = replace(model, modes=(*model.modes, GROUNDING))
    with EmbeddedEngine(model, threads, weights) as endpoint:

        async def asked(page: PageImage) -> PageResult:
            async with PageClient(endpoint) as client:
                pieces = () if page.is_blank else (encode(page),)
                prepared = PreparedPage(page.index, pieces)
                policy = ReadingPolicy.of(endpoint, boxes=boxes is not None)
                reader = PageReader(endpoint, client, policy)
                return await reader.read(prepared, PageListener())

        def read(sample: Sample) -> dict[str, Any]:
            result = asyncio.run(asked(page_of(sample, Geometry.of(endpoint))))
            found = {
                "text": result.text,
                "seconds": result.seconds,
                "attempts": len(result.attempts),
                "confidence": result.confidence,
            }
            return found | {"blocks": list(map(block_of, result.blocks))} if boxes else found

        yield read


def block_of(block: Block) -> dict[str, Any]:
    """A block's label, box and text."""
    label = f"{block.kind}+" if block.continued else block.kind
    return {"label": label, "box": block.box, "text": block.text}


def page_of(sample: Sample, geometry: Geometry) -> PageImage:
    """The sample in the size that the model wants."""
    image = sample.image if sample.image.mode == "L" else sample.image.convert("RGB")
    size = geometry.fit(*image.size)
    return page_image(0, image.resize(size, Image.Resampling.BICUBIC), image.size)


def _tesseract(sample: Sample) -> dict[str, Any]:
    buffer = BytesIO()
    sample.image.save(buffer, "PNG")
    began = time.monotonic()
    command = ["tesseract", "stdin", "stdout", "-l", "eng", "--dpi", "110"]
    # One thread: on pages as small as these its threads only wait for each other.
    alone = os.environ | {"OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(
        command, input=buffer.getvalue(), capture_output=True, check=True, env=alone
    )
    return {"text": done.stdout.decode(), "seconds": time.monotonic() - began}


def _rapidocr() -> Read:
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(sample: Sample) -> dict[str, Any]:
        began = time.monotonic()
        found = engine(sample.image.convert("RGB"))
        return {"text": "\n".join(found.txts or ()), "seconds": time.monotonic() - began}

    return read


def main(manuals: str, data: str, target: str, name: str, *counts: str) -> None:
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {kind: int(count) for kind, count in (item.split("=") for item in counts)}
    with reader(name) as read:
        for sample in samples(Path(manuals), Path(data), wanted):
            path = folder / (sample.name.replace("/", "_") + ".json")
            if path.exists():
                continue
            kept = {"name": sample.name, "kind": sample.kind, "truth": sample.truth}
            kept |= read(sample)
            path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf8")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak = max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024
    before = int((folder / MEMORY).read_text()) if (folder / MEMORY).exists() else 0
    (folder / MEMORY).write_text(str(max(peak, before)))  # a resumed run may need less


if __name__ == "__main__":
    main(*sys.argv[1:])
