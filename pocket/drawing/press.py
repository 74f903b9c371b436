"""Typst as a printing press: markup in, ink out."""

import io
import json
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

# Put after a block, tells the page that it ended on.
MARK = "#context [#metadata(here().page())<end>]"


class Press:
    """Sets pages with Typst. Its fonts are shared by forks; each works on a file of its own."""

    def __init__(self, fonts: Path) -> None:
        os.environ["RAYON_NUM_THREADS"] = "1"  # one drawing process a core is enough
        import typst

        self.fonts = typst.Fonts(include_system_fonts=False, font_paths=[fonts])
        self.families = frozenset(self.fonts.families())

    def ends(self, markup: str) -> list[int]:
        """The page, from 1, of each MARK in the markup; typst.TypstError if it is not valid."""
        with tempfile.NamedTemporaryFile("w", suffix=".typ") as file:
            file.write(markup)
            file.flush()
            found = self._compiler(file.name).query("<end>", field="value")
        return list(map(int, json.loads(found)))

    def ink(self, markup: str) -> tuple[NDArray[np.uint8], bool]:
        """The first page at a pixel a point, 0 paper and 255 black; whether there are more."""
        with tempfile.NamedTemporaryFile("w", suffix=".typ") as file:
            file.write(markup)
            file.flush()
            pages = self._compiler(file.name).compile(format="png", ppi=72)
        first, more = (pages, False) if isinstance(pages, bytes) else (pages[0], len(pages) > 1)
        picture = Image.open(io.BytesIO(first)).convert("L")
        return np.asarray(ImageOps.invert(picture)), more

    def _compiler(self, path: str):  # type: ignore[no-untyped-def]
        import typst

        return typst.Compiler(path, root=str(Path(path).parent), font_paths=self.fonts)


def literal(text: str) -> str:
    """Text as Typst markup that stands for exactly these characters."""
    return f"#{quoted(text)};"


def quoted(text: str) -> str:
    """Text as a string of Typst's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
