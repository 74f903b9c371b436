"""Views of what is printed in a box on a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox, area_of, shared
from lighton_ocr.documents.pages import Area
from lighton_ocr.layout.ink import Ink
from lighton_ocr.layout.spans import runs_of


@dataclass(frozen=True)
class InkPart:
    """What is printed on a page, or on a part of it."""

    ink: Ink
    area: Area

    @property
    def box(self) -> ExactBox:
        """Which part of the page it is."""
        left, top, right, bottom = (BOX_SIZE * side for side in self.area)
        return left, top, right, bottom


@dataclass(frozen=True)
class InkView:
    """What is printed in a box on the page, with its rules and those alone.

    `scale` is in pixels for each of a page's 1000.
    """

    ink: Image.Image
    rules: Image.Image
    left: float
    top: float
    scale: tuple[float, float]

    @classmethod
    def of(cls, parts: Sequence[InkPart], box: ExactBox) -> Self:
        """Return the view that shows most of the box."""
        part = max(parts, key=lambda part: area_of(shared(box, part.box)))
        left, top, right, bottom = part.box
        width, height = part.ink.everything.size
        across, down = width / (right - left), height / (bottom - top)
        box = shared(box, (left, top, right, bottom))
        x0, y0 = round((box[0] - left) * across), round((box[1] - top) * down)
        x1, y1 = round((box[2] - left) * across), round((box[3] - top) * down)
        cut = x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)
        ink, rules = part.ink.everything.crop(cut), part.ink.rules.crop(cut)
        return cls(ink, rules, left + x0 / across, top + y0 / down, (across, down))

    def rows_with_ink(self) -> list[tuple[int, int]]:
        """Return where rows of pixels with ink begin and end."""
        return runs_of([bool(row) for row in self.ink.getprojection()[1]], True)

    def on_page(self, left: int, top: int, right: int, bottom: int) -> ExactBox:
        """Return the box on the page of pixels of the view."""
        across, down = self.scale
        return (
            self.left + left / across,
            self.top + top / down,
            self.left + right / across,
            self.top + bottom / down,
        )
