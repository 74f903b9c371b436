"""A whole page: its style, running head and foot, columns of blocks, footnotes."""

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pocket.corpus import Source
from pocket.drawing import blocks, tables
from pocket.drawing.sheet import Box, Sheet, Style, joined, wrap
from pocket.fonts import Families

Block = Callable[[Sheet, Style, Box], float | None]
Ink = NDArray[np.uint8]
BLANK = 0.012
# Type sizes in pixels at 1288 pixels a page: 15 is about 10 point on A4.
_SIZES = (11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 26)
_SIZE_WEIGHTS = (1, 2.5, 5, 7, 8, 8, 7, 6, 4, 3, 2, 0.7)


class Painter:
    """Draws pages: `page` gives ink (height, width), uint8, and its transcript."""

    def __init__(self, source: Source, fonts: Families) -> None:
        self.source, self.fonts = source, fonts

    def page(self, rng: random.Random, width: int, height: int, dense: bool) -> tuple[Ink, str]:
        """`dense` pages are set small, in long paragraphs, and filled to the foot."""
        sheet = Sheet(width, height, rng, self.source, self.fonts)
        if rng.random() < BLANK:
            return np.asarray(sheet.image), ""
        style = self._style(rng, dense)
        margin_x = round(width * rng.uniform(0.03, 0.13))
        top, bottom = height * rng.uniform(0.02, 0.08), height * rng.uniform(0.92, 0.98)
        frame = Box(margin_x, top, width - 2 * margin_x, bottom)
        frame, foot = self._head_and_foot(sheet, style, frame)
        if not dense and rng.random() < 0.2:
            frame = Box(frame.x, frame.y, frame.width, frame.y + frame.room * rng.uniform(0.1, 0.9))
        mixture = self._mixture(rng, dense)
        if rng.random() < 0.25:  # a title over all columns
            below = blocks.heading(sheet, style, frame)
            frame = frame.below(below + style.gap) if below else frame
        count = self._columns(rng, style, frame)
        gutter = style.size * rng.uniform(1.2, 2.5)
        each = (frame.width - gutter * (count - 1)) / count
        for column in range(count):
            box = Box(frame.x + column * (each + gutter), frame.y, each, frame.bottom)
            self._fill(sheet, style, box, mixture, footnotes=rng.random() < 0.12)
        if foot:
            sheet.blocks.append(foot)
        return np.asarray(sheet.image), "\n\n".join(block for block in sheet.blocks if block)

    def lines(self, rng: random.Random, width: int, height: int) -> tuple[Ink, str]:
        """A crop with a few lines of any size and much noise: plain lessons in reading letters."""
        sheet = Sheet(width, height, rng, self.source, self.fonts)
        y, shown = rng.uniform(2, 30), []
        while y < height:
            size = rng.choice((11, 12, 13, 14, 15, 16, 18, 20, 24, 30, 40))
            look = rng.choice(("", "", "b", "i"))
            style = Style(self.fonts.pick(rng), {}, size, 1.3, False, False, 0, 0)
            font = sheet.font(style, look)
            lines = wrap(self.source.words(rng, 200, noise=0.4), font, width - 12)[
                : rng.randint(1, 4)
            ]
            if y + len(lines) * style.line > height:
                break
            for line in lines:
                sheet.text(6, y, " ".join(line), font)
                y += style.line
            shown.append(joined(lines))
            y += style.line * rng.uniform(0.4, 1.2)
        return np.asarray(sheet.image), "\n\n".join(text for text in shown if text)

    def _style(self, rng: random.Random, dense: bool) -> Style:
        size = rng.choices(_SIZES, _SIZE_WEIGHTS)[0] + rng.choice((0, 0.5))
        if dense:
            size = min(size, rng.choice((11.5, 13, 14, 15, 16, 17)))
        family = self.fonts.pick(rng)
        justified, indented = rng.random() < 0.55, rng.random() < 0.4
        return Style(
            family=family,
            headings=family if rng.random() < 0.6 else self.fonts.pick(rng),
            size=size,
            leading=rng.uniform(1.12, 1.35 if dense else 1.6),
            justified=justified,
            hyphenated=justified and rng.random() < 0.6,
            indent=size * rng.uniform(1, 2.2) if indented else 0,
            gap=size * (rng.uniform(0, 0.3) if indented else rng.uniform(0.4, 1.2)),
        )

    @staticmethod
    def _columns(rng: random.Random, style: Style, frame: Box) -> int:
        """One to three, no narrower than about 28 letters."""
        most = min(3, int(frame.width / (style.size * 14)))
        return rng.choices((1, 2, 3)[:most], (0.55, 0.36, 0.09)[:most])[0] if most > 1 else 1

    def _mixture(self, rng: random.Random, dense: bool) -> tuple[list[Block], list[float]]:
        """The page's kinds of block and how often each comes."""
        weights: dict[Block, float] = {
            blocks.paragraph: 12 if dense else 6,
            blocks.heading: 2,
            blocks.listing: 1,
            blocks.short_lines: 0.5,
            tables.table: 0.5,
            blocks.code: 0.4,
            blocks.figure: 0.25,
            blocks.contents: 0.12,
            tables.form: 0.3,
        }
        if rng.random() < 0.3:  # a page that is mostly one thing
            favourite = rng.choice([*weights, tables.table, tables.table, tables.form])
            weights[favourite] += 10
        return list(weights), list(weights.values())

    def _fill(
        self,
        sheet: Sheet,
        style: Style,
        box: Box,
        mixture: tuple[list[Block], list[float]],
        footnotes: bool,
    ) -> None:
        notes = self._footnotes(sheet, style, box) if footnotes else None
        bottom, note = notes if notes else (box.bottom, "")
        box, failures = Box(box.x, box.y, box.width, bottom), 0
        while failures < 3:
            block = sheet.rng.choices(*mixture)[0]
            below = block(sheet, style, box)
            failures += below is None
            if below is not None:
                box = box.below(below + style.gap)
        if note:
            sheet.blocks.append(note)

    @staticmethod
    def _footnotes(sheet: Sheet, style: Style, box: Box) -> tuple[float, str] | None:
        """Small print at the column's foot; the y above it, and its text."""
        rng = sheet.rng
        font = sheet.font(style, "", 0.82)
        first, step, notes = rng.randint(1, 40), round(font.size * 1.25), []
        for number in range(first, first + rng.randint(1, 4)):
            words = [str(number), *sheet.source.words(rng, rng.randint(20, 220))]
            notes.append(wrap(words, font, box.width))
        top = box.bottom - step * sum(map(len, notes))
        if top < box.y + box.room * 0.5:
            return None
        sheet.rule(box.x, top - 5, box.x + box.width * rng.choice((0.3, 1)), top - 5)
        y = top
        for lines in notes:
            for line in lines:
                sheet.text(box.x, y, " ".join(line), font)
                y += step
        return top - 12, "\n".join(joined(lines) for lines in notes)

    @staticmethod
    def _head_and_foot(sheet: Sheet, style: Style, frame: Box) -> tuple[Box, str]:
        """Running head and foot; the frame between them, and the foot's text."""
        rng, font, foot = sheet.rng, sheet.font(style, _look(sheet.rng), 0.85), ""
        line = round(font.size * 1.3)
        top, bottom = frame.y, frame.bottom
        if rng.random() < 0.4:
            lines = wrap(sheet.source.words(rng, rng.randint(8, 50)), font, frame.width * 0.8)[:1]
            text, number = " ".join(lines[0]) if lines else "", str(rng.randint(1, 999))
            x = frame.x + rng.choice((0, 0.5)) * (frame.width - font.getlength(text))
            sheet.text(x, top, text, font)
            if x == frame.x and rng.random() < 0.6:
                sheet.text(frame.x + frame.width - font.getlength(number), top, number, font)
                text = f"{text} {number}".strip()
            sheet.blocks.append(text)
            top += line
            if rng.random() < 0.3:
                sheet.rule(frame.x, top + 2, frame.x + frame.width, top + 2)
            top += style.size * rng.uniform(0.4, 1.5)
        if rng.random() < 0.45:
            number = rng.randint(1, 600)
            foot = rng.choice(
                (str(number), str(number), f"- {number} -", f"Page {number} of {number + 9}")
            )
            x = frame.x + rng.choice((0, 0.5, 1)) * (frame.width - font.getlength(foot))
            sheet.text(x, bottom - line, foot, font)
            bottom -= line + style.size
        return Box(frame.x, top, frame.width, bottom), foot


def _look(rng: random.Random) -> str:
    return rng.choice(("", "", "i", "b"))
