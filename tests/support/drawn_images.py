"""Images with a word in large letters, their pages, and where something is drawn on them."""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry, PageImage

GEOMETRY = Geometry(1540, 28)


def pages(data: bytes | Path) -> list[PageImage]:
    with open_document(Source("a", data)) as document:
        return [document.render(index, GEOMETRY) for index in range(document.page_count)]


def ink(page: PageImage) -> tuple[int, int, int, int]:
    """Where something is drawn that differs from the upper left corner."""
    gray = page.image.convert("L")
    paper = Image.new("L", gray.size, gray.getpixel((0, 0)))
    box = ImageChops.difference(gray, paper).point(lambda step: 255 * (step > 60)).getbbox()
    assert box is not None
    return box


def letters(size: tuple[int, int] = (600, 400), paper: int = 255, shade: int = 0) -> Image.Image:
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).text((40, 40), "harbour", shade, ImageFont.load_default(80))
    return image
