"""Whole pages set by Typst: manuals, papers, sources, indexes, letters, invoices, tables."""

import itertools
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pocket.corpus import PrintedText, Source
from pocket.drawing import slides
from pocket.drawing.furniture import footnotes, running, title
from pocket.drawing.grounding import Block
from pocket.drawing.kinds import BANDED, CROPPED, KINDS, OFFICE, SPARSE, Maker
from pocket.drawing.links import linked, placed
from pocket.drawing.newsletter import masthead
from pocket.drawing.press import MARK, Press, Sheet
from pocket.drawing.typefaces import Face, Typefaces
from pocket.drawing.writing import Piece, Writer

Ink = NDArray[np.uint8]

BLANK = 0.012
# The share of pages whose text is as people print it. Real pages have such text and pictures, but
# no formulas or tables: if all clean text were on real pages, a formula there would be a picture.
PRINTED = 0.4
# New Computer Modern joins these signs as TeX does: two hyphens would be printed as one dash.
_AS_TYPED = """#show regex("--+|``|''|,,|[?!]`"): set text(ligatures: false)\n"""


@dataclass(frozen=True)
class Frame:
    """What stands around the text: running head and foot, a title over all columns, footnotes."""

    head: Piece
    foot: Piece
    title: Piece | None = None
    notes: Piece | None = None

    @property
    def markup(self) -> str:
        """Of what is put on the page before the text."""
        return "".join(piece.markup for piece in (self.title, self.notes) if piece)

    def around(self, pieces: Sequence[Piece]) -> str:
        """The page's transcript."""
        return "\n\n".join(piece.text for piece in self.shown(pieces) if piece.text)

    def shown(self, pieces: Sequence[Piece]) -> list[Piece]:
        """All that is on the page, in the order in which it is read."""
        shown = [self.head, self.title, *pieces, self.notes, self.foot]
        return [piece for piece in shown if piece]

    def linked(self) -> "Frame":
        return Frame(
            linked(self.head, "head", "header"),
            linked(self.foot, "foot", "footer"),
            linked(self.title, "title") if self.title else None,
            linked(self.notes, "notes", "footnote") if self.notes else None,
        )


@dataclass(frozen=True)
class Layout:
    """A page's geometry in points, which are pixels, and its type."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    columns: int
    size: float
    body: Face
    heads: Face
    mono: str
    formulas: str
    office: bool = False

    @property
    def measure(self) -> float:
        """The width of a column."""
        whole = self.width - self.left - self.right
        return (whole - (self.columns - 1) * 2 * self.size) / self.columns


@dataclass(frozen=True)
class Manuscript:
    """What is to be set: more pieces than the page holds, at times."""

    layout: Layout
    pieces: Sequence[Piece]
    frame: Frame

    def linked(self) -> "Manuscript":
        columns = self.layout.columns
        pieces = [linked(piece, str(n), columns=columns) for n, piece in enumerate(self.pieces)]
        return Manuscript(self.layout, pieces, self.frame.linked())


class Typesetter:
    """Draws pages: `page` and `crop` give ink (height, width), uint8, and its transcript, and
    `grounded` the transcript with boxes."""

    def __init__(self, source: Source, press: Press) -> None:
        self.source, self.press, self.faces = source, press, Typefaces(press)

    def page(self, rng: random.Random, width: int, height: int, dense: bool) -> tuple[Ink, str]:
        """A page of one kind, filled to the foot or not; `dense` ones are set small and full."""
        if rng.random() < BLANK:
            return np.zeros((height, width), np.uint8), ""
        return self._set(
            self._written(rng, (width, height), dense, _kind(rng, width, height, dense))
        )

    def crop(self, rng: random.Random, width: int, height: int) -> tuple[Ink, str]:
        """A small sheet with what is hard to read: formulas, tables, code."""
        kind = rng.choices([*CROPPED], [*CROPPED.values()])[0]
        return self._set(self._written(rng, (width, height), False, kind))

    def _set(self, written: Manuscript) -> tuple[Ink, str]:
        sheet, shown = self._fitted(written)
        text, numbers = written.frame.around(shown), itertools.count(1)
        return sheet.ink, re.sub(r"image_1(?=\.png\))", lambda _: f"image_{next(numbers)}", text)

    def grounded(
        self, rng: random.Random, width: int, height: int, dense: bool
    ) -> tuple[Ink, list[Block]] | None:
        """The same with the page's blocks; None where their boxes are not clear."""
        if rng.random() < BLANK:
            return np.zeros((height, width), np.uint8), []
        kind = _kind(rng, width, height, dense)
        named = self._written(rng, (width, height), dense, kind).linked()
        sheet, shown = self._fitted(named)
        blocks = placed(named.frame.shown(shown), sheet)
        return None if blocks is None else (sheet.ink, blocks)

    def _written(
        self, rng: random.Random, paper: tuple[int, int], dense: bool, kind: str
    ) -> Manuscript:
        _, columns, makers = KINDS[kind]
        layout = self._layout(rng, paper, dense, rng.choice(columns), kind)
        writer = self._writer(rng, layout, kind)
        room = (1.15 if dense else rng.choice((1.1, 1.1, 1, 0.6, 0.3, 0.05))) * self._letters(
            layout
        )
        drawn = isinstance(makers, dict)
        pieces = self._pieces(writer, makers, room) if drawn else makers(writer)
        frame = Frame(
            Piece("", "") if kind in BANDED else running(writer),
            slides.foot(writer) if kind == "slides" else running(writer),
            _over(writer, kind),
            footnotes(writer) if kind in {"manual", "prose", "paper"} else None,
        )
        return Manuscript(layout, pieces, frame)

    def _writer(self, rng: random.Random, layout: Layout, kind: str) -> Writer:
        """A page's writer, with its habits."""
        is_printed = rng.random() < PRINTED
        source = PrintedText(self.source, rng) if is_printed else self.source
        writer = Writer(rng, source, layout.size, layout.measure, layout.mono)
        technical = kind not in OFFICE | {"prose", "notes", "references"} and not is_printed
        writer.code_words = rng.choice((0, 0.01, 0.03, 0.08)) if technical else 0
        if kind == "mathematics" and not is_printed:
            writer.formulas = rng.choice((0.02, 0.05, 0.1))
        else:
            writer.formulas = rng.choice((0, 0, 0, 0.01, 0.03) if technical else (0, 0, 0, 0.01))
        writer.emphasis = rng.choice((0, 0, 0.005, 0.02))
        return writer

    def _fitted(self, written: Manuscript) -> tuple[Sheet, Sequence[Piece]]:
        """The page with as many of the pieces as it holds, and these."""
        frame, pieces = written.frame, written.pieces
        start = _preamble(written.layout, frame) + frame.markup
        marked = start + "\n\n".join(piece.markup + MARK for piece in pieces)
        count = sum(page == 1 for page in self.press.ends(marked))
        if pieces and not count:  # the first one alone is longer than the page
            return self._fitted(replace(written, pieces=pieces[1:]))
        while True:
            shown = pieces[:count]
            sheet = self.press.sheet(start + "\n\n".join(piece.markup for piece in shown))
            if not sheet.more:
                return sheet, shown
            if not count:
                raise ValueError("What stands around the text fills more than a page.")
            count -= 1

    def _layout(
        self, rng: random.Random, paper: tuple[int, int], dense: bool, columns: int, kind: str
    ) -> Layout:
        """Margins and type. On paper of 1288 pixels 15 are about 10 points on A4."""
        width, height = paper
        size = rng.choices((12, 13, 14, 15, 16, 17, 18, 20), (1, 3, 5, 7, 6, 4, 2, 1))[0]
        if kind in OFFICE:
            size = rng.choices((12, 13, 14, 15, 16, 17, 18, 20, 22), (1, 2, 3, 4, 5, 6, 6, 3, 1))[0]
        elif kind == "slides":
            size = round(rng.choice((20, 24, 28, 32, 36, 40)) * width / 1288)
        elif dense or columns > 1:
            size = min(size, rng.choice((10, 11, 12, 13, 14, 15)))
        spread = lambda: width * rng.choice((rng.uniform(0.04, 0.12), rng.uniform(0.1, 0.22)))  # noqa: E731
        left, right = spread(), spread()
        right = left if rng.random() < 0.5 else right
        left = max(left, 9.5 * size) if kind == "source" else left
        body = self.faces.body(rng)
        heads = body if rng.random() < 0.6 else self.faces.heading(rng)
        return Layout(
            width,
            height,
            left,
            right,
            height * rng.uniform(0.05, 0.13),
            height * rng.uniform(0.05, 0.13),
            columns,
            size + rng.choice((0, 0.5)),
            body,
            heads,
            self.faces.monospaced(rng),
            self.faces.mathematical(rng),
            kind in OFFICE,
        )

    @staticmethod
    def _letters(layout: Layout) -> float:
        """About how many letters fill the page."""
        lines = (layout.height - layout.top - layout.bottom) / (layout.size * 1.25)
        return layout.columns * lines * layout.measure / (0.47 * layout.size)

    @staticmethod
    def _pieces(writer: Writer, makers: dict[Maker, float], room: float) -> list[Piece]:
        """Pieces for `room` letters and a little over; each line counts half a line at least."""
        pieces: list[Piece] = []
        while room > 0 and len(pieces) < 120:
            piece = writer.rng.choices([*makers], [*makers.values()])[0](writer)
            pieces.append(piece)
            room -= sum(max(len(line), writer.letters * 0.5) for line in piece.text.split("\n"))
        return pieces


def _over(writer: Writer, kind: str) -> Piece | None:
    """What stands over all columns of some pages."""
    maker = {"paper": title, "newsletter": masthead}.get(kind)
    return maker(writer) if maker and writer.chance(0.4) else None


def _kind(rng: random.Random, width: int, height: int, dense: bool) -> str:
    return rng.choices([*KINDS], [_share(kind, width > height, dense) for kind in KINDS])[0]


def _share(kind: str, landscape: bool, dense: bool) -> float:
    """How often a kind comes: slides on most landscape pages, what is short on few full ones."""
    share = KINDS[kind][0] * (0.25 if dense and kind in SPARSE else 1)
    return share * (12 if landscape and kind == "slides" else 1)


def _preamble(layout: Layout, frame: Frame) -> str:
    rng = random.Random(f"{layout}")
    justified = rng.random() < 0.7
    justified = justified and not (layout.office and rng.random() < 0.7)
    indent = 0 if layout.office else rng.choice((0, 0, 1, 1.5))
    leading = rng.uniform(0.5, 0.85 if layout.office else 0.75)
    spacing = leading if indent else rng.uniform(0.8, 2 if layout.office else 1.4)
    heads = f'#set text(0.9em, style: "{rng.choice(("normal", "normal", "italic"))}")\n'
    sides = {name: getattr(layout, name) for name in ("left", "right", "top", "bottom")}
    margin = ", ".join(f"{name}: {length:.0f}pt" for name, length in sides.items())
    return f"""{_AS_TYPED}#let mono = "{layout.mono}"
#let heads = "{layout.heads.family}"
#set page(width: {layout.width}pt, height: {layout.height}pt, columns: {layout.columns},
  margin: ({margin}), header: [{heads}{frame.head.markup}],
  footer: [{heads}{frame.foot.markup}])
#set columns(gutter: {2 * layout.size}pt)
#set text({layout.body.markup}, size: {layout.size}pt, hyphenate: {str(justified).lower()})
#set par(justify: {str(justified).lower()}, first-line-indent: {indent}em,
  leading: {leading:.2f}em, spacing: {spacing:.2f}em)
#show raw: set text(font: mono, size: 1.15em)
#show math.equation: set text(font: "{layout.formulas}")
"""
