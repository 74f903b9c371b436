"""PDF files through pdfium."""

import threading
from contextlib import closing
from pathlib import Path
from typing import Self

import pypdfium2 as pdfium
from pypdfium2 import raw

from lighton_ocr.documents.own_text import OwnText, own_text
from lighton_ocr.documents.pages import Geometry, PageImage, page_image
from lighton_ocr.errors import DocumentError, PageError, PasswordNeeded

# pdfium keeps global state and is not thread-safe, not even across documents: whatever calls it
# holds this lock. Encoding runs outside it.
_PDFIUM = threading.RLock()
_LARGEST_SIDE_PT = 1e7


class PdfFile:
    """A PDF whose pages are parsed and drawn on demand."""

    def __init__(self, name: str, data: Path | bytes, password: str | None = None) -> None:
        """Open a file, with its form fields ready to be drawn.

        Raises:
            PasswordNeeded: it is encrypted and the password is missing or wrong.
            DocumentError: it is damaged or has no pages.
        """
        self.name = name
        with _PDFIUM:
            self._document = self._open(data, password)
            self._document.init_forms()
            self.page_count = len(self._document)
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
                page = self._document[index]
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
                raise PasswordNeeded(
                    f"{self.name} is encrypted in a way that cannot be opened. Save it without "
                    "protection and try again."
                ) from None
            raise DocumentError(
                f"{self.name} is damaged: its pages cannot be found. If you downloaded it, "
                "download it again."
            ) from None

    def _draw(self, page: pdfium.PdfPage, index: int, geometry: Geometry) -> PageImage:
        size_pt = page.get_size()
        if not all(0 < side < _LARGEST_SIDE_PT for side in size_pt):
            raise PageError(
                f"Page {index + 1} of {self.name} has an impossible size: "
                f"{size_pt[0]:g} x {size_pt[1]:g} points."
            )
        width, height = geometry.fit_points(*size_pt)
        # pdfium draws fastest with four bytes a pixel, and Pillow takes them without a copy.
        bitmap = pdfium.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGRx, rev_byteorder=True)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        # pypdfium2's render() keeps the page's proportions; the grid needs exact sides.
        place = (bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER)
        raw.FPDF_RenderPageBitmap(*place)
        if page.formenv:
            raw.FPDF_FFLDraw(page.formenv, *place)
        return page_image(index, bitmap.to_pil(), size_pt)
