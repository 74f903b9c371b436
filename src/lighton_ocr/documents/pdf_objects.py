"""The objects on a PDF's page: how fine its images are, and what of them cannot be seen."""

import ctypes
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from lighton_ocr.documents.pages import is_one_shade
from lighton_ocr.documents.pdf_images import can_be_decoded, is_cut_off

_SAMPLE = 32  # objects that are looked at, spread over the page
_DEPTH = 4  # of parts within parts
_LARGE = 0.3  # of the page's area
_EMPTY = 0.98  # of the pixels
_STRIP = 0.02  # of an image's width or height
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_QUOTED = 30  # characters

_Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


def find_hidden(page: pdfium.PdfPage, image: Image.Image) -> str | None:
    """Return what of a page's images and letters left no trace in its image, if anything."""
    texts = 0
    hidden: list[Any] = []
    for item, box in _objects(page, image):
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            if (box[2] - box[0]) * (box[3] - box[1]) < _LARGE * image.width * image.height:
                continue
            drawn = image.crop(box)
            if _is_nearly_empty(drawn) and not can_be_decoded(item):
                return "an image that cannot be decoded"
            if _has_empty_side(drawn) and is_cut_off(page, item):
                return "the end of an image, whose data stop too early"
        elif kind == raw.FPDF_PAGEOBJ_TEXT:
            if raw.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE:
                continue
            texts += 1
            if is_one_shade(image.crop(box)):
                hidden.append(item)
    if 2 * len(hidden) < texts or not hidden:
        return None
    said = [text for text in _texts(page, hidden) if text.strip()]
    spaces = len(hidden) - len(said)
    return describe_text("".join(said)) if said and 2 * len(said) >= texts - spaces else None


def has_objects(page: pdfium.PdfPage) -> bool:
    """Return whether the page draws anything, as far as pdfium understands it."""
    return any(
        raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_FORM
        for item in _leaves(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _DEPTH)
    )


def image_pixels(page: pdfium.PdfPage) -> float:
    """Return the pixels along the page's longest side in its finest large image; 0 without one."""
    width, height = page.get_size()
    finest = 0.0
    for index in range(min(_SAMPLE, raw.FPDFPage_CountObjects(page))):
        item = raw.FPDFPage_GetObject(page, index)
        bounds = _bounds(item)
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_IMAGE or bounds is None:
            continue
        left, bottom, right, top = bounds
        sides = right - left, top - bottom
        if sides[0] * sides[1] >= _LARGE * width * height:
            across, down = ctypes.c_uint(), ctypes.c_uint()
            raw.FPDFImageObj_GetImagePixelSize(item, across, down)
            longest = max(across.value, down.value)
            finest = max(finest, longest * max(width, height) / max(sides))
    return finest


def describe_text(text: str) -> str:
    """Return the beginning of a text that cannot be seen, for messages."""
    line = " ".join(text.split())
    short = f"{line[:_QUOTED]}…" if len(line) > _QUOTED else line
    return f"the text '{short}', perhaps in a font that is missing here"


def _objects(page: pdfium.PdfPage, image: Image.Image) -> Iterator[tuple[Any, _Box]]:
    """Yield objects and their places; what is in a part of the page has the part's place."""
    count = raw.FPDFPage_CountObjects(page)
    for index in range(0, count, count // _SAMPLE + 1):
        item = raw.FPDFPage_GetObject(page, index)
        box = _box(page, item, image)
        if box is None:
            continue
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_FORM:
            yield item, box
            continue
        for leaf in _leaves(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, _DEPTH):
            yield leaf, box


def _leaves(parent: Any, count: Any, get: Any, depth: int) -> Iterator[Any]:
    number = count(parent)
    for index in range(0, number, number // _SAMPLE + 1):
        item = get(parent, index)
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM and depth:
            yield from _leaves(
                item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth - 1
            )
        else:
            yield item


def _is_nearly_empty(image: Image.Image) -> bool:
    """Return whether there is little but one shade: perhaps a page number over a lost scan."""
    shades = image.convert("L").histogram()
    return max(shades) >= _EMPTY * sum(shades)


def _has_empty_side(image: Image.Image) -> bool:
    """Return whether a strip along one side is of one shade, as where data are missing."""
    width, height = image.size
    x, y = max(1, int(_STRIP * width)), max(1, int(_STRIP * height))
    strips = (0, height - y, width, height), (0, 0, width, y), (0, 0, x, height)
    return any(is_one_shade(image.crop(box)) for box in (*strips, (width - x, 0, width, height)))


def _texts(page: pdfium.PdfPage, items: list[Any]) -> list[str]:
    with closing(page.get_textpage()) as layer:
        return [_text(item, layer) for item in items]


def _text(item: Any, layer: pdfium.PdfTextPage) -> str:
    size = raw.FPDFTextObj_GetText(item, layer, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFTextObj_GetText(item, layer, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", errors="ignore")


def _box(page: pdfium.PdfPage, item: Any, image: Image.Image) -> _Box | None:
    """Return the object's place in the image; None if it has none or lies outside of the page."""
    bounds = _bounds(item)
    if bounds is None:
        return None
    left, bottom, right, top = bounds
    corners = [_to_pixels(page, x, y, image) for x, y in ((left, bottom), (right, top))]
    (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
    box = max(0, x0), max(0, y0), min(x1 + 1, image.width), min(y1 + 1, image.height)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _bounds(item: Any) -> tuple[float, ...] | None:
    """Return the object's place on the page (left, bottom, right, top), in the page's unit."""
    bounds = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *bounds):
        return None
    return tuple(side.value for side in bounds)


def _to_pixels(page: pdfium.PdfPage, x: float, y: float, image: Image.Image) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, *image.size, 0, x, y, across, down)
    return across.value, down.value
