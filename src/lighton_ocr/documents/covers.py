"""What hides text on a PDF's page: opaque pictures and shapes that are drawn after it."""

from collections.abc import Iterable, Iterator
from ctypes import addressof, byref, c_float, c_int, c_uint
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pypdfium2 import raw

_MOST_OBJECTS = 100_000
_MOST_COVERS = 400
_OPAQUE = 215  # of 255

_Forms = tuple[Any, ...]  # handles of form XObjects


@dataclass(frozen=True)
class Cover:
    """A picture or an opaque shape: its place in the order of drawing, and its edges in points."""

    order: int
    left: float
    bottom: float
    right: float
    top: float

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.left < x < self.right and self.bottom < y < self.top


@dataclass
class Objects:
    """The place of each text in the order of drawing, what covers others, and all pictures."""

    orders: dict[int, int]
    covers: list[Cover]
    pictures: list[Cover]


def objects_of(page: Any) -> Objects:
    """Return what is drawn on a page; only the first objects of one that is made to break us."""
    found = Objects({}, [], [])
    count = raw.FPDFPage_CountObjects(page)
    handles = (raw.FPDFPage_GetObject(page, index) for index in range(count))
    for order, (handle, kind, forms) in enumerate(islice(_drawn(handles), _MOST_OBJECTS)):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            found.orders[address(handle)] = order
            continue
        is_picture = kind == raw.FPDF_PAGEOBJ_IMAGE and len(found.pictures) < _MOST_COVERS
        is_cover = bool(found.orders) and len(found.covers) < _MOST_COVERS
        is_cover = is_cover and _is_opaque(handle, kind)
        if is_picture or is_cover:
            place = Cover(order, *_bounds(handle, forms))
            found.pictures += [place] * is_picture
            found.covers += [place] * is_cover
    return found


def _drawn(handles: Iterable[Any], forms: _Forms = ()) -> Iterator[tuple[Any, int, _Forms]]:
    """Yield objects, their kinds and the forms that they stand in, those in forms as well."""
    for handle in handles:
        kind = raw.FPDFPageObj_GetType(handle)
        yield handle, kind, forms
        if kind == raw.FPDF_PAGEOBJ_FORM:
            count = raw.FPDFFormObj_CountObjects(handle)
            inner = (raw.FPDFFormObj_GetObject(handle, index) for index in range(count))
            yield from _drawn(inner, (handle, *forms))


def _bounds(handle: Any, forms: _Forms) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top on the page; `forms` begins with the innermost one."""
    left, bottom, right, top = (c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(handle, byref(left), byref(bottom), byref(right), byref(top))
    xs, ys = (left.value, right.value), (bottom.value, top.value)
    matrix = raw.FS_MATRIX()
    for form in forms:
        raw.FPDFPageObj_GetMatrix(form, byref(matrix))
        corners = [
            (matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)
            for x in xs
            for y in ys
        ]
        across, down = zip(*corners, strict=True)
        xs, ys = (min(across), max(across)), (min(down), max(down))
    return xs[0], ys[0], xs[1], ys[1]


def _is_opaque(handle: Any, kind: int) -> bool:
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        # Watermarks are transparent. If a mask makes them so, pdfium does not tell.
        return not raw.FPDFPageObj_HasTransparency(handle)
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return False
    fill, stroke = c_int(), c_int()
    raw.FPDFPath_GetDrawMode(handle, byref(fill), byref(stroke))
    red, green, blue, alpha = (c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(handle, byref(red), byref(green), byref(blue), byref(alpha))
    return fill.value != raw.FPDF_FILLMODE_NONE and alpha.value > _OPAQUE


def address(handle: Any) -> int:
    """Return what tells one of pdfium's objects from others."""
    return addressof(handle.contents) if handle else 0
