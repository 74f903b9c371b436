"""What hides text on a PDF's page: opaque pictures and shapes that are drawn after it."""

from ctypes import addressof, byref, c_float, c_int, c_uint
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

_MOST_OBJECTS = 100_000
_MOST_COVERS = 400
_OPAQUE = 215  # of 255


@dataclass(frozen=True)
class Cover:
    """An opaque object that hides what was drawn before it, in page coordinates."""

    order: int
    left: float
    bottom: float
    right: float
    top: float


def objects_of(page: Any) -> tuple[dict[int, int], list[Cover]]:
    """Return the place of each object in the order of drawing, and what covers others.

    Objects inside of forms are left out.
    """
    orders: dict[int, int] = {}
    covers: list[Cover] = []
    left, bottom, right, top = (c_float() for _ in range(4))
    for order in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        handle = raw.FPDFPage_GetObject(page, order)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            orders[address(handle)] = order
        elif orders and len(covers) < _MOST_COVERS and _is_opaque(handle, kind):
            raw.FPDFPageObj_GetBounds(handle, byref(left), byref(bottom), byref(right), byref(top))
            covers.append(Cover(order, left.value, bottom.value, right.value, top.value))
    return orders, covers


def _is_opaque(handle: Any, kind: int) -> bool:
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        return True
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
