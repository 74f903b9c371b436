"""Whole pages set by Typst: manuals, papers, sources, indexes, letters, tables."""

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pocket.corpus import Source
from pocket.drawing import figures, passages, programs, reference, tabular
from pocket.drawing.press import MARK, Press, literal
from pocket.drawing.writing import Piece, Writer

Ink = NDArray[np.uint8]
Maker = Callable[[Writer], Piece]

BLANK = 0.012
# New Computer Modern joins these signs as TeX does: two hyphens would be printed as one dash.
_AS_TYPED = """#show regex("--+|``|''|,,|[?!]`"): set text(ligatures: false)\n"""
# What real documents are set in, and how often here.
_SERIF = {
    **{"New Computer Modern": 10, "CMU Serif": 6, "LM Roman 10": 5, "TeXGyreTermes": 4, "Tinos": 4},
    **{"Nimbus Roman": 4, "Libertinus Serif": 3, "TeX Gyre Pagella": 3, "P052": 2, "C059": 2},
    **{"DejaVu Serif": 2, "Noto Serif": 2, "PT Serif": 2, "STIXGeneral": 2, "Charis SIL": 2},
    **{"Gentium Plus": 2, "Caladea": 2, "Linux Libertine O": 2, "FreeSerif": 2, "Vollkorn": 1},
    **{"TeXGyreSchola": 2, "Bitstream Vera Serif": 1, "EB Garamond 12": 1, "CMU Concrete": 1},
    **{"TeX Gyre Bonum": 1, "URW Bookman": 1, "Roboto Slab": 1, "GFS Didot": 1, "Doulos SIL": 1},
}
_SANS = {
    **{"Nimbus Sans": 5, "TeXGyreHeros": 4, "Arimo": 8, "Carlito": 3},
    **{"DejaVu Sans": 3, "Noto Sans": 2, "Open Sans": 2, "Roboto": 2, "Lato": 2, "Inter": 2},
    **{"CMU Sans Serif": 3, "LM Sans 10": 2, "PT Sans": 2, "Clear Sans": 1, "Cantarell": 1},
    **{"Linux Biolinum O": 1, "TeX Gyre Adventor": 1, "Cabin": 1, "Karla": 1, "FreeSans": 1},
}
_MONO = {
    **{"CMU Typewriter Text": 7, "LM Mono 10": 6, "Latin Modern Mono 9": 2, "LM Mono Light 10": 2},
    **{"DejaVu Sans Mono": 4, "Liberation Mono": 4, "Nimbus Mono PS": 4, "TeXGyreCursor": 3},
    **{"Courier Prime": 2, "Cousine": 3, "Noto Sans Mono": 2, "Hack": 1, "Fira Code": 1},
    **{"FreeMono": 2, "PT Mono": 1, "Bitstream Vera Sans Mono": 2, "mononoki": 1},
    **{"LM Mono Slanted 10": 1, "JetBrains Mono": 1, "Linux Libertine Mono O": 1},
}

_PROSE: dict[Maker, float] = {passages.paragraph: 8, passages.heading: 1.6, passages.listing: 1}
# Kinds of page: how often, columns, and what is on them beside headings.
KINDS: dict[str, tuple[float, tuple[int, ...], dict[Maker, float]]] = {
    "manual": (
        4,
        (1, 1, 1, 1, 2),
        _PROSE
        | {programs.listing: 3, passages.descriptions: 1, tabular.table: 0.3, programs.calls: 0.4},
    ),
    "prose": (3, (1, 1, 2), _PROSE | {figures.figure: 0.2, passages.short_lines: 0.2}),
    "paper": (
        3,
        (1, 2, 2, 2),
        _PROSE
        | {passages.formula: 1.2, passages.statement: 0.7, figures.figure: 0.4}
        | {tabular.table: 0.4, passages.bibliography: 0.3},
    ),
    "mathematics": (
        3,
        (1, 1, 2),
        _PROSE | {passages.formula: 5, passages.statement: 3, passages.heading: 1},
    ),
    "source": (
        2,
        (1,),
        {programs.described_source: 4, programs.numbered_listing: 4, passages.paragraph: 2}
        | {passages.heading: 1.5, programs.listing: 2},
    ),
    "code": (1, (1, 1, 1, 2), {programs.listing: 8, passages.paragraph: 3, passages.heading: 1}),
    "index": (2, (2, 2, 2, 2, 3, 1), {reference.index: 1}),
    "contents": (1.5, (1, 1, 1, 2), {reference.contents: 5, passages.heading: 1}),
    "calls": (1.5, (1,), {programs.calls: 6, passages.heading: 1, passages.paragraph: 1}),
    "descriptions": (
        1.5,
        (1, 1, 2),
        {passages.descriptions: 5, passages.paragraph: 1, passages.heading: 1, programs.listing: 1},
    ),
    "tables": (
        6,
        (1, 1, 1, 2),
        {tabular.table: 5, passages.paragraph: 2, passages.heading: 1},
    ),
    "figures": (
        3,
        (1, 1, 1, 2),
        _PROSE | {figures.figure: 4, programs.listing: 1},
    ),
    "letter": (
        2.5,
        (1,),
        {passages.short_lines: 3, passages.paragraph: 4, tabular.form: 2, tabular.table: 0.6},
    ),
    "form": (2, (1, 1, 2), {tabular.form: 5, passages.heading: 1, passages.short_lines: 1}),
    "receipt": (1, (1,), {tabular.receipt: 1}),
    "references": (0.5, (1, 2), {passages.bibliography: 5, passages.heading: 0.5}),
    "changes": (0.5, (1, 1, 2), {reference.changes: 4, passages.heading: 0.5}),
    "lists": (1, (1, 1, 2), {passages.listing: 5, passages.paragraph: 2, passages.heading: 1}),
}


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
    body: str
    heads: str
    mono: str

    @property
    def measure(self) -> float:
        """The width of a column."""
        whole = self.width - self.left - self.right
        return (whole - (self.columns - 1) * 2 * self.size) / self.columns


class Typesetter:
    """Draws pages: `page` gives ink (height, width), uint8, and its transcript."""

    def __init__(self, source: Source, press: Press) -> None:
        self.source, self.press = source, press
        known = lambda names: {n: w for n, w in names.items() if n in press.families}  # noqa: E731
        self.serif, self.sans, self.mono = known(_SERIF), known(_SANS), known(_MONO)

    def page(self, rng: random.Random, width: int, height: int, dense: bool) -> tuple[Ink, str]:
        """A page of one kind, filled to the foot or not; `dense` ones are set small and full."""
        if rng.random() < BLANK:
            return np.zeros((height, width), np.uint8), ""
        kind = rng.choices([*KINDS], [share for share, _, _ in KINDS.values()])[0]
        _, columns, makers = KINDS[kind]
        layout = self._layout(rng, width, height, dense, rng.choice(columns), kind == "source")
        writer = Writer(rng, self.source, layout.size, layout.measure, layout.mono)
        technical = kind not in {"prose", "letter", "form", "receipt", "references"}
        writer.code_words = rng.choice((0, 0.01, 0.03, 0.08)) if technical else 0
        writer.formulas = rng.choice((0.02, 0.05, 0.1)) if kind == "mathematics" else 0
        writer.formulas = writer.formulas or rng.choice((0, 0, 0, 0.01, 0.03)) * technical
        writer.emphasis = rng.choice((0, 0, 0.005, 0.02))
        head, foot = self._running(writer), self._running(writer)
        room = (1.15 if dense else rng.choice((1.1, 1.1, 1, 0.6, 0.3, 0.05))) * self._letters(
            layout
        )
        pieces = self._pieces(writer, makers, room)
        notes = self._footnotes(writer) if kind in {"manual", "prose", "paper"} else None
        return self._fitted(layout, pieces, head, foot, notes)

    def _fitted(
        self, layout: Layout, pieces: list[Piece], head: Piece, foot: Piece, notes: Piece | None
    ) -> tuple[Ink, str]:
        """As many of the pieces as one page holds."""
        start = _preamble(layout, head, foot) + (notes.markup if notes else "")
        marked = start + "\n\n".join(piece.markup + MARK for piece in pieces)
        count = sum(page == 1 for page in self.press.ends(marked))
        if pieces and not count:  # the first one alone is longer than the page
            return self._fitted(layout, pieces[1:], head, foot, notes)
        while True:
            ink, more = self.press.ink(start + "\n\n".join(p.markup for p in pieces[:count]))
            if not more:
                break
            count -= 1
        shown = [head, *pieces[:count], *([notes] if notes else []), foot]
        text = "\n\n".join(piece.text for piece in shown if piece.text)
        numbers = itertools.count(1)
        return ink, re.sub(r"image_1(?=\.png\))", lambda _: f"image_{next(numbers)}", text)

    def _layout(
        self,
        rng: random.Random,
        width: int,
        height: int,
        dense: bool,
        columns: int,
        wide_margin: bool,
    ) -> Layout:
        size = rng.choices((12, 13, 14, 15, 16, 17, 18, 20), (1, 3, 5, 7, 6, 4, 2, 1))[0]
        size = min(size, rng.choice((11, 12, 13, 14, 15))) if dense or columns > 1 else size
        spread = lambda: width * rng.choice((rng.uniform(0.04, 0.12), rng.uniform(0.1, 0.22)))  # noqa: E731
        left, right = spread(), spread()
        right = left if rng.random() < 0.5 else right
        left = max(left, 9.5 * size) if wide_margin else left
        family = self.serif if rng.random() < 0.65 else self.sans
        body = _pick(rng, family)
        heads = body if rng.random() < 0.6 else _pick(rng, self.sans)
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
            _pick(rng, self.mono),
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

    @staticmethod
    def _running(writer: Writer) -> Piece:
        """A running head or foot, or none."""
        rng = writer.rng
        number = rng.choice(
            (
                str(rng.randint(1, 700)),
                f"- {rng.randint(1, 90)} -",
                rng.choice("ivx") * rng.randint(1, 3),
            )
        )
        title = writer.plain(6, 44).capitalize()
        ruled = rng.choice(("", "", "", "inset: (bottom: 0.35em), stroke: (bottom: 0.5pt), "))
        whole = lambda inner: f"#block({ruled}width: 100%)[{inner}]"  # noqa: E731
        match rng.randrange(8):
            case 0 | 1 | 2:
                return Piece("", "")
            case 3 | 4:
                side = rng.choice(("left", "center", "center", "right"))
                return Piece(f"#align({side})[{literal(number)}]", number)
            case 5:
                inner = f"{literal(title)} #h(1fr) {literal(number)}"
                return Piece(whole(inner), f"{title} {number}")
            case 6:
                inner = f"{literal(number)} #h(1fr) {literal(title)}"
                return Piece(whole(inner), f"{number} {title}")
            case _:
                return Piece(whole(literal(title)), title)

    @staticmethod
    def _footnotes(writer: Writer) -> Piece | None:
        """Notes at the page's foot, without their marks in the text."""
        rng = writer.rng
        if rng.random() > 0.2:
            return None
        first = rng.randint(1, 40)
        notes = [writer.prose(rng.randint(20, 220)) for _ in range(rng.randint(1, 3))]
        rule = f"#line(length: {rng.choice((30, 30, 100))}%, stroke: 0.5pt)\n"
        rows = "\n\n".join(
            f"{literal(str(first + n))} {note.markup}" for n, note in enumerate(notes)
        )
        shown = "\n".join(f"{first + n} {note.text}" for n, note in enumerate(notes))
        small = f"#set text({rng.uniform(0.78, 0.9):.2f}em)\n#set par(first-line-indent: 0pt)"
        place = 'bottom, float: true, scope: "parent", clearance: 1em'
        return Piece(f"#place({place}, [{small}\n{rule}{rows}])\n", shown)


def _preamble(layout: Layout, head: Piece, foot: Piece) -> str:
    rng = random.Random(f"{layout}")
    justified = rng.random() < 0.7
    indent = rng.choice((0, 0, 1, 1.5))
    leading = rng.uniform(0.5, 0.75)
    spacing = leading if indent else rng.uniform(0.8, 1.4)
    heads = f'#set text(0.9em, style: "{rng.choice(("normal", "normal", "italic"))}")\n'
    sides = {name: getattr(layout, name) for name in ("left", "right", "top", "bottom")}
    margin = ", ".join(f"{name}: {length:.0f}pt" for name, length in sides.items())
    return f"""{_AS_TYPED}#let mono = "{layout.mono}"
#let heads = "{layout.heads}"
#set page(width: {layout.width}pt, height: {layout.height}pt, columns: {layout.columns},
  margin: ({margin}), header: [{heads}{head.markup}], footer: [{heads}{foot.markup}])
#set columns(gutter: {2 * layout.size}pt)
#set text(font: "{layout.body}", size: {layout.size}pt, hyphenate: {str(justified).lower()})
#set par(justify: {str(justified).lower()}, first-line-indent: {indent}em,
  leading: {leading:.2f}em, spacing: {spacing:.2f}em)
#show raw: set text(font: mono, size: 1.15em)
"""


def _pick(rng: random.Random, families: dict[str, float]) -> str:
    return rng.choices([*families], [*families.values()])[0]
