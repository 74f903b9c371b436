"""The kinds of page that Typst sets: how often each comes, in how many columns, what is on it."""

from collections.abc import Callable

from pocket.drawing import (
    coloured,
    extremes,
    figures,
    forms,
    grammar,
    listings,
    newsletter,
    office,
    passages,
    programs,
    reference,
    slides,
    tabular,
    windows,
)
from pocket.drawing.writing import Piece, Writer

Maker = Callable[[Writer], Piece]
Document = Callable[[Writer], list[Piece]]

_PROSE: dict[Maker, float] = {passages.paragraph: 8, passages.heading: 1.6, passages.listing: 1}
# Kinds of page: how often, columns, and what is on them: pieces by their weights, or a document.
KINDS: dict[str, tuple[float, tuple[int, ...], dict[Maker, float] | Document]] = {
    "manual": (
        4,
        (1, 1, 1, 1, 2),
        _PROSE
        | {programs.listing: 3, passages.descriptions: 1, tabular.table: 0.3, programs.calls: 0.4},
    ),
    "prose": (
        2.5,
        (1, 1, 2),
        _PROSE
        | {figures.figure: 0.2, passages.short_lines: 0.2}
        | {passages.formula: 0.6, tabular.table: 0.3},
    ),
    "paper": (
        5,
        (1, 2, 2, 2),
        _PROSE
        | {passages.formula: 1.6, passages.statement: 0.7, figures.figure: 0.4}
        | {tabular.table: 0.7, passages.bibliography: 0.3},
    ),
    "mathematics": (
        11,
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
    "index": (1.5, (2, 2, 2, 2, 3, 1), {reference.index: 1}),
    "contents": (1, (1, 1, 1, 2), {reference.contents: 5, passages.heading: 1}),
    "calls": (1.5, (1,), {programs.calls: 6, passages.heading: 1, passages.paragraph: 1}),
    "descriptions": (
        1.5,
        (1, 1, 2),
        {passages.descriptions: 5, passages.paragraph: 1, passages.heading: 1, programs.listing: 1},
    ),
    "tables": (
        14,
        (1, 1, 1, 2),
        {tabular.table: 5, passages.paragraph: 2, passages.heading: 1},
    ),
    "figures": (
        2,
        (1, 1, 1, 2),
        _PROSE | {figures.figure: 4, programs.listing: 1},
    ),
    "letter": (4, (1,), office.letter),
    "invoice": (4.5, (1,), office.invoice),
    "statement": (2.5, (1,), office.statement),
    "receipt": (1.2, (1, 1, 2), office.receipt),
    "form": (2, (1,), office.form),
    "notes": (
        1.5,
        (1, 1, 2),
        {passages.short_lines: 3, passages.paragraph: 4, tabular.form: 4, tabular.table: 0.6},
    ),
    "references": (0.5, (1, 2), {passages.bibliography: 5, passages.heading: 0.5}),
    "changes": (0.5, (1, 1, 2), {reference.changes: 4, passages.heading: 0.5}),
    "lists": (1, (1, 1, 2), {passages.listing: 5, passages.paragraph: 2, passages.heading: 1}),
    "coloured code": (
        4,
        (1, 1, 1, 1, 2),
        {coloured.coloured: 4, coloured.beside: 2, passages.paragraph: 3, passages.heading: 1},
    ),
    "examples": (3, (1,), coloured.examples),
    "repeats": (
        1,
        (1, 1, 2),
        {coloured.repeated: 3, coloured.frames: 2, passages.paragraph: 1, passages.heading: 0.5},
    ),
    "columned code": (
        3,
        (1, 1, 1, 1, 2),
        {listings.columned: 5, listings.options: 1.5, passages.paragraph: 2, passages.heading: 1},
    ),
    "grammar": (
        2,
        (1, 1, 1, 2),
        {grammar.grammar: 6, grammar.typed: 2, grammar.statement: 2, passages.paragraph: 2}
        | {passages.heading: 1.5},
    ),
    "slides": (2.5, (1,), slides.slide),
    "filled in": (4, (1,), forms.filled_in),
    "parts": (1.5, (1, 1, 2), {forms.parts: 5, passages.paragraph: 1, passages.heading: 1}),
    "windows": (
        2.5,
        (1, 1, 1, 2),
        _PROSE | {windows.window: 5, programs.listing: 0.5, passages.descriptions: 0.5},
    ),
    "newsletter": (
        2.5,
        (2, 2, 2, 3),
        _PROSE
        | {newsletter.news: 2, newsletter.boxed: 1, newsletter.quote: 0.8}
        | {programs.listing: 1, coloured.coloured: 0.5, figures.figure: 0.3},
    ),
    "margin notes": (
        1,
        (1,),
        {newsletter.noted: 4, passages.paragraph: 1, passages.heading: 1, passages.listing: 0.4},
    ),
    "bare": (1, (1,), extremes.bare),
    "words": (1.5, (2, 3, 3, 4), {extremes.words: 4, extremes.glossary: 2, passages.heading: 1}),
    "man page": (1, (1,), listings.man_page),
    "memo": (1, (1,), listings.memo),
}
# Kinds that crops show, and how often: what is small or has an order of its own.
CROPPED: dict[str, float] = {
    "mathematics": 10,
    "paper": 2,
    "tables": 4,
    "filled in": 1,
    "calls": 1,
    "columned code": 1,
    "grammar": 1,
    "parts": 1,
}
# Kinds with a band of their own at the head, where no running head fits.
BANDED = frozenset({"examples", "slides"})
OFFICE = frozenset({"letter", "invoice", "statement", "receipt", "form", "filled in"})
# Kinds that seldom fill a page.
SPARSE = OFFICE | {"bare", "examples", "man page", "memo", "slides"}
