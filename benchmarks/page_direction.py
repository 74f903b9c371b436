"""How often a page that lies on its side or on its head is found, from its picture alone.

    python -m benchmarks.page_direction FOLDER

FOLDER holds PDFs whose pages are upright, such as manuals of Debian packages. Two pages of each
with at least 300 characters are looked at in four directions, as they are drawn and as a scan:
tilted by up to 0.8 degrees, blurred, on gray paper, with noise. Written are
`benchmarks/results/page-direction.json`, with every page that was missed or turned wrongly.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageFilter

from lighton_ocr.documents.direction import find_turn, turn_image
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.documents.pdf import PdfFile
from lighton_ocr.errors import DocumentError

RESULT = Path(__file__).parent / "results" / "page-direction.json"
PAGES_OF_ONE = 2
LEAST_CHARACTERS = 300
GEOMETRY = Geometry(edge=1288, grid=28)  # the pocket model's


def pages(folder: Path, chance: random.Random) -> Iterator[tuple[str, Image.Image]]:
    """Yield pages with their names; of files with the same size, one is taken."""
    files = {path.stat().st_size: path for path in sorted(folder.rglob("*.pdf")) if path.is_file()}
    for path in files.values():
        try:
            document = PdfFile(path.name, path)
        except DocumentError:
            continue
        with document:
            count = min(PAGES_OF_ONE, document.page_count)
            for index in chance.sample(range(document.page_count), count):
                if len(document.text_layer(index)) >= LEAST_CHARACTERS:
                    image = document.render(index, GEOMETRY).image.convert("L")
                    yield f"{path.relative_to(folder)} page {index + 1}", image


def as_scan(page: Image.Image, chance: random.Random) -> Image.Image:
    """Return the page as a scanner might give it."""
    tilted = page.rotate(chance.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255)
    blurred = tilted.filter(ImageFilter.GaussianBlur(0.7)).point(lambda shade: 40 + shade * 0.75)
    return ImageChops.add(blurred, Image.effect_noise(page.size, 14), offset=-128)


def main(folder: Path) -> None:
    chance = random.Random(5)
    counts: dict[str, Counter[str]] = {"drawn": Counter(), "scan": Counter()}
    faults: list[dict[str, Any]] = []
    total = 0
    for name, page in pages(folder, chance):
        total += 1
        for kind, image in (("drawn", page), ("scan", as_scan(page, chance))):
            for degrees in (0, 90, 180, 270):
                found, right = find_turn(turn_image(image, degrees)), (360 - degrees) % 360
                outcome = "right" if found == right else "turned wrongly" if found else "missed"
                counts[kind][f"{'upright' if degrees == 0 else 'turned'}, {outcome}"] += 1
                if found != right:
                    faults.append({"page": name, "kind": kind, "turned": degrees, "found": found})
    result = {"pages": total, **{kind: dict(count) for kind, count in counts.items()}}
    RESULT.write_text(json.dumps({**result, "faults": faults}, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
