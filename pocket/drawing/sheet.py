"""A sheet being filled: where it is, what type it is set in, and what was written so far."""

import random
from dataclasses import dataclass, field, replace

from PIL import Image, ImageDraw, ImageFont

from pocket.corpus import Source
from pocket.fonts import Families, Family, styled

INK = 255


@dataclass(frozen=True)
class Style:
    """How a page is set. Lengths in pixels."""

    family: Family
    headings: Family
    size: float
    leading: float
    justified: bool
    hyphenated: bool
    indent: float
    gap: float

    @property
    def line(self) -> int:
        return round(self.size * self.leading)


@dataclass(frozen=True)
class Box:
    """What is left of a column: blocks are set from `y` down to `bottom`."""

    x: float
    y: float
    width: float
    bottom: float

    def below(self, y: float) -> "Box":
        return replace(self, y=y)

    @property
    def room(self) -> float:
        return self.bottom - self.y


@dataclass
class Sheet:
    """The picture, and the transcript block by block in reading order."""

    width: int
    height: int
    rng: random.Random
    source: Source
    fonts: Families
    blocks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (self.width, self.height), 0)
        self.draw = ImageDraw.Draw(self.image)

    def font(self, style: Style, look: str = "", scale: float = 1.0) -> ImageFont.FreeTypeFont:
        return styled(style.family, self.rng, look, max(9.0, style.size * scale))

    def text(
        self, x: float, y: float, text: str, font: ImageFont.FreeTypeFont, ink: int = INK
    ) -> None:
        self.draw.text((x, y), text, fill=ink, font=font)

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: int = 1) -> None:
        self.draw.line([(x0, y0), (x1, y1)], fill=INK, width=width)


def wrap(
    words: list[str],
    font: ImageFont.FreeTypeFont,
    width: float,
    indent: float = 0,
    hyphens: bool = False,
) -> list[list[str]]:
    """Words in lines no wider than `width`, the first one indented; a word too wide is left out.

    A word broken over two lines carries a soft hyphen (U+00AD) where it was broken.
    """
    lines: list[list[str]] = []
    line: list[str] = []
    space, x = font.getlength(" "), indent
    for word in words:
        rest, length = word, font.getlength(word)
        if length > width:
            continue
        if line and x + length > width:
            if hyphens and len(word) > 6 and word.isalpha():
                head = _head(word, font, width - x)
                if head:
                    line.append(head + "\u00ad")
                    rest = word[len(head) :]
            lines.append(line)
            line, x = [], 0
        line.append(rest)
        x += font.getlength(rest) + space
    return [*lines, line] if line else lines


def _head(word: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    for cut in range(len(word) - 3, 2, -1):
        if font.getlength(word[:cut] + "-") <= room:
            return word[:cut]
    return ""


def joined(lines: list[list[str]]) -> str:
    """The lines' text as one paragraph, broken words whole again."""
    return " ".join(word for line in lines for word in line).replace("\u00ad ", "")
