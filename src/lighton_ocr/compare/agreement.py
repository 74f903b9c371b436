"""How far two texts of a page agree, in characters and words, and where they differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

from lighton_ocr.reading.own_text.words import words_of

# same: both have it; added: only the text has it; missing: only the reference has it.
PartKind = Literal["same", "added", "missing"]


@dataclass(frozen=True)
class Agreement:
    """1 minus the edit distance over the longer text's length: 1 if equal, 0 if nothing agrees.

    Markup, punctuation at words' edges and line breaks do not count.
    """

    characters: float
    words: float


@dataclass(frozen=True)
class Part:
    """A run of characters of a text, or of words that the reference has in this place."""

    kind: PartKind
    text: str


def agreement(first: str, second: str) -> Agreement:
    """Compare two texts of a page."""
    one, two = _keys(first), _keys(second)
    return Agreement(
        Levenshtein.normalized_similarity(" ".join(one), " ".join(two)),
        Levenshtein.normalized_similarity(one, two),
    )


def differences(text: str, reference: str) -> Iterator[Part]:
    """Yield the whole text in parts, with the words that only the reference has between them."""
    ours, theirs = words_of(text), words_of(reference)
    edits = Levenshtein.opcodes([word.key for word in theirs], [word.key for word in ours])
    position = 0
    for edit in edits:
        words = ours[edit.dest_start : edit.dest_end]
        if edit.tag == "equal":
            yield Part("same", text[position : words[-1].end])
            position = words[-1].end
            continue
        following = ours[edit.dest_start :][:1]
        start = following[0].start if following else len(text)
        yield Part("same", text[position:start])
        position = start
        if lost := theirs[edit.src_start : edit.src_end]:
            yield Part("missing", " ".join(word.text for word in lost))
        if words:
            position = words[-1].end
            yield Part("added", text[start:position])
    yield Part("same", text[position:])


def _keys(text: str) -> list[str]:
    return [word.key for word in words_of(text)]
