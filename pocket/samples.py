"""Pages to measure readers on, none of them ever trained on.

Manuals: PDFs of Debian packages (`manuals/measured.txt`), each unpacked into a folder of its own,
none of them in the training text; truth is the PDF's own text layer. Scans: the same pages, worn by
code that training does not use. Everyday pages: letters, invoices and papers written by hand, set
by Typst in families that training uses too. Drawn tables and formulas: from the training's own
generators, with a seed of their own, so they flatter what learned from them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from lighton_ocr.documents.pages import Geometry, encode, page_image
from pocket.manuals.files import content, documents
from pocket.scores import plain

if TYPE_CHECKING:
    import pypdfium2

GEOMETRY = Geometry(edge=1288, grid=28, enlarge=True)  # as the product sends pages to this model


@dataclass(frozen=True)
class Sample:
    """A page, what it says, and its kind: text, scan, jpeg, table, formula or blank."""

    name: str
    kind: str
    image: Image.Image
    truth: str


def manual_pages(root: Path, count: int, seed: int = 0) -> Iterator[Sample]:
    """`count` pages of running text, one of each package in turn, so that any prefix is mixed."""
    import pypdfium2  # a GPU machine that only reads pictures does without

    rng = random.Random(seed)
    turns = []
    for package in sorted(folder for folder in root.iterdir() if folder.is_dir()):
        pages = []
        for path in documents(package):
            with pypdfium2.PdfDocument(content(path)) as document:
                pages += [(path, number) for number in range(3, len(document))]
        rng.shuffle(pages)
        turns.append((package.name, iter(pages)))
    while turns and count:
        package_name, left = turns.pop(0)
        sample = next(filter(None, (_manual_page(package_name, *page) for page in left)), None)
        if sample:
            turns.append((package_name, left))
            count -= 1
            yield sample


def _is_pictured(page: "pypdfium2.PdfPage") -> bool:
    """Whether it holds a picture, which may show words that the text layer lacks."""
    import pypdfium2.raw as pdfium

    return any(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _manual_page(package: str, path: Path, number: int) -> Sample | None:
    import pypdfium2

    with pypdfium2.PdfDocument(content(path)) as document:
        page = document[number]
        truth = page.get_textpage().get_text_bounded().replace("\ufffe", "")
        # pdfium ends a line broken inside a word with U+0002.
        truth = truth.replace("\x02\r\n", "").replace("\x02", "")
        if not _is_text(truth) or _is_pictured(page):
            return None
        image = page.render(scale=GEOMETRY.edge / max(page.get_size())).to_pil()
    return Sample(f"{package}:{path.name}#{number + 1}", "text", image, truth)


def _is_text(truth: str) -> bool:
    """Enough words, nearly all of letters that the model knows."""
    letters = [c for c in truth if not c.isspace()]
    latin = sum(c < "\u0180" for c in letters)
    return len(plain(truth).split()) >= 120 and latin >= 0.99 * len(letters)


def scan(sample: Sample) -> Sample:
    """The page as an office scanner gives it: askew, 150 dpi, grey, uneven, JPEG."""
    rng = random.Random(sample.name)
    noise = np.random.default_rng(rng.randrange(2**32))
    grey = sample.image.convert("L").rotate(
        rng.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255
    )
    grey = grey.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8)))
    pixels = np.asarray(grey, np.float32)
    slope = np.linspace(0, rng.uniform(-25, 25), pixels.shape[1])[None]
    paper, ink = rng.uniform(225, 250), rng.uniform(10, 70)
    pixels = ink + pixels / 255 * (paper - ink) + slope
    pixels += noise.normal(0, rng.uniform(2, 8), pixels.shape)
    buffer = BytesIO()
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    picture.save(buffer, "JPEG", quality=rng.randint(40, 75))
    return Sample(f"{sample.name}~scan", "scan", Image.open(buffer), sample.truth)


def jpeg(sample: Sample) -> Sample:
    """The page as `lighton-ocr read --jpeg` sends it."""
    size = GEOMETRY.fit(*sample.image.size)
    page = page_image(0, sample.image.convert("RGB").resize(size), sample.image.size)
    picture = Image.open(BytesIO(encode(page, "jpeg").data))
    return Sample(f"{sample.name}~jpeg", "jpeg", picture, sample.truth)


def everyday_pages(data: Path) -> Iterator[Sample]:
    """The letters, invoices and papers of `pocket.everyday`, as the product renders them."""
    import pypdfium2

    from pocket.drawing.press import Press
    from pocket.everyday import PAGES

    press = Press(data / "fonts")
    for page in PAGES:
        with pypdfium2.PdfDocument(press.pdf(page.markup)) as document:
            sheet = document[0]
            image = sheet.render(scale=GEOMETRY.edge / max(sheet.get_size())).to_pil()
        yield Sample(page.name, "everyday", image, page.truth)


def drawn_pages(data: Path, kind: str, count: int, seed: int = 977) -> Iterator[Sample]:
    """Typeset pages with a table on them, or a formula, by `kind`."""
    from pocket.corpus import Source
    from pocket.drawing.manuscript import Typesetter
    from pocket.drawing.press import Press

    typesetter = Typesetter(Source.open(data), Press(data / "fonts"))
    rng, sign = random.Random(seed), {"table": "<table>", "formula": "$$"}[kind]
    while count:
        ink, text = typesetter.page(rng, 924, 1288, dense=False)
        if sign in text and len(text) < 5000:
            count -= 1
            yield Sample(f"{kind} {count}", kind, Image.fromarray(255 - ink), text)


def blank_pages(count: int) -> Iterator[Sample]:
    """Paper in tones from white to grey."""
    for number in range(count):
        tone = 255 - number % 4 * 6
        yield Sample(f"blank {number}", "blank", Image.new("L", (924, 1288), tone), "")
