"""Tell from a text alone that a model has begun to repeat itself."""

import re
import zlib
from collections import Counter

# Compressed over raw size under which the LightOnOCR authors call an output repetitive; ordinary
# text, tables and dot leaders stay above it.
ZLIB_RATIO = 0.13
_SHORT, _LONG = 2000, 6000  # characters of tail looked at: short loops, and repeated paragraphs
_STRIDE = 500  # characters between looks
_TIGHT, _PERIOD = 400, 60  # characters of nothing but copies of a stretch of at most 60
_WORDS, _REPEATS = 20, 5  # a loop: a sequence of that many words so often in the long tail
_COUNTED = 1000  # characters of counting; a form with so many numbered blanks is rare
_NUMBER = re.compile("[0-9]+")
_NUMBER_OR_SIGN = re.compile("(?s)[0-9]+|.")
_RUN = re.compile(r"(?s)(\S.{1,119}?)\1{3,}")  # a stretch of at most 120 characters, four times
_RUN_WORDS = 24  # of all copies; fewer may well be meant
_PROBE = 60  # characters that have to recur for two copies to be called the same


class LoopDetector:
    """Watches a text grow and says when its tail has become a loop.

    Four signs: the last 400 characters are copies of one short stretch that is no cell of a table;
    the last 1000 are such copies but for numbers that count; the last 2000 compress to less than
    0.13 of their size; or the last 6000 hold one sequence of 20 words five times.
    """

    def __init__(self) -> None:
        self._text = ""
        self._next_look = _TIGHT

    def feed(self, piece: str) -> bool:
        """Take the next piece; True once the text loops."""
        self._text += piece
        if len(self._text) < self._next_look:
            return False
        self._next_look = len(self._text) + _STRIDE
        if _is_periodic(self._text[-_TIGHT:]):
            return True
        if len(self._text) >= _COUNTED and _is_counting(self._text[-_COUNTED:]):
            return True
        if len(self._text) < _SHORT:
            return False
        if _compresses(self._text[-_SHORT:]):
            return True
        return _most_frequent_sequence(self._text[-_LONG:]) >= _REPEATS


def has_repeated_passage(text: str) -> bool:
    """Whether a sequence of 20 words occurs twice, as on one manual page in twenty."""
    return _most_frequent_sequence(text) > 1


def cut_loop(text: str) -> str:
    """Return the text without the copies at its end; the first copy stays.

    The copies are exact, or differ in numbers that count. Any other tail is left as it is.
    """
    if _is_counting(text[-_COUNTED:]):
        pieces = _NUMBER_OR_SIGN.findall(text)
        kept = _without_copies("".join("0" if piece.isdigit() else piece for piece in pieces))
        return "".join(pieces[:kept]).rstrip()
    return text[: _without_copies(text)].rstrip()


def _without_copies(text: str) -> int:
    """Return how many characters are left if the text's copies of its end are taken off."""
    earlier = text.rfind(text[-_PROBE:], 0, len(text) - 1)
    if earlier < 0 or len(text) < _PROBE:
        return len(text)
    period = len(text) - _PROBE - earlier
    start = len(text)
    while start > period and text[start - 1] == text[start - 1 - period]:
        start -= 1
    return start


def keep_one_copy(text: str) -> str:
    """Return the text with one copy of each passage that it repeats; cells of tables stay.

    It is for texts that are doubted anyway: 12 of 2,800 pages of manuals repeat something so often.
    """
    return _RUN.sub(lambda run: run[1] if _is_loop(*run.group(0, 1)) else run[0], text)


def _is_loop(run: str, copied: str) -> bool:
    """Whether a run of copies is words, and long enough not to be meant."""
    is_said = any(map(str.isalnum, copied)) and not {"|", "<"} & set(copied)
    return is_said and len(run.split()) >= _RUN_WORDS


def _is_periodic(tail: str) -> bool:
    """Whether it is nothing but copies of one short stretch, which is no cell of a table."""
    period = tail.find(tail[:_PERIOD], 1)
    # An empty form may well have thirty rows of empty cells.
    copies = 0 < period <= _PERIOD and tail[period:] == tail[:-period]
    return copies and not {"|", "<"} & set(tail[:period])


def _is_counting(tail: str) -> bool:
    """Whether it is such copies but for numbers, each of which changes by the same step."""
    skeleton = _NUMBER.sub("0", tail)
    columns = skeleton[: skeleton.find(skeleton[:_PERIOD], 1)].count("0")
    numbers = [int(digits) for digits in _NUMBER.findall(tail)[1:-1]]  # the outer ones may be cut
    steps = [later - number for number, later in zip(numbers, numbers[columns:], strict=False)]
    return _is_periodic(skeleton) and steps[columns:] == steps[:-columns]


def _compresses(tail: str) -> bool:
    raw = tail.encode()
    return len(zlib.compress(raw)) < ZLIB_RATIO * len(raw)


def _most_frequent_sequence(text: str) -> int:
    """Return how often the most frequent sequence of 20 words occurs."""
    words = text.split()
    sequences = Counter(tuple(words[i : i + _WORDS]) for i in range(len(words) - _WORDS + 1))
    return max(sequences.values(), default=0)
