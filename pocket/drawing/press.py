"""Typst as a printing press: markup in, ink out."""

import ctypes
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from pocket.drawing.grounding import Box

if TYPE_CHECKING:
    import typst

# Put after a block, tells the page that it ended on.
MARK = "#context [#metadata(here().page())<end>]"


@dataclass(frozen=True)
class Link:
    """The address of a link, and the place of one of its lines: left, top, right and bottom."""

    name: str
    box: Box


@dataclass(frozen=True)
class Sheet:
    """The first page of a document at a pixel a point, 0 paper and 255 black, and its links; `more`
    says that other pages follow, `pdf` is the whole document."""

    pdf: bytes
    ink: NDArray[np.uint8]
    links: tuple[Link, ...]
    more: bool

    def words(self, box: Box) -> str:
        """The text that stands in a box on the first page."""
        with pypdfium2.PdfDocument(self.pdf) as document:
            page, (left, top, right, bottom) = document[0], box
            height = page.get_height()
            return page.get_textpage().get_text_bounded(left, height - bottom, right, height - top)


class Press:
    """Sets pages with Typst. Its fonts are shared by forks; all else is its own."""

    def __init__(self, fonts: Path) -> None:
        os.environ["RAYON_NUM_THREADS"] = "1"  # one drawing process a core is enough
        import typst

        self.fonts = typst.Fonts(include_system_fonts=False, font_paths=[fonts])
        self.families = frozenset(self.fonts.families())

    def ends(self, markup: str) -> list[int]:
        """The page, from 1, of each MARK in the markup; typst.TypstError if it is not valid."""
        found = self._compiler(markup).query("<end>", field="value")
        return list(map(int, json.loads(found)))

    def ink(self, markup: str) -> tuple[NDArray[np.uint8], bool]:
        """The first page's ink; whether there are more pages."""
        sheet = self.sheet(markup)
        return sheet.ink, sheet.more

    def sheet(self, markup: str) -> Sheet:
        """The first page. PDFium draws it, as it draws the PDFs of users: twice as fast as Typst's
        own PNG."""
        pdf = self.pdf(markup)
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0]
            pixels = page.render(scale=1, grayscale=True).to_numpy()
            ink = 255 - pixels.reshape(pixels.shape[:2])
            return Sheet(pdf, ink, tuple(_links(page)), len(document) > 1)

    def pdf(self, markup: str) -> bytes:
        """The document as a PDF."""
        return cast(bytes, self._compiler(markup).compile(format="pdf", pdf_tags=False))

    def _compiler(self, markup: str) -> "typst.Compiler":
        import typst

        return typst.Compiler(markup.encode(), font_paths=self.fonts)


def _links(page: pypdfium2.PdfPage) -> Iterator[Link]:
    place, link, height = ctypes.c_int(), pdfium.FPDF_LINK(), page.get_height()
    box = pdfium.FS_RECTF()
    while pdfium.FPDFLink_Enumerate(page, place, link):
        pdfium.FPDFLink_GetAnnotRect(link, box)
        action = pdfium.FPDFLink_GetAction(link)
        name = ctypes.create_string_buffer(64)
        pdfium.FPDFAction_GetURIPath(page.pdf, action, name, len(name))
        sides = box.left, height - box.top, box.right, height - box.bottom
        yield Link(name.value.decode(), sides)


def literal(text: str) -> str:
    """Text as Typst markup that stands for exactly these characters."""
    return f"#{quoted(text)};"


def quoted(text: str) -> str:
    """Text as a string of Typst's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
