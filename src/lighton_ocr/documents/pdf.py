"""PDF files through pdfium."""

import logging
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Self

import pypdfium2 as pdfium
from pypdfium2 import raw

from lighton_ocr.documents.own_text import OwnText, own_text
from lighton_ocr.documents.pages import DPI, POINTS_PER_INCH, Geometry, PageImage, page_image
from lighton_ocr.documents.pdf_copy import copy_page, has_lost_content, user_unit
from lighton_ocr.documents.pdf_objects import (
    describe_text,
    find_hidden,
    has_objects,
    image_pixels,
)
from lighton_ocr.documents.pdf_unread import (
    attached_documents,
    describe_attached,
    describe_undrawn,
    describe_unread,
)
from lighton_ocr.errors import DocumentError, PageError, PasswordNeeded

logging.getLogger("pypdfium2").addHandler(logging.NullHandler())  # else it writes to stderr
# pdfium keeps global state and is not thread-safe, not even across documents: whatever calls it
# holds this lock. Encoding runs outside it.
_PDFIUM = threading.RLock()
_LARGEST_SIDE_PT = 1e7
_SMALL_PT = 750  # longest side; at 200 dpi, a larger page exceeds every model's edge
_TINY_PT = 144  # longest side; print on a smaller page is too small for 200 dpi
_FINE_DPI = 300  # scans that are finer say that the page is larger than it states


class PdfFile:
    """A PDF whose pages are parsed and drawn on demand."""

    def __init__(self, name: str, data: Path | bytes, password: str | None = None) -> None:
        """Open a file, with its form fields ready to be drawn.

        Raises:
            PasswordNeeded: it is encrypted and the password is missing or wrong.
            DocumentError: it is damaged, has no pages, or no password opens it.
        """
        self.name = name
        with _PDFIUM:
            self._document = self._open(data, password)
            self._document.init_forms()
            self.page_count = len(self._document)
            self._attached = attached_documents(self._document)
            self._notes = tuple(describe_unread(self._document, self._attached))
        if self.page_count == 0:
            self.close()
            raise DocumentError(f"{name} has no pages.")

    def render(self, index: int, geometry: Geometry) -> PageImage:
        """Draw a page with its annotations and form fields, directly in the geometry's size.

        Raises:
            PageError: the page is broken or has an impossible size.
        """
        with _PDFIUM:
            try:
                page = self._load(index)
            except pdfium.PdfiumError as error:
                raise PageError(f"Page {index + 1} of {self.name} is damaged.") from error
            try:
                return self._draw(page, index, geometry)
            finally:
                page.close()

    def text_layer(self, index: int) -> str:
        """Return the text that the PDF itself holds for a page, empty if it holds none."""
        with (
            _PDFIUM,
            closing(self._document[index]) as page,
            closing(page.get_textpage()) as layer,
        ):
            return str(layer.get_text_bounded())

    def own_text(self, page: PageImage) -> OwnText:
        """Return the words that the PDF itself holds for a page that was rendered."""
        with (
            _PDFIUM,
            closing(self._document[page.index]) as parsed,
            closing(parsed.get_textpage()) as layer,
        ):
            return own_text(parsed.raw, layer.raw, page.image)

    def close(self) -> None:
        """Free pdfium's memory."""
        with _PDFIUM:
            self._document.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, data: Path | bytes, password: str | None) -> pdfium.PdfDocument:
        try:
            return pdfium.PdfDocument(data, password=password)
        except pdfium.PdfiumError as error:
            code = getattr(error, "err_code", None)
            if code == raw.FPDF_ERR_PASSWORD:
                fault = "the password is wrong" if password else "it needs a password (--password)"
                raise PasswordNeeded(f"{self.name} is encrypted: {fault}.") from None
            if code == raw.FPDF_ERR_SECURITY:
                raise DocumentError(
                    f"{self.name} is encrypted in a way that cannot be opened. Save it without "
                    "protection and try again."
                ) from None
            raise DocumentError(
                f"{self.name} is damaged or empty: no pages can be found in it. If you downloaded "
                "it, download it again."
            ) from None

    def _load(self, index: int) -> pdfium.PdfPage:
        page = self._document[index]
        if min(page.get_size()) > 0:
            return page
        # The crop box lies outside of the page: viewers show the whole page then.
        page.set_cropbox(*page.get_mediabox())
        page.close()
        return self._document[index]

    def _draw(self, page: pdfium.PdfPage, index: int, geometry: Geometry) -> PageImage:
        size_pt = self._size(page, index)
        if not all(0 < side < _LARGEST_SIDE_PT for side in size_pt):
            raise PageError(
                f"Page {index + 1} of {self.name} has an impossible size: "
                f"{size_pt[0]:g} x {size_pt[1]:g} points."
            )
        width, height = geometry.fit(*_pixels(page, size_pt))
        # pdfium draws fastest with four bytes a pixel, and Pillow takes them without a copy.
        bitmap = pdfium.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGRx, rev_byteorder=True)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        # pypdfium2's render() keeps the page's proportions; the grid needs exact sides.
        place = (bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER)
        raw.FPDF_RenderPageBitmap(*place)
        if page.formenv:
            raw.FPDF_FFLDraw(page.formenv, *place)
        drawn = page_image(index, bitmap.to_pil(), size_pt)
        notes = self._notes if index == 0 else ()
        attached = tuple(describe_attached(page, index + 1, self._attached))
        lost = () if attached and drawn.is_blank else self._warnings(page, drawn)
        return replace(drawn, warnings=(*notes, *attached, *lost))

    def _size(self, page: pdfium.PdfPage, index: int) -> tuple[float, float]:
        """Return the page's size in points."""
        width, height = page.get_size()
        if max(width, height) > _SMALL_PT:  # its image is bounded by the edge anyway
            return width, height
        unit = user_unit(copy_page(self._document, index))
        return width * unit, height * unit

    def _warnings(self, page: pdfium.PdfPage, drawn: PageImage) -> tuple[str, ...]:
        """Say what the file draws on the page, or says in its text layer, that cannot be seen."""
        number = drawn.index + 1
        hidden = find_hidden(page, drawn.image)
        if not drawn.is_blank:
            return (f"Page {number} lacks {hidden}.",) if hidden else ()
        if hidden is None and not has_objects(page):
            is_lost = has_lost_content(copy_page(self._document, drawn.index))
            hidden = "content that cannot be decoded" if is_lost else None
        if hidden is None:
            with closing(page.get_textpage()) as layer:
                text = str(layer.get_text_bounded())
            hidden = describe_text(text) if text.strip() else describe_undrawn(page)
        return (f"Page {number} came out blank, although its file has {hidden}.",) if hidden else ()


def _pixels(page: pdfium.PdfPage, size_pt: tuple[float, float]) -> tuple[float, float]:
    """Return how large a page should be drawn, in pixels, before it is fitted to a geometry."""
    longest = max(size_pt)
    if longest > _SMALL_PT:
        dpi = float(DPI)
    elif longest < _TINY_PT:
        dpi = _SMALL_PT / longest * DPI
    else:  # pages are made smaller than their scans by mistake, too
        finest = image_pixels(page) / longest * POINTS_PER_INCH
        dpi = finest if finest > _FINE_DPI else DPI
    return size_pt[0] * dpi / POINTS_PER_INCH, size_pt[1] * dpi / POINTS_PER_INCH
