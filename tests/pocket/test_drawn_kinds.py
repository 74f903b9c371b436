"""What the drawn kinds of page print is what their transcripts say, and nothing runs over."""

import html
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pytest.importorskip("typst")
pypdfium2 = pytest.importorskip("pypdfium2")
from pocket.corpus import Source  # noqa: E402
from pocket.drawing import coloured, extremes, forms, grammar, listings, newsletter, slides  # noqa: E402
from pocket.drawing.press import Press  # noqa: E402
from pocket.drawing.writing import Piece, Writer  # noqa: E402

WIDTHS, MARGIN = (780, 400), 60
SETTINGS = f"""#let mono = "DejaVu Sans Mono"
#let heads = "DejaVu Sans"
#set page(height: auto, margin: {MARGIN}pt)
#set text(font: "DejaVu Serif", size: 15pt, hyphenate: false, ligatures: false)
#show raw: set text(font: mono, size: 1.15em)
"""
MAKERS: dict[str, Callable[[Writer], Piece | list[Piece]]] = {
    "coloured": coloured.coloured,
    "beside": coloured.beside,
    "repeated": coloured.repeated,
    "frames": coloured.frames,
    "examples": coloured.examples,
    "columned": listings.columned,
    "options": listings.options,
    "man page": listings.man_page,
    "memo": listings.memo,
    "grammar": grammar.grammar,
    "typed grammar": grammar.typed,
    "statement": grammar.statement,
    "slide": slides.slide,
    "form": forms.filled_in,
    "cells": forms.cells,
    "parts": forms.parts,
    "masthead": newsletter.masthead,
    "box": newsletter.boxed,
    "quote": newsletter.quote,
    "note": newsletter.noted,
    "news": newsletter.news,
    "bare": extremes.bare,
    "words": extremes.words,
    "glossary": extremes.glossary,
}
_MARKUP = r"(?m)^ *#+ |^ *- |\[[ x]\]|</?(?:table|t[rdh])(?: [^>]*)?>"
_UNLIKE = re.compile(r"!\[image\]\(image_1\.png\)|\$\$")


@pytest.fixture(scope="module")
def press(data: Path) -> Press:
    return Press(data / "fonts")


def drawn(data: Path, name: str, width: int, count: int = 3) -> Iterator[list[Piece]]:
    """The pieces of some documents, without pictures and formulas: they print something else."""
    source = Source.open(data)
    for seed in range(count):
        rng = random.Random(f"{name} {width} {seed}")
        writer = Writer(rng, source, 15, width, "DejaVu Sans Mono")
        made = MAKERS[name](writer)
        pieces = [made] if isinstance(made, Piece) else made
        yield [piece for piece in pieces if not _UNLIKE.search(piece.text)]


def letters(press: Press, width: int, pieces: list[Piece]) -> list[tuple[str, tuple[float, ...]]]:
    """The page's signs with their places, as PDFium finds them."""
    paper = f"#set page(width: {width + 2 * MARGIN}pt)\n"
    markup = SETTINGS + paper + "\n\n".join(piece.markup for piece in pieces)
    with pypdfium2.PdfDocument(press.pdf(markup)) as document:
        assert len(document) == 1
        page = document[0].get_textpage()
        text = [(page.get_text_range(n, 1), page.get_charbox(n)) for n in range(page.count_chars())]
    # PDFium has a sign of its own for a hyphen at the end of a line.
    shown = ((re.sub("[\ufffe\x02]", "-", sign), box) for sign, box in text)
    return [(sign, box) for sign, box in shown if sign.strip()]


def said(pieces: list[Piece]) -> str:
    """The transcript's signs without its markup and without what has no length."""
    parts = re.split(r"(?m)^```$", "\n\n".join(piece.text for piece in pieces))
    parts[::2] = [html.unescape(re.sub(_MARKUP, " ", part)) for part in parts[::2]]
    return unruled("".join(parts))


def unruled(text: str) -> str:
    """Without spaces and bullets; of signs that come again and again the first alone."""
    return re.sub(r"([^\w\s]|_)\1*", r"\1", re.sub(r"[\s•–◦∗]", "", text))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", MAKERS)
def test_what_is_printed_is_what_is_said_and_nothing_runs_over(data, press, name, width):
    for pieces in drawn(data, name, width):
        printed = letters(press, width, pieces)
        text, wanted = unruled("".join(sign for sign, _ in printed)), said(pieces)
        if any(re.search("(?m)^ *- ", piece.text) for piece in pieces):  # the bullets of a list
            text, wanted = text.replace("-", ""), wanted.replace("-", "")
        assert Counter(text) == Counter(wanted), f"{text}\n{wanted}"
        boxes = [box for _, box in printed]
        assert all(box[0] > MARGIN - 8 and box[2] < width + MARGIN + 8 for box in boxes)
        assert not list(overprinted(boxes))


def overprinted(boxes: list[tuple[float, ...]]) -> Iterator[tuple[float, ...]]:
    """Signs that stand on others, by more than kerning and italics do."""
    rows: dict[int, list[tuple[float, ...]]] = {}
    for box in boxes:
        rows.setdefault(round((box[1] + box[3]) / 8), []).append(box)
    for row in rows.values():
        for left, right in pairwise(sorted(row)):
            if min(left[2], right[2]) - right[0] > 0.6 * (right[2] - right[0]) + 1.5:
                yield right


def test_numbers_stand_before_code_or_after_it_and_empty_lines_keep_theirs():
    lines = ["if x:", "", "  y"]
    assert coloured.listed(lines) == "```\nif x:\n  y\n```"
    assert coloured.listed(lines, 9) == "```\n9 if x:\n10\n11   y\n```"
    assert coloured.listed(lines, 9, right=True) == "```\nif x: 9\n10\n  y 11\n```"
