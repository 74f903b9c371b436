"""Cut figures out of a page's image, as large as the model saw them."""

import base64
from io import BytesIO

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, Box, area_of, shared
from lighton_ocr.documents.pages import Area, EncodedPage
from lighton_ocr.reading.blocks import Block, figure_name
from lighton_ocr.reading.results import Figure

_QUALITY = 90
_LEAST = 4  # pixels; what is smaller shows nothing


def crop_figures(pieces: tuple[EncodedPage, ...], blocks: tuple[Block, ...]) -> tuple[Figure, ...]:
    """Return a picture for each figure of a page; `pieces` are the images that were sent."""
    found = []
    for block in blocks:
        if block.figure and block.box and (jpeg := _crop(pieces, block.box)):
            name = figure_name(block.figure)
            found.append(Figure(block.figure, name, block.box, jpeg))
    return tuple(found)


def _crop(pieces: tuple[EncodedPage, ...], box: Box) -> str | None:
    """Return what is in the box as JPEG in base64, from the piece that shows most of it."""
    piece = max(pieces, key=lambda piece: _overlap(piece.area, box))
    left, top, right, bottom = piece.area
    width, height = piece.size
    across, down = width / (right - left), height / (bottom - top)
    x0, x1 = (round((x / BOX_SIZE - left) * across) for x in (box[0], box[2]))
    y0, y1 = (round((y / BOX_SIZE - top) * down) for y in (box[1], box[3]))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if min(x1 - x0, y1 - y0) < _LEAST:
        return None
    with Image.open(BytesIO(piece.data)) as image:
        picture = image.crop((x0, y0, x1, y1))
    buffer = BytesIO()
    picture.convert("RGB" if picture.mode == "RGB" else "L").save(buffer, "JPEG", quality=_QUALITY)
    return base64.b64encode(buffer.getvalue()).decode()


def _overlap(area: Area, box: Box) -> float:
    left, top, right, bottom = (side * BOX_SIZE for side in area)
    return area_of(shared((left, top, right, bottom), box))
