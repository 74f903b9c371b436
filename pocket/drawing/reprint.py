"""Real pages printed again: the manuals of `pocket.manuals.collect`, larger, smaller, elsewhere."""

import json
import random
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from pocket.drawing.grounding import Block, Box, fitted

Ink = NDArray[np.uint8]
# A page's sides may be stretched against each other by so much; scanners and grids do as well.
STRETCH = 0.06
# With fewer real pages than this for a size and length of text, drawn ones take their place.
ENOUGH = 500
_OPEN_FILES = 12
# The tokens of a block's label and box.
_MARKER = 21


@dataclass(frozen=True)
class Reprint:
    """One page of a PDF, its width over its height, what it says and in how many tokens.

    `blocks` are the page's blocks as `collect` writes them, as JSON: a string is shared by all
    drawing processes, objects would be copied. `grounded` is about how many tokens text and boxes
    take, 0 where the boxes are not clear.
    """

    path: Path
    number: int
    shape: float
    text: str
    tokens: int
    blocks: str
    grounded: int


@dataclass(frozen=True)
class _Drawn:
    """A page on paper: how many pixels a point has, across and down, and where its corner lies."""

    page: Reprint
    ink: Ink
    across: float
    down: float
    left: int = 0
    top: int = 0

    @property
    def blocks(self) -> list[Block]:
        """The page's blocks with their boxes in pixels."""
        blocks = json.loads(self.page.blocks)
        texts = [self.page.text[slice(*one["span"])] for one in blocks]
        return [
            Block(one["label"], text, self._pixels(one["box"]))
            for one, text in zip(blocks, texts, strict=True)
        ]

    def _pixels(self, box: list[float]) -> Box:
        left, top, right, bottom = box
        rows = self.top + self.down * top, self.top + self.down * bottom
        return self.left + self.across * left, rows[0], self.left + self.across * right, rows[1]


class Reprinter:
    """Draws real pages: `page` gives ink (height, width), uint8, and its transcript, `grounded` its
    blocks."""

    def __init__(self, data: Path, tokenizer: Tokenizer) -> None:
        catalogue = data / "manuals.jsonl"
        lines = catalogue.read_text(encoding="utf8").splitlines() if catalogue.exists() else []
        pages = [json.loads(line) for line in lines]
        tokens = tokenizer.encode_batch([page["text"] for page in pages])
        self.pages = [
            Reprint(
                data / "manuals" / page["file"],
                page["number"],
                page["width"] / page["height"],
                page["text"],
                len(encoded.ids),
                json.dumps(page["blocks"]),
                len(encoded.ids) + _MARKER * len(page["blocks"]) if page["blocks"] else 0,
            )
            for page, encoded in zip(pages, tokens, strict=True)
        ]
        self.suited: dict[tuple[int | bool, ...], list[Reprint]] = {}
        self.files: OrderedDict[Path, pypdfium2.PdfDocument] = OrderedDict()

    def page(
        self, rng: random.Random, size: tuple[int, int], tokens: tuple[int, int]
    ) -> tuple[Ink, str] | None:
        """A real page for paper of this width and height, with more tokens than the first
        number and fewer than the second; None where there is none."""
        drawn = self._drawn(rng, size, self._suited(size, tokens))
        return (drawn.ink, drawn.page.text) if drawn else None

    def grounded(
        self, rng: random.Random, size: tuple[int, int], tokens: tuple[int, int]
    ) -> tuple[Ink, list[Block]] | None:
        """The same with the page's blocks; None also where their boxes are not clear."""
        drawn = self._drawn(rng, size, self._suited(size, tokens, grounded=True))
        blocks = fitted(drawn.ink, drawn.blocks) if drawn else None
        return (drawn.ink, blocks) if drawn and blocks is not None else None

    def plenty(
        self, size: tuple[int, int], tokens: tuple[int, int], grounded: bool = False
    ) -> float:
        """1 where there are pages enough for such paper; less where each would come too often."""
        return min(1.0, len(self._suited(size, tokens, grounded)) / ENOUGH)

    def _suited(
        self, size: tuple[int, int], tokens: tuple[int, int], grounded: bool = False
    ) -> list[Reprint]:
        """Pages with as many tokens, upright ones for upright paper."""
        key = *size, *tokens, grounded
        if key not in self.suited:
            upright = size[1] > size[0]
            self.suited[key] = [
                page
                for page in self.pages
                if (page.shape < 1) == upright
                and tokens[0] < (page.grounded if grounded else page.tokens) < tokens[1]
            ]
        return self.suited[key]

    def _drawn(
        self, rng: random.Random, size: tuple[int, int], suited: list[Reprint]
    ) -> _Drawn | None:
        width, height = size
        for _ in range(20 if suited else 0):
            found = rng.choice(suited)
            if abs(found.shape / (width / height) - 1) < STRETCH and rng.random() < 0.6:
                return self._whole(found, width, height)
            drawn = self._placed(rng, found, width, height)
            if drawn is not None:
                return drawn
        return None

    def _whole(self, page: Reprint, width: int, height: int) -> _Drawn:
        """The page as a product renders it: its longest edge first, then the model's grid."""
        picture, scale = self._printed(page, 1.0, max(width, height))
        ink = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
        across, down = scale * width / picture.width, scale * height / picture.height
        return _Drawn(page, ink, across, down)

    def _placed(self, rng: random.Random, page: Reprint, width: int, height: int) -> _Drawn | None:
        """What is printed on the page, larger or smaller, somewhere on the paper."""
        picture, scale = self._printed(page, rng.uniform(0.85, 1.3), max(width, height))
        ink = np.asarray(picture)
        rows, columns = (np.flatnonzero((ink > 60).any(axis)) for axis in (1, 0))
        if not len(rows):
            return None
        box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        free = height - box.shape[0], width - box.shape[1]
        if min(free) < 0:
            return None
        top, left = (rng.randint(min(8, room // 2), room - min(8, room // 2)) for room in free)
        out = np.zeros((height, width), np.uint8)
        out[top : top + box.shape[0], left : left + box.shape[1]] = box
        return _Drawn(page, out, scale, scale, left - int(columns[0]), top - int(rows[0]))

    def _printed(self, page: Reprint, scale: float, edge: int) -> tuple[Image.Image, float]:
        """Ink at `scale` times the size at which the page's longest side is `edge` pixels, and how
        many pixels a point has."""
        document = self.files.pop(page.path, None) or pypdfium2.PdfDocument(page.path)
        self.files[page.path] = document
        if len(self.files) > _OPEN_FILES:
            self.files.popitem(last=False)[1].close()
        sheet = document[page.number]
        scale *= edge / max(sheet.get_size())
        pixels = sheet.render(scale=scale, grayscale=True).to_numpy()
        sheet.close()
        return Image.fromarray(255 - pixels.reshape(pixels.shape[:2])), scale
