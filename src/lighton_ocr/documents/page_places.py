"""Where points of a PDF's page lie on it, counted as boxes are: 0 to 1000, from its top left."""

from ctypes import c_int
from typing import Any

from pypdfium2 import raw

from lighton_ocr.documents.boxes import BOX_SIZE, Box

_FINE = 1024  # times as fine; pdfium gives whole numbers only
_APART = 1000.0  # points; far enough apart to tell the scale
_FARTHEST = 4 * BOX_SIZE  # of the page's origin; pdfium's own numbers are not exact beyond
_NEAR = 0.01  # of the middle between two numbers, where pdfium may round either way


class PagePlaces:
    """Gives what FPDF_PageToDevice would, but seldom asks it: a call takes longer than the sums.

    A page is scaled, moved and turned in the same way everywhere, so three points tell all others.
    Only where rounding is in doubt is pdfium asked.
    """

    def __init__(self, page: Any) -> None:
        self._page = page
        self._across, self._down = c_int(), c_int()
        corners = ((0.0, 0.0), (_APART, 0.0), (0.0, _APART))
        fine = [self._ask(x, y, _FINE) for x, y in corners]
        (self._left, self._top), right, below = ((x / _FINE, y / _FINE) for x, y in fine)
        self._by_x = (right[0] - self._left) / _APART, (right[1] - self._top) / _APART
        self._by_y = (below[0] - self._left) / _APART, (below[1] - self._top) / _APART
        self._is_known = max(abs(self._left), abs(self._top)) < _FARTHEST and all(
            abs(exact - number / _FINE) < 1
            for corner, numbers in zip(corners, fine, strict=True)
            for exact, number in zip(self._ask(*corner), numbers, strict=True)
        )

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return left, top, right and bottom of what lies between two corners."""
        x, y = self._place(left, bottom)
        other_x, other_y = self._place(right, top)
        if x > other_x:
            x, other_x = other_x, x
        return (x, other_y, other_x, y) if y > other_y else (x, y, other_x, other_y)

    def _place(self, x: float, y: float) -> tuple[int, int]:
        across = self._by_x[0] * x + self._by_y[0] * y + self._left + 0.5
        down = self._by_x[1] * x + self._by_y[1] * y + self._top + 0.5
        if 0 <= across < 2 * BOX_SIZE and 0 <= down < 2 * BOX_SIZE and self._is_known:
            column, row = int(across), int(down)
            if _NEAR < across - column < 1 - _NEAR and _NEAR < down - row < 1 - _NEAR:
                return column, row
        return self._ask(x, y)

    def _ask(self, x: float, y: float, times: int = 1) -> tuple[int, int]:
        side = times * BOX_SIZE
        across, down = self._across, self._down
        raw.FPDF_PageToDevice(self._page, 0, 0, side, side, 0, x, y, across, down)
        return across.value, down.value
