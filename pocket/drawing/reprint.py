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

Ink = NDArray[np.uint8]
# A page's sides may be stretched against each other by so much; scanners and grids do as well.
STRETCH = 0.06
# With fewer real pages than this for a size and length of text, drawn ones take their place.
ENOUGH = 500
_OPEN_FILES = 12


@dataclass(frozen=True)
class Reprint:
    """One page of a PDF, its width over its height, what it says and in how many tokens."""

    path: Path
    number: int
    shape: float
    text: str
    tokens: int


class Reprinter:
    """Draws real pages: `page` gives ink (height, width), uint8, and its transcript."""

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
            )
            for page, encoded in zip(pages, tokens, strict=True)
        ]
        self.suited: dict[tuple[int, ...], list[Reprint]] = {}
        self.files: OrderedDict[Path, pypdfium2.PdfDocument] = OrderedDict()

    def page(
        self, rng: random.Random, size: tuple[int, int], tokens: tuple[int, int]
    ) -> tuple[Ink, str] | None:
        """A real page for paper of this width and height, with more tokens than the first
        number and fewer than the second; None where there is none."""
        (width, height), suited = size, self._suited(size, tokens)
        for _ in range(20 if suited else 0):
            found = rng.choice(suited)
            if abs(found.shape / (width / height) - 1) < STRETCH and rng.random() < 0.6:
                return self._whole(found, width, height), found.text
            ink = self._placed(rng, found, width, height)
            if ink is not None:
                return ink, found.text
        return None

    def plenty(self, size: tuple[int, int], tokens: tuple[int, int]) -> float:
        """1 where there are pages enough for such paper; less where each would come too often."""
        return min(1.0, len(self._suited(size, tokens)) / ENOUGH)

    def _suited(self, size: tuple[int, int], tokens: tuple[int, int]) -> list[Reprint]:
        """Pages with as many tokens, upright ones for upright paper."""
        key = *size, *tokens
        if key not in self.suited:
            upright = size[1] > size[0]
            self.suited[key] = [
                page
                for page in self.pages
                if (page.shape < 1) == upright and tokens[0] < page.tokens < tokens[1]
            ]
        return self.suited[key]

    def _whole(self, page: Reprint, width: int, height: int) -> Ink:
        """The page as a product renders it: its longest edge first, then the model's grid."""
        picture = self._printed(page, 1.0, max(width, height))
        return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))

    def _placed(self, rng: random.Random, page: Reprint, width: int, height: int) -> Ink | None:
        """What is printed on the page, larger or smaller, somewhere on the paper."""
        scale = rng.uniform(0.85, 1.3)
        ink = np.asarray(self._printed(page, scale, max(width, height)))
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
        return out

    def _printed(self, page: Reprint, scale: float, edge: int) -> Image.Image:
        """Ink at `scale` times the size at which the page's longest side is `edge` pixels."""
        document = self.files.pop(page.path, None) or pypdfium2.PdfDocument(page.path)
        self.files[page.path] = document
        if len(self.files) > _OPEN_FILES:
            self.files.popitem(last=False)[1].close()
        sheet = document[page.number]
        scale *= edge / max(sheet.get_size())
        pixels = sheet.render(scale=scale, grayscale=True).to_numpy()
        sheet.close()
        return Image.fromarray(255 - pixels.reshape(pixels.shape[:2]))
