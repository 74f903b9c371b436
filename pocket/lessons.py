"""The first lessons of a model that knows nothing: small pictures, until it reads them.

Shown pages at once, the decoder learns which words follow which and never looks at the picture. So
the first lesson is short lines of random characters, in which nothing can be guessed.
"""

import math
import random
import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from pocket.corpus import ALLOWED
from pocket.drawing.sheet import INK
from pocket.fonts import Families, styled
from pocket.reservoir import Bucket

# The height of a picture with a single line: two patches.
LINE = 56
_LETTERS = (
    string.ascii_lowercase,
    string.ascii_lowercase,
    string.ascii_uppercase,
    string.digits,
    "".join(sorted(ALLOWED - {" "})),
)
# A lesson is judged by the mean of so many steps: reading it after each would stall the GPU.
WINDOW = 50


@dataclass(frozen=True)
class Lesson:
    """What to learn from until the share `enough` of the tokens is right.

    It is given up when the share `until` of the whole time is spent. The last lesson has no end.
    """

    buckets: tuple[Bucket, ...]
    enough: float = math.inf
    until: float = math.inf


_SHORT = Bucket(LINE, 168, 48, 768, 1.0)
_LONG = Bucket(LINE, 448, 128, 384, 1.0)
_FEW = Bucket(168, 560, 256, 256, 1.0)
_BLOCK = Bucket(280, 672, 448, 192, 1.0)
# The last ones stay when pages have come.
CROP = Bucket(448, 896, 768, 128, 3.0)
# Worn random lines stay hard while the rate is full: the prototype had 0.79 of them right.
LESSONS = (
    Lesson((_SHORT,), 0.8, until=0.1),
    Lesson((_SHORT, _LONG), 0.8, until=0.16),
    Lesson((_LONG, _FEW), 0.8, until=0.22),
    Lesson((_FEW, _BLOCK), 0.8, until=0.28),
    Lesson((_BLOCK, CROP), 0.8, until=0.34),
)


class Curriculum:
    """Lessons one after another, the last without end, and how the present one goes."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        self.lessons = lessons
        self.left = len(lessons) - 1  # lessons after this one
        self.rights: list[Tensor] = []

    @property
    def lesson(self) -> Lesson:
        return self.lessons[-1 - self.left]

    @property
    def buckets(self) -> list[Bucket]:
        """Those of all lessons, each once."""
        return list(dict.fromkeys(bucket for each in self.lessons for bucket in each.buckets))

    def due(self, right: Tensor) -> bool:
        """Note a step's share of right tokens; whether it is time to ask if the lesson is over."""
        if not self.left:
            return False
        self.rights.append(right)
        return len(self.rights) == WINDOW

    def over(self, spent: float) -> bool:
        """Whether the steps since the last time are good enough, or too much time is spent."""
        right = torch.stack(self.rights).mean().item()
        self.rights.clear()
        return right >= self.lesson.enough or spent >= self.lesson.until


def line(
    rng: random.Random, fonts: Families, width: int, height: int
) -> tuple[NDArray[np.uint8], str]:
    """A picture with as much of a line of random characters as fits, and the line."""
    image = Image.new("L", (width, height), 0)
    size = rng.uniform(0.2, 0.6) * height
    font = styled(fonts.pick(rng), rng, rng.choice(("", "", "b", "i")), size)
    words = [
        "".join(rng.choices(rng.choice(_LETTERS), k=rng.randint(1, 8))) for _ in range(width // 16)
    ]
    text = " ".join(words)[: rng.randint(1, width // 4)].rstrip()
    while len(text) > 1 and font.getlength(text) > width - 8:
        text = text[:-1].rstrip()
    x = rng.uniform(2, max(2, width - 4 - font.getlength(text)))
    y = rng.uniform(0, height - 1.25 * size)
    ImageDraw.Draw(image).text((x, y), text, fill=INK, font=font)
    return np.asarray(image), text
