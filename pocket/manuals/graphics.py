"""What a PDF's page is drawn of: pictures, paths and pieces of text, in the order of content."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import pypdfium2
import pypdfium2.raw as pdfium

_KINDS = {
    pdfium.FPDF_PAGEOBJ_TEXT: "text",
    pdfium.FPDF_PAGEOBJ_PATH: "path",
    pdfium.FPDF_PAGEOBJ_IMAGE: "image",
    pdfium.FPDF_PAGEOBJ_SHADING: "shading",
}
_DEEPEST = 6
_WHITE = 250
# In points: a rule's thickness at most, and how far a straight line may stray.
THIN, _STRAIGHT = 2.5, 0.3
# pdfium's pieces of curves, three to one: eight corners, those of two outlines.
_CORNERS = 24


@dataclass(frozen=True)
class Box:
    """Edges in points, upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def grown(self, by: float) -> "Box":
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def joined(self, other: "Box") -> "Box":
        low = min(self.left, other.left), min(self.bottom, other.bottom)
        return Box(*low, max(self.right, other.right), max(self.top, other.top))

    def cut(self, other: "Box") -> "Box":
        low = max(self.left, other.left), max(self.bottom, other.bottom)
        return Box(*low, min(self.right, other.right), min(self.top, other.top))

    def meets(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def holds(self, other: "Box") -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.bottom <= other.bottom and other.top <= self.top


@dataclass(frozen=True)
class Graphic:
    """One object: its kind, what is seen of its box, its address as pdfium's text page has it, and
    the number of the form (a drawing from another file, often) that it is part of, 0 for none."""

    kind: str
    box: Box
    address: int
    form: int
    shape: str = ""  # of a path: rule, frame, grid or free
    turned: bool = False  # text that does not run from left to right


_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1, 0, 0, 1, 0, 0)


def graphics(page: pypdfium2.PdfPage) -> list[Graphic]:
    """All that can be seen, forms taken apart."""
    count, get = pdfium.FPDFPage_CountObjects(page), pdfium.FPDFPage_GetObject
    held = [get(page, index) for index in range(count)]
    sheet = Box(*page.get_bbox())
    found: list[Graphic] = []
    forms = 0
    for one in held:
        forms += pdfium.FPDFPageObj_GetType(one) == pdfium.FPDF_PAGEOBJ_FORM
        found.extend(_seen(one, _SAME, sheet, forms, 0))
    return found


def _seen(
    held: pdfium.FPDF_PAGEOBJECT, outer: _Matrix, window: Box, form: int, depth: int
) -> Iterator[Graphic]:
    kind = pdfium.FPDFPageObj_GetType(held)
    window = window.cut(_clip(held, outer, window))
    if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        inner = _times(_matrix(held), outer)
        for index in range(pdfium.FPDFFormObj_CountObjects(held)):
            one = pdfium.FPDFFormObj_GetObject(held, index)
            yield from _seen(one, inner, window, form, depth + 1)
    elif kind in _KINDS and _inked(held, kind):
        box = _bounds(held, outer).cut(window)
        if box.width >= 0 and box.height >= 0:
            address = ctypes.cast(held, ctypes.c_void_p).value or 0
            a, b, _, d, *_ = _times(_matrix(held), outer)
            turned = abs(b) > 0.05 * abs(a) or a < 0 or d < 0
            shape = _shape(held, outer, box) if kind != pdfium.FPDF_PAGEOBJ_TEXT else ""
            yield Graphic(_KINDS[kind], box, address, form if depth else 0, shape, turned)


def _inked(held: pdfium.FPDF_PAGEOBJECT, kind: int) -> bool:
    """Whether a path leaves ink: it is stroked, or filled with something not white."""
    if kind != pdfium.FPDF_PAGEOBJ_PATH:
        return True
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(held, fill, stroke)
    parts = [ctypes.c_uint() for _ in range(4)]
    if stroke.value:
        pdfium.FPDFPageObj_GetStrokeColor(held, *parts)
        if min(part.value for part in parts[:3]) < _WHITE and parts[3].value:
            return True
    pdfium.FPDFPageObj_GetFillColor(held, *parts)
    return bool(fill.value and parts[3].value and min(part.value for part in parts[:3]) < _WHITE)


def _shape(held: pdfium.FPDF_PAGEOBJECT, outer: _Matrix, box: Box) -> str:
    """A rule, a frame (its corners round or not), a grid of several, or anything else: free.
    Pictures and shadings, if not so thin that they are rules, have no shape."""
    thin = min(box.width, box.height) < min(THIN, max(box.width, box.height) / 3)
    if pdfium.FPDFPageObj_GetType(held) != pdfium.FPDF_PAGEOBJ_PATH:
        return "rule" if thin else ""
    last, starts, lines, curves = (0.0, 0.0), 0, 0, 0
    for kind, x, y in _segments(held, _times(_matrix(held), outer)):
        if kind == pdfium.FPDF_SEGMENT_LINETO:
            if min(abs(x - last[0]), abs(y - last[1])) > _STRAIGHT:
                return "free"
            lines += 1
        starts += kind == pdfium.FPDF_SEGMENT_MOVETO
        curves += kind == pdfium.FPDF_SEGMENT_BEZIERTO
        if curves > _CORNERS:
            return "free"
        last = x, y
    if not lines or (curves and (starts > 2 or lines < 2)):
        return "free"
    if thin:
        return "rule"
    return "frame" if starts <= 2 else "grid"


def _segments(held: pdfium.FPDF_PAGEOBJECT, matrix: _Matrix) -> Iterator[tuple[int, float, float]]:
    """Each piece of a path: its kind and where on the page it ends."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(pdfium.FPDFPath_CountSegments(held)):
        segment = pdfium.FPDFPath_GetPathSegment(held, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        yield kind, a * x.value + c * y.value + e, b * x.value + d * y.value + f


def _bounds(held: pdfium.FPDF_PAGEOBJECT, outer: _Matrix) -> Box:
    edges = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(held, *edges)
    left, bottom, right, top = (edge.value for edge in edges)
    return _around([(x, y) for x in (left, right) for y in (bottom, top)], outer)


def _clip(held: pdfium.FPDF_PAGEOBJECT, outer: _Matrix, window: Box) -> Box:
    """The box of what the object is clipped to."""
    clip = pdfium.FPDFPageObj_GetClipPath(held)
    x, y = ctypes.c_float(), ctypes.c_float()
    boxes = [window]
    for path in range(max(0, pdfium.FPDFClipPath_CountPaths(clip))):
        points = []
        for index in range(max(0, pdfium.FPDFClipPath_CountPathSegments(clip, path))):
            segment = pdfium.FPDFClipPath_GetPathSegment(clip, path, index)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            points.append((x.value, y.value))
        if points:
            boxes.append(_around(points, outer))
    return reduce(Box.cut, boxes)


def _around(points: list[tuple[float, float]], outer: _Matrix) -> Box:
    a, b, c, d, e, f = outer
    xs = [a * x + c * y + e for x, y in points]
    ys = [b * x + d * y + f for x, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _matrix(held: pdfium.FPDF_PAGEOBJECT) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(held, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(inner: _Matrix, outer: _Matrix) -> _Matrix:
    """The matrix that does the inner's work first."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )
