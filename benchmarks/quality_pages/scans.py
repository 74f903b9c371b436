"""Scans: pages of other categories as a picture, slightly turned, grey, noisy, as JPEG."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO

import pypdfium2
from benchmarks.quality_pages.page import Page
from PIL import Image, ImageFilter

DPI = 120
_CATEGORIES = ("letters", "tables")  # a page of each language


def scans(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield the scan of one page of each category and language."""
    for page in pages:
        is_first = page.name.endswith(("-0", "-ruled"))
        if page.category in _CATEGORIES and is_first:
            pdf = _scanned(page.pdf, f"{page.category} {page.name}")
            yield replace(page, category="scans", name=f"{page.category}-{page.name}", pdf=pdf)


def _scanned(pdf: bytes, seed: str) -> bytes:
    rng = random.Random(seed)
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=DPI / 72).to_pil().convert("L")
    image = image.rotate(rng.uniform(-0.6, 0.6), Image.Resampling.BICUBIC, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.7)))
    noise = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height))
    paper = rng.randint(225, 245)
    image = Image.blend(image.point(lambda shade: 20 + shade * (paper - 20) // 255), noise, 0.08)
    file = BytesIO()
    image.save(file, "PDF", resolution=DPI, quality=40, creationDate=None, modDate=None)
    return file.getvalue()
