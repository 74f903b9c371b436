"""Find the lines of text on a page image, and the groups of letters in them.

Rows and columns without ink divide the page (a recursive XY cut, Nagy and Seth, 1984). Rows that
share an empty column are either columns of text or a table. The image alone does not show which, so
a `Columns` node keeps both ways to read them.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import cast

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, WHOLE_PAGE, ExactBox
from lighton_ocr.layout.ink import Ink
from lighton_ocr.layout.letter_gaps import pitch_of, word_gap
from lighton_ocr.layout.spans import Span, joined, runs_of

Pixels = tuple[int, int, int, int]  # left, top, right, bottom

_USUAL_LINE = 20  # pixels of a line's ink, where a page has none to measure
_GUTTER = 1.1  # heights of a line; narrower paper does not divide columns
_BREAK = 2.0  # heights of a line; more paper between two rows parts what has columns from the rest
_RULED = 230  # of 255; how much of the rows' length a rule has that parts them
_FLAT = 0.25  # heights of a line; of dots and dashes
LEADER = 5  # dots or dashes in a row; fewer are punctuation


@dataclass(frozen=True)
class TextLine:
    """A line's box and the boxes of its words, left to right, in 0 to 1000 of the page.

    `pitch` is the usual distance from letter to letter, in 0 to 1000 of the page's width;
    `is_monospaced` says that it is the same for all letters.
    """

    box: ExactBox
    words: tuple[ExactBox, ...]
    pitch: float
    is_monospaced: bool


@dataclass(frozen=True)
class Columns:
    """A part of a page that can be read column by column, or row by row."""

    by_column: tuple["Node", ...]
    by_row: tuple["Node", ...]


Node = TextLine | Columns


def find_lines(ink: Ink, within: ExactBox = WHOLE_PAGE) -> tuple[Node, ...]:
    """Return the lines of a page, or of a box on it, from top to bottom; `ink` is the page's."""
    across, down = (side / BOX_SIZE for side in ink.everything.size)
    left, top = math.floor(within[0] * across), math.floor(within[1] * down)
    right, bottom = math.ceil(within[2] * across), math.ceil(within[3] * down)
    return _Page(ink, (left, top, right, bottom)).read()


class _Page:
    """Cuts one page's ink into lines."""

    def __init__(self, ink: Ink, part: Pixels) -> None:
        self._ink, self._rules = ink.letters, ink.rules
        self._part = part
        self._height = float(_USUAL_LINE)

    def read(self) -> tuple[Node, ...]:
        """Return the lines of the page's part."""
        _, start, _, end = self._part
        heights = [
            bottom - top
            for left, right in self._columns(self._part, 2 * _USUAL_LINE)
            for top, bottom in self._rows((left, start, right, end))
        ]
        heights = [height for height in heights if 5 < height < 4 * _USUAL_LINE]
        self._height = statistics.median(heights) if heights else float(_USUAL_LINE)
        return tuple(self._cut(self._part))

    def _cut(self, box: Pixels) -> Iterator[Node]:
        left, _, right, _ = box
        rows = self._rows(box)
        start = 0
        while start < len(rows):
            end, gutters = self._common_gutters(rows, start, left, right)
            if gutters:
                part = (left, rows[start][0], right, rows[end - 1][1])
                yield from self._divided_by(gutters, part, rows[start:end])
            else:
                end = start + 1
                yield from self._lines((left, rows[start][0], right, rows[start][1]))
            start = end

    def _common_gutters(
        self, rows: Sequence[Span], start: int, left: int, right: int
    ) -> tuple[int, list[Span]]:
        """Return where the rows from `start` cease to share gutters, and these gutters."""
        shared: list[Span] = [(left, right)]
        best: tuple[int, list[Span]] = (start, [])
        inked = [False] * (right - left)
        for end in range(start, len(rows)):
            profile = self._profile((left, rows[end][0], right, rows[end][1]))
            inked = [a or b for a, b in zip(inked, profile, strict=True)]
            paper = [(left + a, left + b) for a, b in runs_of(profile, False)]
            shared = [
                (max(a, c), min(b, d))
                for a, b in shared
                for c, d in paper
                if min(b, d) - max(a, c) >= _GUTTER * self._height
            ]
            inner = [(a, b) for a, b in shared if any(inked[: a - left]) and any(inked[b - left :])]
            if not shared or (best[1] and not inner):
                break
            if end > start and self._is_ruled(rows[end - 1][1], rows[end][0], left, inked):
                break
            below = rows[end][0] - rows[end - 1][1] if end > start else 0
            if (
                below > _BREAK * self._height
                and len(joined(runs_of(profile, True), _GUTTER * self._height)) < 2
            ):
                break
            if inner:
                best = (end + 1, inner)
        return best

    def _is_ruled(self, top: int, bottom: int, left: int, inked: Sequence[bool]) -> bool:
        """Whether a rule stands between two rows that is as long as what they are part of."""
        if bottom <= top:
            return False
        columns = [column for column, is_inked in enumerate(inked) if is_inked]
        between = self._rules.crop((left + columns[0], top, left + columns[-1] + 1, bottom))
        shares = between.resize((1, bottom - top), Image.Resampling.BOX).tobytes()
        strokes = runs_of([share >= _RULED for share in shares], True)
        return any(end - start <= _FLAT * self._height for start, end in strokes)

    def _divided_by(
        self, gutters: Sequence[Span], box: Pixels, rows: Sequence[Span]
    ) -> tuple[Node, ...]:
        """Return a box with gutters as columns; one row reads the same either way."""
        left, top, right, bottom = box
        edges = [left, *((a + b) // 2 for a, b in gutters), right]
        columns = [(a, top, b, bottom) for a, b in pairwise(edges)]
        by_column = tuple(node for column in columns for node in self._cut(column))
        if len(rows) == 1:
            return by_column
        by_row = tuple(
            node
            for row in rows
            for a, b in pairwise(edges)
            for node in self._cut((a, row[0], b, row[1]))
        )
        return by_column if len(by_column) == 1 else (Columns(by_column, by_row),)

    def _lines(self, box: Pixels) -> Iterator[TextLine]:
        """Yield a row without gutters: one line, or several whose letters touch."""
        left, top, right, bottom = box
        lines = [(top, bottom)] if bottom - top < 1.7 * self._height else self._divide(box)
        for start, end in lines:
            if line := self._line((left, start, right, end)):
                yield line

    def _divide(self, box: Pixels) -> list[Span]:
        """Divide a row at its lightest pixel rows, if it is several lines."""
        _, top, _, bottom = box
        part = self._ink.crop(box)
        column = part.resize((1, part.height), Image.Resampling.BOX)
        density = list(cast(Sequence[int], column.get_flattened_data()))
        level = 0.35 * sorted(density)[len(density) * 3 // 4]
        dense = runs_of([value > level for value in density], True)
        dense = [run for run in dense if run[1] - run[0] > 0.2 * self._height]
        if len(dense) < 2:
            return [(top, bottom)]
        cuts = [0, *((a[1] + b[0]) // 2 for a, b in pairwise(dense)), part.height]
        return [(top + a, top + b) for a, b in pairwise(cuts)]

    def _line(self, box: Pixels) -> TextLine | None:
        bounds = self._ink.crop(box).getbbox()
        if bounds is None:
            return None
        left, top = box[0] + bounds[0], box[1] + bounds[1]
        right, bottom = box[0] + bounds[2], box[1] + bounds[3]
        if bottom - top < 0.12 * self._height:
            return None
        height = min(max(bottom - top, 0.6 * self._height), 1.6 * self._height)
        letters = self._without_leaders(self._columns((left, top, right, bottom), 1), box)
        if not letters:
            return None
        words = joined(letters, word_gap(letters, height))
        pitch, is_monospaced = pitch_of(letters, height)
        return TextLine(
            self._scaled((left, top, right, bottom)),
            tuple(self._scaled((a, top, b, bottom)) for a, b in words),
            pitch * BOX_SIZE / self._ink.width,
            is_monospaced,
        )

    def _without_leaders(self, letters: Sequence[Span], row: Pixels) -> list[Span]:
        """Return the letters without rows of dots, as tables of contents have them, and of dashes.

        No text says how long they are, and many leave them out.
        """
        kept: list[Span] = []
        for is_flat, run in groupby(letters, lambda letter: self._is_flat(letter, row)):
            spans = list(run)
            if not is_flat or len(spans) < LEADER:
                kept += spans
        return kept

    def _is_flat(self, letter: Span, row: Pixels) -> bool:
        bounds = self._ink.crop((letter[0], row[1], letter[1], row[3])).getbbox()
        return bounds is not None and bounds[3] - bounds[1] < _FLAT * self._height

    def _scaled(self, box: Pixels) -> ExactBox:
        across, down = BOX_SIZE / self._ink.width, BOX_SIZE / self._ink.height
        return box[0] * across, box[1] * down, box[2] * across, box[3] * down

    def _profile(self, box: Pixels) -> list[bool]:
        return [bool(value) for value in self._ink.crop(box).getprojection()[0]]

    def _columns(self, box: Pixels, gap: float) -> list[Span]:
        """Return the stretches of columns with ink, joined over gaps that are less wide."""
        return joined([(box[0] + a, box[0] + b) for a, b in runs_of(self._profile(box), True)], gap)

    def _rows(self, box: Pixels) -> list[Span]:
        """Return the stretches of rows with ink; dots and accents belong to the row below."""
        profile = self._ink.crop(box).getprojection()[1]
        rows: list[Span] = []
        for start, end in runs_of([bool(value) for value in profile], True):
            before = rows[-1] if rows else None
            if before and (
                before[1] - before[0] < 0.35 * self._height
                and start - before[1] < 0.3 * self._height
            ):
                rows[-1] = (before[0], end)
            else:
                rows.append((start, end))
        return [(box[1] + start, box[1] + end) for start, end in rows]
