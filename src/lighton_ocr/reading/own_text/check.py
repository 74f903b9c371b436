"""What a comparison with the file's own text gives."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from lighton_ocr.documents.boxes import Box, area_of, shared

# high: the file's text is what is drawn; low: another reader's opinion, such as an older OCR's,
# which corrects nothing and warns of nothing; none: it does not belong to what is drawn.
Trust = Literal["none", "low", "high"]
# differs: both have a word, spelled differently; invented: the text has words that the file has
# nowhere; repeated: the text has words of the file once more; missing: the text lacks words.
DifferenceKind = Literal["differs", "invented", "repeated", "missing"]
_MOST = 0.8  # of the area of words that are in a figure


@dataclass(frozen=True)
class Difference:
    """Where the text of a page and the file's own text differ.

    `read` are the text's words and `own` the file's, empty where one of them has none. `start`
    counts characters in the page's text, None for missing words. `box` is where the file has the
    words, 0 to 1000 of the page, None for words that it lacks.
    """

    kind: DifferenceKind
    read: str
    own: str
    start: int | None
    box: Box | None

    @property
    def is_number(self) -> bool:
        """Whether it is about a number."""
        return has_digit(self.read + self.own)


@dataclass(frozen=True)
class Correction:
    """A word that took the file's spelling; `start` counts characters in the corrected text."""

    read: str
    own: str
    start: int
    box: Box

    @property
    def is_number(self) -> bool:
        """Whether a number was changed."""
        return has_digit(self.read + self.own)


@dataclass(frozen=True)
class OwnTextCheck:
    """How the text of a page compares to the file's own text.

    `words` counts the file's. `differ` counts the places where both have a word, spelled
    differently, and `numbers_differ` those of them with a number. `invented`, `repeated` and
    `missing` count words; see `DifferenceKind`. Corrected words are in `corrections` alone. `used`
    says that the page's text is the file's own, because the model could not read it. `habit` says
    that the file's text is not trusted because many words differ of which the model was sure, but
    mostly in the same letters: the model or a font of the file takes one for another, such as 1
    for l.
    """

    trust: Trust
    words: int
    differ: int = 0
    numbers_differ: int = 0
    invented: int = 0
    repeated: int = 0
    missing: int = 0
    differences: tuple[Difference, ...] = field(default=(), repr=False)
    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    used: bool = False
    habit: bool = False


def without_figures(check: OwnTextCheck, figures: Iterable[Box]) -> OwnTextCheck:
    """Return the check without missing words that are in figures, whose words no text has."""
    boxes = list(figures)
    kept = tuple(
        one
        for one in check.differences
        if one.kind != "missing" or not any(_is_within(one.box, box) for box in boxes)
    )
    missing = sum(len(one.own.split()) for one in kept if one.kind == "missing")
    return replace(check, differences=kept, missing=missing)


def _is_within(words: Box | None, figure: Box) -> bool:
    """Whether at least most of a box is in another one."""
    return words is not None and area_of(shared(words, figure)) > _MOST * area_of(words)


def has_digit(text: str) -> bool:
    """Whether a text holds a digit."""
    return any(map(str.isdigit, text))
