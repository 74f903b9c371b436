"""Decide which words take the file's spelling, and apply it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from lighton_ocr.reading.own_text.alignment import Pair
from lighton_ocr.reading.own_text.check import Correction
from lighton_ocr.reading.own_text.comparison import LIGATURES, Comparison
from lighton_ocr.reading.own_text.words import TextWord, has_accent, has_bad_letters, spelled

_CLOSE = 0.45  # edits per character that a correction may change
_MARKUP = set("*_~`|<>$#[]\\&")
_LEAST_REPLACED = 4  # times that a letter was read as another one
_LEAST_DIGITS_REPLACED = 2


def find_corrections(comparison: Comparison) -> Iterator[Correction]:
    """Yield what may be corrected."""
    if comparison.trust != "high" or comparison.is_doubted:
        return
    mismapped = _mismapped_letters(comparison)
    for pair in comparison.differing:
        if len(pair.first) != 1 or len(pair.second) != 1:
            continue
        index = pair.second[0]
        read, own = comparison.read[pair.first[0]], comparison.own[index]
        if (
            read.key not in comparison.keys
            and _was_unsure(comparison, read, own)
            and _is_close(read, own, pair)
            and not _has_lost_letters(comparison, read)
            and (_has_letters(read) or not _has_letters(own))  # 17.50 does not become 17.S0
            and not any((comparison.fonts[index], char) in mismapped for char in own.text)
        ):
            yield Correction(read.text, spelled(own.text), read.start, comparison.boxes[index])


def apply_corrections(
    text: str, earlier: list[Correction], found: list[Correction]
) -> tuple[str, list[Correction]]:
    """Return the text with the corrections found in it, and all corrections so far."""
    for one in sorted(found, key=lambda one: -one.start):
        text = text[: one.start] + one.own + text[one.start + len(one.read) :]
    grown = [(one.start, len(one.own) - len(one.read)) for one in found]
    moved = [
        replace(one, start=one.start + sum(more for place, more in grown if place < one.start))
        for one in (*earlier, *found)
    ]
    return text, sorted(moved, key=lambda one: one.start)


def uncorrected(text: str, corrections: Iterable[Correction]) -> str:
    """Return the text as the model wrote it."""
    for one in sorted(corrections, key=lambda one: -one.start):
        text = text[: one.start] + one.read + text[one.start + len(one.own) :]
    return text


def _was_unsure(comparison: Comparison, read: TextWord, own: TextWord) -> bool:
    """Whether the model may be contradicted; without probabilities, it may not about a number."""
    is_number = read.is_number or own.is_number
    if comparison.unsure is None:
        return not is_number
    return read.text in comparison.unsure and not (is_number and comparison.contradicts_numbers)


def _is_close(read: TextWord, own: TextWord, pair: Pair) -> bool:
    """Whether the file's word may take the other one's place."""
    if (read.is_number or own.is_number) and not pair.is_firm:
        return False
    if has_bad_letters(own.text) or _changes_markup(read.text, own.text):
        return False
    edits = Levenshtein.distance(read.key, own.key)
    longer = max(len(read.key), len(own.key))
    return edits <= max(1, _CLOSE * longer) and (longer > 1 or pair.is_firm)


def _has_lost_letters(comparison: Comparison, read: TextWord) -> bool:
    """Whether the word has letters that the file has lost throughout."""
    return (comparison.lacks_ligatures and any(one in read.key for one in LIGATURES)) or (
        comparison.lacks_accents and has_accent(read.key)
    )


def _has_letters(word: TextWord) -> bool:
    return any(char.isalpha() for char in word.key)


def _changes_markup(read: str, own: str) -> bool:
    """Whether the text would be parsed differently; a dollar sign may be taken away."""
    before, after = (
        Counter(filter(_MARKUP.__contains__, read)),
        Counter(filter(_MARKUP.__contains__, own)),
    )
    return bool(after - before) or not set(before - after) <= {"$"}


def _mismapped_letters(comparison: Comparison) -> set[tuple[int, str]]:
    """Return the letters and digits, by font, that are mostly read as other ones.

    A font's map may say 9 for what looks like a 5. Letters with accents are left out: small models
    often read all of them without.
    """
    replaced = Counter[tuple[int, str]]()
    for pair in comparison.differing:
        if len(pair.first) == len(pair.second) == 1:
            own, font = comparison.own[pair.second[0]].text, comparison.fonts[pair.second[0]]
            edits = Levenshtein.editops(comparison.read[pair.first[0]].text, own)
            replaced.update((font, own[edit.dest_pos]) for edit in edits if edit.tag == "replace")
    suspects = {
        (font, char): count
        for (font, char), count in replaced.items()
        if char.isascii()
        and char.isalnum()
        and count >= (_LEAST_DIGITS_REPLACED if char.isdigit() else _LEAST_REPLACED)
    }
    if not suspects:
        return set()
    agreed = Counter(
        (comparison.fonts[index], char)
        for pair in comparison.same
        for index in pair.second
        for char in comparison.own[index].text
    )
    return {letter for letter, count in suspects.items() if count > agreed[letter]}
