"""The text that a file holds for a page, in place of what a model could not read.

It is the file's words in the file's order, without headings, tables and formulas. What the model
wrote says little about it here, so it has to deserve trust by itself as well.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median_low

from lighton_ocr._language import find_language
from lighton_ocr.documents.own_text import OwnText, OwnWord
from lighton_ocr.reading.own_text.check import Trust
from lighton_ocr.reading.own_text.words import has_bad_letters, spelled, word_at, words_of

_WRONG = 0.2  # of the file's words; a text that lacks fewer and repeats fewer is kept
_WRONG_OF_FORMULAS = 0.5  # which the model writes as LaTeX, and the file letter by letter
_MOST_HIDDEN = 0.05  # of the letters
_MOST_BAD = 0.02  # of the words
_MOST_SYMBOLS = 0.15  # words of one letter or digit: formulas have more
_JUMP = 30  # of a page's 1000, from a line up to the next; parts of formulas need less
_MOST_JUMPS = 0.1  # of the lines; columns need a few
_COLUMNS = 4
_LEAST_ON_A_LINE = 1.8  # words; in drawing order, many lines have one
_PARAGRAPH = 1.4  # times the usual distance of two lines
_LEADERS = re.compile(r"(?: ?\.){4,}")  # dots from a title to its page
_TOUCHING = 1  # of a page's 1000; parts of one word
_SPECIAL = re.compile(
    r"[\\`*<$~]|(?<!\w)_|_(?!\w)|\](?=[(\[:])|&(?=#?\w+;)|^[#>|](?!\w)|^[-=](?=[-=]*$)",
    re.MULTILINE,
)

_Line = list[OwnWord]


def stored_text(own: OwnText, read: str, trust: Trust) -> str | None:
    """Return the file's text for a page as Markdown.

    `read` is what the model read, and `trust` what a comparison says about the file's text. None if
    `read` has most of the words once, and of formulas half of them, or if the words deserve no
    trust: they are hidden or in no order, have letters that no text has, or neither agree with
    `read` nor are in a language.
    """
    words = [word for word in own.words if _is_shown(word)]
    if not words or not _is_sound(own, words):
        return None
    if _share_wrong(read, words) <= (_WRONG_OF_FORMULAS if _has_formulas(words) else _WRONG):
        return None
    if trust == "none" and not find_language(" ".join(word.text for word in words)):
        return None
    lines = list(_lines(words))
    if not _is_in_order(lines):
        return None
    text = _LEADERS.sub(" ...", _paragraphs(lines))
    return _SPECIAL.sub(r"\\\g<0>", _with_whole_characters(text))


def _is_shown(word: OwnWord) -> bool:
    """Whether it can be seen; a full stop in a font of its own is too small to tell."""
    return word.kind == "drawn" or (word.kind == "hidden" and not _letters(word))


def _is_sound(own: OwnText, words: Sequence[OwnWord]) -> bool:
    hidden = sum(_letters(word) for word in own.words if word.kind == "hidden")
    bad = sum(has_bad_letters(word.text) for word in words)
    return hidden <= _MOST_HIDDEN * sum(map(_letters, words)) and bad <= _MOST_BAD * len(words)


def _has_formulas(words: Sequence[OwnWord]) -> bool:
    letters = [count for word in words if (count := _letters(word))]
    return letters.count(1) > _MOST_SYMBOLS * len(letters)


def _letters(word: OwnWord) -> int:
    return sum(map(str.isalnum, word.text))


def _share_wrong(read: str, words: Iterable[OwnWord]) -> float:
    """Return the share of the file's words that `read` lacks or repeats, whichever is more."""
    own = Counter(core.key for word in words if (core := word_at(word.text)))
    found = Counter(word.key for word in words_of(read) if word.key in own)
    missing, repeated = own - found, found - own
    return max(missing.total(), repeated.total()) / max(1, own.total())


def _lines(words: Sequence[OwnWord]) -> Iterator[_Line]:
    """Yield words that stand beside each other, from left to right."""
    line = [words[0]]
    for before, word in pairwise(words):
        if word.box[0] >= before.box[0] and _are_beside(line, word):
            line.append(word)
        else:
            yield line
            line = [word]
    yield line


def _are_beside(line: _Line, word: OwnWord) -> bool:
    top, bottom = _top(line), max(one.box[3] for one in line)
    return 2 * top - 2 <= word.box[1] + word.box[3] <= 2 * bottom + 2


def _is_in_order(lines: Sequence[_Line]) -> bool:
    jumps = sum(_top(line) < _top(before) - _JUMP for before, line in pairwise(lines))
    return jumps <= max(_COLUMNS, _MOST_JUMPS * len(lines)) and sum(
        map(len, lines)
    ) >= _LEAST_ON_A_LINE * len(lines)


def _paragraphs(lines: Sequence[_Line]) -> str:
    """Return the lines, with an empty one where they stand apart."""
    distances = [_top(line) - _top(before) for before, line in pairwise(lines)]
    usual = median_low([one for one in distances if one > 0] or [0])
    text = _joined(lines[0])
    for distance, line in zip(distances, lines[1:], strict=True):
        is_apart = distance < -_JUMP or distance > _PARAGRAPH * usual
        text += ("\n\n" if is_apart else "\n") + _joined(line)
    return text


def _joined(line: _Line) -> str:
    text = spelled(line[0].text)
    for before, word in pairwise(line):
        is_touching = word.box[0] - before.box[2] <= _TOUCHING
        text += ("" if is_touching else " ") + spelled(word.text)
    return text


def _with_whole_characters(text: str) -> str:
    """Return the text with halves of a character joined, as pdfium may give them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _top(line: _Line) -> int:
    return min(word.box[1] for word in line)
