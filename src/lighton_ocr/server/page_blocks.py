"""The blocks of a page in Mistral's schema."""

from pydantic import BaseModel

from lighton_ocr.documents.boxes import BOX_SIZE, Box
from lighton_ocr.reading.blocks import figure_name
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.page_parts import is_footer

# The model's labels that Mistral has under the same name, and under another; the rest is text.
_SAME = frozenset("aside_text caption code footer header image list table text title".split())
_OTHER = {
    "section": "title",
    "formula": "equation",
    "chart": "image",
    "header_image": "image",
    "footer_image": "image",
}


class OcrBlock(BaseModel):
    """A block in reading order; corners are in pixels of the page image.

    `image_id` names a figure in `images`.
    """

    type: str
    top_left_x: int
    top_left_y: int
    bottom_right_x: int
    bottom_right_y: int
    content: str
    image_id: str | None = None


def corners(box: Box, size: tuple[int, int]) -> dict[str, int]:
    """Return the corners of a box in pixels of a page image of that width and height."""
    left, top, right, bottom = (
        round(side * part / BOX_SIZE) for side, part in zip((*size, *size), box, strict=True)
    )
    return {
        "top_left_x": left,
        "top_left_y": top,
        "bottom_right_x": right,
        "bottom_right_y": bottom,
    }


def page_blocks(page: PageResult, size: tuple[int, int]) -> list[OcrBlock]:
    """Return the blocks of which the model gave boxes, on a page image of that size."""
    found = []
    for block in page.blocks:
        if block.box is None:
            continue
        kind = _OTHER.get(block.kind, block.kind if block.kind in _SAME else "text")
        if block.kind == "page_number":
            kind = "footer" if is_footer(block) else "header"
        # Mistral's image blocks name their picture.
        if kind == "image" and not block.figure:
            kind = "text"
        name = figure_name(block.figure) if kind == "image" else None
        found.append(
            OcrBlock(type=kind, content=block.text, image_id=name, **corners(block.box, size))
        )
    return found
