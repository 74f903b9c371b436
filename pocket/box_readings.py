"""Draw pages whose blocks have boxes, and read them in the ways in which blocks get boxes.

    python -m pocket.box_readings draw build/pocket build/boxed 96
    python -m pocket.box_readings read MODEL build/boxed build/readings/boxes

`draw` writes a picture and a JSON file for each page: its Markdown, and its blocks with boxes in
thousandths of the page. The pages are the training's own, with a seed of their own. `read` needs
these files, MODEL (a folder with `model.gguf` and `mmproj.gguf`) and as many processes as there are
cores, each with a model of its own. It asks for the text and finds its blocks on the page, as users
do (`found`); asks the model for boxes (`grounded`); and finds the blocks of the true text (`true
text`). What was read is kept. `pocket.box_scores` scores it.
"""

import json
import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

from lighton_ocr._cores import free_cores
from lighton_ocr.documents.own_text import NO_TEXT
from lighton_ocr.documents.pages import encode, page_image
from lighton_ocr.reading.found_blocks import find_blocks
from pocket.readers import Read, block_of, pocket_reader
from pocket.samples import Sample

_SEED = 979
_WIDTH, _HEIGHT, _LONGEST = 924, 1288, 5000
# Of a process that reads: its engines, which run as long as this is there, and how they are asked.
_engines = ExitStack()
_readers: dict[str, Read] = {}


def draw(data: Path, target: Path, count: int) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for number, (image, page) in zip(range(count), _pages(data), strict=False):
        image.save(target / f"{number:03}.png")
        (target / f"{number:03}.json").write_text(json.dumps(page, ensure_ascii=False))


def _pages(data: Path) -> Iterator[tuple[Image.Image, dict[str, Any]]]:
    """Pictures of pages, and what is on them."""
    from pocket.corpus import Source
    from pocket.drawing.grounding import markdown, thousandths
    from pocket.drawing.manuscript import Typesetter
    from pocket.drawing.press import Press

    typesetter, rng = Typesetter(Source.open(data), Press(data / "fonts")), random.Random(_SEED)
    while True:
        made = typesetter.grounded(rng, _WIDTH, _HEIGHT, dense=False)
        if made is None or not made[1] or len(text := markdown(made[1])) > _LONGEST:
            continue
        ink, found = made
        blocks = [
            {
                "label": block.label,
                "box": thousandths(block.box, _WIDTH, _HEIGHT),
                "text": "" if block.label == "image" else block.text,
            }
            for block in found
        ]
        yield Image.fromarray(255 - ink), {"truth": text, "blocks": blocks}


def read(model: Path, pages: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    left = [page for page in sorted(pages.glob("*.png")) if not _reading(target, page).exists()]
    # Not forked: the engine's threads would be missing.
    with get_context("spawn").Pool(free_cores(), _start, (model,)) as workers:
        for page, reading in workers.imap_unordered(_read, left):
            kept = json.loads(page.with_suffix(".json").read_text(encoding="utf8")) | reading
            _reading(target, page).write_text(json.dumps(kept, ensure_ascii=False))


def _reading(target: Path, page: Path) -> Path:
    return target / f"{page.stem}.json"


def _start(model: Path) -> None:
    for boxes in ("found", "grounded"):
        _readers[boxes] = _engines.enter_context(pocket_reader(model, boxes, threads=1))


def _read(page: Path) -> tuple[Path, dict[str, Any]]:
    image = Image.open(page)
    readings = {
        name: read(Sample(page.stem, "boxed", image, "")) for name, read in _readers.items()
    }
    truth = json.loads(page.with_suffix(".json").read_text(encoding="utf8"))["truth"]
    pieces = (encode(page_image(0, image, image.size)),)
    blocks = find_blocks(truth, pieces, NO_TEXT, ())
    readings["true text"] = {"text": truth, "blocks": list(map(block_of, blocks))}
    return page, {"name": page.stem, "readings": readings}


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        draw(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        read(*map(Path, sys.argv[2:5]))
