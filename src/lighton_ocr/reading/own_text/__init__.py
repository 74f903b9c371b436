"""Check a page's text against the text that the file itself holds, and correct it.

A vision model knows headings, tables, order and formulas; a born-digital file knows its letters.
`check_text` compares the two wherever the file's text deserves trust. `correct_text` applies the
file's spelling to words that the model was unsure of; no word is added, removed or moved.
`use_stored_text` takes the file's text where the model could not read the page.
"""

from dataclasses import dataclass, replace

from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.reading.blocks import Block, block_spans
from lighton_ocr.reading.own_text.check import (
    Correction,
    Difference,
    OwnTextCheck,
    without_figures,
)
from lighton_ocr.reading.own_text.comparison import Comparison
from lighton_ocr.reading.own_text.correction import apply_corrections, find_corrections, uncorrected
from lighton_ocr.reading.own_text.stored import stored_text
from lighton_ocr.reading.own_text.warnings import own_text_warnings

__all__ = [
    "CheckedText",
    "Correction",
    "Difference",
    "OwnTextCheck",
    "check_text",
    "correct_blocks",
    "correct_text",
    "own_text_warnings",
    "uncorrected",
    "use_stored_text",
    "without_figures",
]


@dataclass(frozen=True)
class CheckedText:
    """A page's text, corrected if that was asked for, and its check."""

    text: str
    check: OwnTextCheck


def check_text(text: str, own: OwnText, unsure: frozenset[str] | None = None) -> CheckedText:
    """Compare a page's Markdown to the file's own text; the text stays as it is.

    `unsure` are the words that the model was unsure of, None where the engine does not report it: a
    file that contradicts many others is not trusted.
    """
    return CheckedText(text, Comparison(text, own, unsure).check())


def correct_text(text: str, own: OwnText, unsure: frozenset[str] | None) -> CheckedText:
    """Give misspelled words the file's spelling, and compare what is left.

    `unsure` is as in `check_text`. Only such words are corrected; where the engine does not report
    it, any word may be, and no number.
    """
    corrections: list[Correction] = []
    comparison = Comparison(text, own, unsure)
    # Corrected words may help to align others. It ends: each round leaves the text with fewer
    # words that the file lacks, or with fewer dollar signs.
    while found := list(find_corrections(comparison)):
        text, corrections = apply_corrections(text, corrections, found)
        comparison = Comparison(text, own, unsure)
    return CheckedText(text, replace(comparison.check(), corrections=tuple(corrections)))


def use_stored_text(checked: CheckedText, own: OwnText) -> CheckedText | None:
    """Return the file's own text for a page that the model could not read; see `stored_text`."""
    text = stored_text(own, checked.text, checked.check.trust)
    if text is None:
        return None
    return CheckedText(text, OwnTextCheck("high", checked.check.words, used=True))


def correct_blocks(blocks: tuple[Block, ...], text: str, checked: CheckedText) -> tuple[Block, ...]:
    """Return the blocks of a page's text with the corrections that the text has got."""
    shifts = []  # places in the text, and how much longer it became there
    longer = 0
    for one in sorted(checked.check.corrections, key=lambda one: one.start):
        shifts.append((one.start - longer, len(one.own) - len(one.read)))
        longer += shifts[-1][1]

    def moved(place: int) -> int:
        return place + sum(more for start, more in shifts if start < place)

    corrected = list(blocks)
    for number, (start, end) in block_spans(text, blocks).items():
        corrected[number] = replace(blocks[number], text=checked.text[moved(start) : moved(end)])
    return tuple(corrected)
