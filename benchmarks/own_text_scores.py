"""How a corrected text compares with the truth."""

from collections import Counter
from dataclasses import astuple, dataclass

from rapidfuzz.distance import Levenshtein

from lighton_ocr.reading.own_text import CheckedText
from lighton_ocr.reading.own_text.alignment import align
from lighton_ocr.reading.own_text.warnings import LEAST_WORDS
from lighton_ocr.reading.own_text.words import TextWord, word_at, words_of


@dataclass(frozen=True)
class Score:
    """How a text compares to the truth, in words, letters and numbers."""

    same: int
    read: int
    true: int
    edits: int
    letters: int
    aligned_edits: int
    aligned_letters: int
    numbers_right: int
    numbers_read: int
    aligned_numbers_right: int
    aligned_numbers: int


def score(text: str, truth: list[TextWord]) -> Score:
    """Compare a text with the truth."""
    read = words_of(text)
    pairs = align([word.key for word in read], [word.key for word in truth])
    edits = letters = 0
    numbers = Counter[bool]()
    for pair in pairs:
        ours = "".join(read[index].key for index in pair.first)
        theirs = "".join(truth[index].key for index in pair.second)
        edits += Levenshtein.distance(ours, theirs)
        letters += len(theirs)
        if any(map(str.isdigit, theirs)):
            numbers[ours == theirs] += 1
    whole, true = (" ".join(word.key for word in words) for words in (read, truth))
    same = Counter(word.key for word in read) & Counter(word.key for word in truth)
    found = [word.key for word in read if word.is_number]
    right = Counter(found) & Counter(word.key for word in truth if word.is_number)
    return Score(
        same.total(),
        len(read),
        len(truth),
        Levenshtein.distance(whole, true),
        len(true),
        edits,
        letters,
        right.total(),
        len(found),
        numbers[True],
        numbers.total(),
    )


def summary(scores: list[Score]) -> dict[str, float]:
    """Return the rates over all pages."""
    total = Score(*(sum(values) for values in zip(*map(astuple, scores), strict=True)))
    return {
        "word_f1": round(2 * total.same / (total.read + total.true), 5),
        "character_error_rate": round(total.edits / total.letters, 5),
        "character_error_rate_of_aligned_words": round(
            total.aligned_edits / total.aligned_letters, 5
        ),
        "numbers_right_of_those_read": round(total.numbers_right / total.numbers_read, 5),
        "numbers_right_of_those_aligned": round(
            total.aligned_numbers_right / total.aligned_numbers, 5
        ),
    }


def has_false_warning(checked: CheckedText, truth: list[TextWord]) -> bool:
    """Whether a warning names words that were read right as differing or as not in the file.

    A warning that either text may be wrong (`habit`) is never false.
    """
    if checked.check.trust != "high":
        return False
    right = {word.key for word in truth}
    for one in checked.check.differences:
        keys = [word.key for text in one.read.split() if (word := word_at(text))]
        if not keys or not set(keys) <= right:
            continue
        own = {word.key for text in one.own.split() if (word := word_at(text))}
        if one.kind == "differs" and not own <= right:
            return True
        # Shorter passages are in the JSON, but in no warning.
        if one.kind == "invented" and len(one.read.split()) >= LEAST_WORDS:
            return True
    return False
