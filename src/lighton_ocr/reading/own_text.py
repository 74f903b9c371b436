"""Check a page's text against the text that the file itself holds, and correct it.

A vision model knows headings, tables, order and formulas; a born-digital file knows its letters.
`check` compares the two wherever the file's text deserves trust. With `correct`, words that the
model was unsure of take the file's spelling; no word is added, removed or moved.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rapidfuzz.distance import Levenshtein

from lighton_ocr.documents.own_text import Box, OwnText, OwnWord
from lighton_ocr.reading.alignment import Pair, align
from lighton_ocr.reading.text_words import TextWord, fold, word_at, words_of

# high: the file's text is as good as the model's; low: another reader's opinion, such as an old
# OCR's, which corrects nothing and warns of nothing; none: it does not belong to what is drawn.
Trust = Literal["none", "low", "high"]
# differs: both have a word, spelled differently; invented: the text has words that the file has
# nowhere; repeated: the text has words of the file once more; missing: the text lacks words.
DifferenceKind = Literal["differs", "invented", "repeated", "missing"]

_HIGH, _LOW = 0.75, 0.4  # of the words of one text found in the other
_WHOLE = 0.8  # of the text's words found in the file; then what is not found is invented
_LEAST_WORDS = 5  # of a file's text that can be judged
_BAD_LETTERS = 0.05  # of its words
_CLOSE = 0.45  # edits per character that a correction may change
_LIGATURES = re.compile("ffi|ffl|fi|fl|ff")
_SPELLED = {ord(char): unicodedata.normalize("NFKC", char) for char in "ﬀﬁﬂﬃﬄﬅﬆ"}
_MARKUP = set("*_~`|<>$#[]\\&")


@dataclass(frozen=True)
class Difference:
    """Where the text of a page and the file's own text differ.

    `read` are the text's words and `own` the file's, one of them empty if words are missing on one
    side. `start` counts characters in the page's text, None for missing words; `box` is where the
    file has the words, 0 to 1000 of the page, None for invented and repeated ones.
    """

    kind: DifferenceKind
    read: str
    own: str
    start: int | None
    box: Box | None

    @property
    def is_number(self) -> bool:
        """Whether it is about a number."""
        return any(map(str.isdigit, self.read + self.own))


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
        return any(map(str.isdigit, self.read + self.own))


@dataclass(frozen=True)
class OwnTextCheck:
    """How the text of a page compares to the file's own text.

    `words` counts the file's; the other counts are words, too: `differ` of the text that are
    spelled differently in the file, `numbers_differ` the numbers among them, `invented`, `repeated`
    and `missing` as in `Difference`. Corrected words are in `corrections` alone.
    """

    trust: Trust
    words: int
    differ: int = 0
    numbers_differ: int = 0
    invented: int = 0
    repeated: int = 0
    missing: int = 0
    differences: tuple[Difference, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class CheckedText:
    """A page's text, corrected if that was asked for, and its check."""

    text: str
    check: OwnTextCheck


def check_text(text: str, own: OwnText) -> CheckedText:
    """Compare a page's Markdown to the file's own text; the text stays as it is."""
    return CheckedText(text, _Comparison(text, own).check())


def correct_text(text: str, own: OwnText, unsure: frozenset[str] | None) -> CheckedText:
    """Give misspelled words the file's spelling, and compare what is left.

    `unsure` are the words that the model was unsure of; only they are corrected. None where the
    model does not tell: then all words may be corrected, and no number.
    """
    corrections: list[Correction] = []
    comparison = _Comparison(text, own)
    # Corrected words may help to align others. Each round leaves fewer words that the file has not.
    while found := list(comparison.corrections(unsure)):
        text, corrections = _apply(text, corrections, found)
        comparison = _Comparison(text, own)
    return CheckedText(text, replace(comparison.check(), corrections=tuple(corrections)))


def uncorrected(text: str, corrections: Iterable[Correction]) -> str:
    """Return the text as the model wrote it."""
    for one in sorted(corrections, key=lambda one: -one.start):
        text = text[: one.start] + one.read + text[one.start + len(one.own) :]
    return text


def _apply(
    text: str, earlier: list[Correction], found: list[Correction]
) -> tuple[str, list[Correction]]:
    """Return the text with the corrections found in it, and all corrections so far."""
    for one in sorted(found, key=lambda one: -one.start):
        text = text[: one.start] + one.own + text[one.start + len(one.read) :]
    grown = [(one.start, len(one.own) - len(one.read)) for one in found]
    return text, sorted(
        (
            replace(one, start=one.start + sum(more for place, more in grown if place < one.start))
            for one in [*earlier, *found]
        ),
        key=lambda one: one.start,
    )


class _Comparison:
    """One text of a page aligned with the file's."""

    def __init__(self, text: str, own: OwnText) -> None:
        self._read = words_of(text)
        seen = [word for word in own.words if word.kind == "drawn"]
        self._is_drawn = 2 * sum(len(word.text) for word in seen) >= sum(
            len(word.text) for word in own.words if word.kind != "rotated"
        )
        # A page of hidden words is a scan with an older OCR's text.
        chosen = seen if self._is_drawn else [one for one in own.words if one.kind != "rotated"]
        parts = [(word, found) for word in chosen if (found := word_at(word.text))]
        self._own = [found for _, found in parts]
        self._places = [word for word, _ in parts]
        self._keys = {word.key for word in self._own}
        self._pairs = align([word.key for word in self._read], [word.key for word in self._own])
        self._same = [pair for pair in self._pairs if self._is_same(pair)]
        self._differing = [pair for pair in self._pairs if not self._is_same(pair)]
        self.trust = self._judge()

    def corrections(self, unsure: frozenset[str] | None) -> Iterator[Correction]:
        """Yield what may be corrected."""
        if self.trust != "high":
            return
        lies = self._lying_letters()
        for pair in self._differing:
            read, own = self._read[pair.first[0]], self._own[pair.second[0]]
            place = self._places[pair.second[0]]
            if (
                len(pair.first) == len(pair.second) == 1
                and read.key not in self._keys
                and _may_correct(read, own, pair.is_firm, unsure)
                and not any((place.font, char) in lies for char in own.text)
            ):
                spelled = unicodedata.normalize("NFC", own.text.translate(_SPELLED))
                yield Correction(read.text, spelled, read.start, place.box)

    def check(self) -> OwnTextCheck:
        """Count and list all differences."""
        words = len(self._own)
        if self.trust == "none":
            return OwnTextCheck("none", words)
        found = [
            Difference(
                "differs",
                _joined(self._read, pair.first),
                _joined(self._own, pair.second),
                self._read[pair.first[0]].start,
                _around(self._places[index].box for index in pair.second),
            )
            for pair in self._differing
        ]
        extra, missing = self._extra(), self._missing()
        found += [*extra, *missing]
        return OwnTextCheck(
            trust=self.trust,
            words=words,
            differ=sum(len(pair.first) for pair in self._differing),
            numbers_differ=sum(one.is_number for one in found if one.kind == "differs"),
            invented=_words(extra, "invented"),
            repeated=_words(extra, "repeated"),
            missing=_words(missing, "missing"),
            differences=tuple(found),
        )

    def _judge(self) -> Trust:
        """Decide how far the file's text is to be trusted."""
        if len(self._own) < _LEAST_WORDS or not self._read:
            return "none"
        if sum(map(_has_bad_letters, self._own)) > _BAD_LETTERS * len(self._own):
            return "none"
        of_read = sum(len(pair.first) for pair in self._same) / len(self._read)
        of_own = sum(len(pair.second) for pair in self._same) / len(self._own)
        self._is_whole = of_read >= _WHOLE
        agreement = max(of_read, of_own)
        if agreement < _LOW:
            return "none"
        return "high" if agreement >= _HIGH and self._is_drawn else "low"

    def _is_same(self, pair: Pair) -> bool:
        """Whether the words are the same, apart from hyphens and capitals throughout."""
        if pair.is_same:
            return True
        read, own = ("".join(_joined(words, part).split()).replace("-", "")
            for words, part in ((self._read, pair.first), (self._own, pair.second)))
        return read == own or (
            len(read) > 1 and read.casefold() == own.casefold() and (read.isupper() or own.isupper())
        )

    def _lying_letters(self) -> set[tuple[int, str]]:
        """Return letters and digits of fonts that are always read as other ones.

        A font's map may say 9 for a letter that looks like a 5. Letters with accents are left out:
        small models often read all of them without.
        """
        agreed, denied = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
        for pair in self._pairs:
            if len(pair.first) != 1 or len(pair.second) != 1:
                continue
            read, own = self._read[pair.first[0]].text, self._own[pair.second[0]].text
            font = self._places[pair.second[0]].font
            if read == own:
                agreed.update((font, char) for char in own)
                continue
            changed = {
                edit.dest_pos for edit in Levenshtein.editops(read, own) if edit.tag == "replace"
            }
            for index, char in enumerate(own):
                (denied if index in changed else agreed)[font, char] += 1
        return {
            key for key, count in denied.items()
            if key[1].isascii() and key[1].isalnum() and count >= 2 and count > agreed[key]
        }

    def _extra(self) -> list[Difference]:
        """Return runs of words that only the text has."""
        taken = {index for pair in self._pairs for index in pair.first}
        known = set(pairwise(word.key for word in self._own))
        found = []
        for run in _runs(index for index in range(len(self._read)) if index not in taken):
            keys = [self._read[index].key for index in run]
            steps = list(pairwise(keys))
            is_known = (
                2 * sum(step in known for step in steps) >= len(steps)
                if steps
                else keys[0] in self._keys
            )
            if is_known or self._is_whole:
                kind: DifferenceKind = "repeated" if is_known else "invented"
                start = self._read[run[0]].start
                found.append(Difference(kind, _joined(self._read, run), "", start, None))
        return found

    def _missing(self) -> list[Difference]:
        """Return runs of words that only the file has."""
        taken = {index for pair in self._pairs for index in pair.second}
        return [
            Difference(
                "missing",
                "",
                _joined(self._own, run),
                None,
                _around(self._places[index].box for index in run),
            )
            for run in _runs(index for index in range(len(self._own)) if index not in taken)
        ]


def _may_correct(
    read: TextWord, own: TextWord, is_firm: bool, unsure: frozenset[str] | None
) -> bool:
    is_number = read.is_number or own.is_number
    if unsure is None:
        if is_number:
            return False
    elif read.text not in unsure:
        return False
    if is_number and not is_firm:
        return False
    if _has_bad_letters(own) or (set(read.text + own.text) & _MARKUP) - (
        set(read.text) & set(own.text)
    ):
        return False
    edits = Levenshtein.distance(read.key, own.key)
    longer = max(len(read.key), len(own.key))
    if edits > max(1, _CLOSE * longer) or (longer < 2 and not is_firm):
        return False
    return not _has_lost_ligatures(own.key, read.key)


def _has_lost_ligatures(own: str, read: str) -> bool:
    """Whether the file's word is the other one without ligatures, which some files drop."""
    if len(own) >= len(read):
        return False
    return own in {read[: one.start()] + read[one.end() :] for one in _LIGATURES.finditer(read)} | {
        _LIGATURES.sub("", read)
    }


def _has_bad_letters(word: TextWord) -> bool:
    """Whether it has characters that no text has: private, unknown, control, accents alone."""
    return not word.text.isascii() and any(
        unicodedata.category(char) in ("Co", "Cn", "Cs", "Cc", "Cf", "Sk") or char == "\ufffd"
        for char in word.text
    ) or any(ord(char) < 32 for char in word.text)


def _runs(indices: Iterable[int]) -> Iterator[range]:
    start = stop = -1
    for index in indices:
        if index != stop:
            if start >= 0:
                yield range(start, stop)
            start = index
        stop = index + 1
    if start >= 0:
        yield range(start, stop)


def _joined(words: list[TextWord], indices: range) -> str:
    return " ".join(words[index].text for index in indices)


def _words(differences: list[Difference], kind: DifferenceKind) -> int:
    return sum(
        len((one.read or one.own).split()) for one in differences if one.kind == kind
    )


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
