"""Typst as a printing press: markup in, ink out."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pypdfium2
from numpy.typing import NDArray

if TYPE_CHECKING:
    import typst

# Put after a block, tells the page that it ended on.
MARK = "#context [#metadata(here().page())<end>]"


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
        """The first page at a pixel a point, 0 paper and 255 black; whether there are more.

        PDFium draws it, as it draws the PDFs of users: twice as fast as Typst's own PNG.
        """
        with pypdfium2.PdfDocument(self.pdf(markup)) as document:
            page = document[0]
            pixels = page.render(scale=1, grayscale=True).to_numpy()
            return 255 - pixels.reshape(pixels.shape[:2]), len(document) > 1

    def pdf(self, markup: str) -> bytes:
        """The document as a PDF."""
        return cast(bytes, self._compiler(markup).compile(format="pdf", pdf_tags=False))

    def _compiler(self, markup: str) -> "typst.Compiler":
        import typst

        return typst.Compiler(markup.encode(), font_paths=self.fonts)


def literal(text: str) -> str:
    """Text as Typst markup that stands for exactly these characters."""
    return f"#{quoted(text)};"


def quoted(text: str) -> str:
    """Text as a string of Typst's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
