"""The data of an image in a PDF: whether they can be decoded, and whether all are there."""

import ctypes
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

_JPEG_END = b"\xff\xd9"
_TRAILER = 1024  # bytes behind a JPEG's end that do no harm
_MOST_BYTES = 1 << 28  # of pixels that are counted: unlike for drawing, all are in memory at once
_BITS = (1, 2, 4, 8, 16)
_COMPONENTS = (1, 3, 4)


def can_be_decoded(item: Any) -> bool:
    """Return whether pdfium decodes any of it."""
    bitmap = raw.FPDFImageObj_GetBitmap(item)
    if not bitmap:
        return False
    raw.FPDFBitmap_Destroy(bitmap)
    return True


def is_cut_off(page: pdfium.PdfPage, item: Any) -> bool:
    """Return whether its data end before its last row: pdfium draws what is there.

    It can be told of JPEG and of pixels that are compressed as they are.
    """
    match _last_filter(item):
        case b"DCTDecode":
            return _JPEG_END not in _data(item).rstrip(b"\0")[-_TRAILER:]
        case b"FlateDecode" | b"LZWDecode" | b"RunLengthDecode" | b"":
            return _lacks_pixels(page, item)
    return False


def _lacks_pixels(page: pdfium.PdfPage, item: Any) -> bool:
    about = raw.FPDF_IMAGEOBJ_METADATA()
    raw.FPDFImageObj_GetImageMetadata(item, page, about)

    def size(bits: int) -> int:
        return int((about.width * bits + 7) // 8 * about.height)

    if size(about.bits_per_pixel) > _MOST_BYTES:
        return False
    found = raw.FPDFImageObj_GetImageDataDecoded(item, None, 0)
    # pdfium states the bits of a pixel as it draws it, which may be more than the file has.
    whole = any(found - size(bits * parts) in (0, 1, 2) for bits in _BITS for parts in _COMPONENTS)
    return found < size(about.bits_per_pixel) and not whole


def _last_filter(item: Any) -> bytes:
    """Return the filter that turns the stream into an image; empty if there is none."""
    last = raw.FPDFImageObj_GetImageFilterCount(item) - 1
    name = ctypes.create_string_buffer(32)
    if last >= 0:
        raw.FPDFImageObj_GetImageFilter(item, last, name, len(name))
    return name.value


def _data(item: Any) -> bytes:
    """Return the image's data as its last filter takes them."""
    buffer = ctypes.create_string_buffer(raw.FPDFImageObj_GetImageDataDecoded(item, None, 0))
    raw.FPDFImageObj_GetImageDataDecoded(item, buffer, len(buffer))
    return buffer.raw
