"""Compare a page's text with the file's own: pairs of words, trust, differences."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from lighton_ocr.documents.boxes import around
from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.reading.own_text.alignment import Pair, align, index_runs
from lighton_ocr.reading.own_text.check import (
    Difference,
    DifferenceKind,
    OwnTextCheck,
    Trust,
    has_digit,
)
from lighton_ocr.reading.own_text.words import (
    TextWord,
    has_accent,
    has_bad_letters,
    symbols_of,
    word_at,
    words_of,
)

_HIGH, _LOW = 0.75, 0.4  # of the words of one text, found in the other
LIGATURES = ("ffi", "ffl", "ff", "fi", "fl")
_WHOLE = 0.8  # of the text's words, found in the file; then what is not found is invented
_LEAST_WORDS = 5  # of a file's text that can be judged
_MOST = 0.65  # of them, if what is read twice is counted
_FEW, _CONTRADICTED = 2, 0.02  # of the text's words, that the model was sure of
_DOUBTED = 0.005  # of the text's words, contradicted in as many ways
_KINDS = 0.5  # of the contradicted words; with fewer kinds of edits, one text has a habit
_BAD_LETTERS = 0.05  # of its words
_LEAST_PASSAGE = 4  # words
_SIGNS = "$@#&\\"


class Comparison:
    """The words of a page's text (`read`) aligned with the file's (`own`).

    `unsure` are the words that the model was unsure of, None where it does not report it.
    `lacks_ligatures` says that the file has lost them, and `lacks_accents` that it has none. Where
    the model was sure, `contradicts_numbers` says that the file has other numbers, `is_doubted`
    that it has other words on pictures, as an older OCR's text has, and `has_habit` that it has
    many other words, but mostly the same letters differ. `boxes` and `fonts` are those of the
    file's words, and `keys` all that it has. `pairs` are `same`, the pairs of words that are the
    same, and `differing`.
    """

    def __init__(self, text: str, own: OwnText, unsure: frozenset[str] | None = None) -> None:
        upright = [word for word in own.words if word.kind != "rotated"]
        drawn = [word for word in upright if word.kind == "drawn"]
        # A page of hidden words is a scan with an older OCR's text.
        self._is_drawn = 2 * _length(word.text for word in drawn) >= _length(
            word.text for word in upright
        )
        chosen = [
            (word, part, core)
            for word in (drawn if self._is_drawn else upright)
            for part in word.text.split("|")  # which ends a word of a text: tables have it
            if (core := word_at(part))
        ]
        self._text = text
        self._printed = [part for _, part, _ in chosen]  # the file's words with their punctuation
        self.read = words_of(text)
        self._symbols = symbols_of(text)
        self.own = [core for *_, core in chosen]
        self.boxes = [word.box for word, *_ in chosen]
        self.fonts = [word.font for word, *_ in chosen]
        self.keys = {word.key for word in self.own}
        self.pairs = align([word.key for word in self.read], [word.key for word in self.own])
        self.same: list[Pair] = []
        self.differing: list[Pair] = []
        for pair in self.pairs:
            (self.same if self._is_same(pair) else self.differing).append(pair)
        self.lacks_ligatures = any(
            not pair.is_same and _has_lost_ligatures(*reversed(self._spelled(pair)))
            for pair in self.pairs
        )
        self.lacks_accents = not any(has_accent(word.key) for word in self.own)
        self.unsure = unsure
        # Where a model was sure of each token, it is seldom wrong: then the file is.
        contradicted = [pair for pair in self.differing if self._was_sure(pair)]
        self.contradicts_numbers = any(
            self.read[pair.first[0]].is_number and self.own[pair.second[0]].is_number
            for pair in contradicted
        )
        self._contradicted = contradicted
        self.is_doubted = own.on_pictures and len(self._misreadings()) > _DOUBTED * len(self.read)
        self.trust, self.has_habit = self._judge()

    def check(self) -> OwnTextCheck:
        """Count and list all differences."""
        if self.trust == "none":
            return OwnTextCheck("none", len(self.own))
        differ = [self._difference(pair) for pair in self.differing]
        extra, missing = self._extra(), self._missing()
        return OwnTextCheck(
            trust=self.trust,
            words=len(self.own),
            differ=len(differ),
            numbers_differ=sum(one.is_number for one in differ),
            invented=_count(extra, "invented"),
            repeated=_count(extra, "repeated"),
            missing=_count(missing, "missing"),
            differences=(*differ, *extra, *missing),
            habit=self.has_habit,
        )

    def _judge(self) -> tuple[Trust, bool]:
        """Decide how far the file's text is to be trusted, and whether a text has a habit."""
        own, read = len(self.own), len(self.read)
        if own < _LEAST_WORDS or not read:
            return "none", False
        if sum(has_bad_letters(word.text) for word in self.own) > _BAD_LETTERS * own:
            return "none", False
        agreement = max(
            sum(len(pair.first) for pair in self.same) / read,
            sum(len(pair.second) for pair in self.same) / own,
        )
        if agreement < _LOW:
            return "none", False
        if agreement < _HIGH or not self._is_drawn:
            return "low", False
        if len(self._contradicted) <= max(_FEW, _CONTRADICTED * read):
            return "high", False
        kinds = set(map(self._edits, self._contradicted))
        return "low", len(kinds) <= _KINDS * len(self._contradicted)

    def _misreadings(self) -> set[frozenset[tuple[str, str]]]:
        """Return the kinds of edits that another reader of the page may have made.

        An OCR errs now here, now there: what differs in the same way again and again counts once.
        A model that takes é for e is wrong, however sure it was; small ones often do.
        """
        kinds = map(self._edits, self._contradicted)
        return {kind for kind in kinds if not all(has_accent(own) for _, own in kind)}

    def _edits(self, pair: Pair) -> frozenset[tuple[str, str]]:
        """Return which letters the text has for which of the file's, "" for none."""
        read, own = self._spelled(pair)
        return frozenset(
            (
                "" if edit.tag == "insert" else read[edit.src_pos],
                "" if edit.tag == "delete" else own[edit.dest_pos],
            )
            for edit in Levenshtein.editops(read, own)
        )

    def _was_sure(self, pair: Pair) -> bool:
        return self.unsure is not None and not any(
            self.read[index].text in self.unsure for index in pair.first
        )

    def _is_same(self, pair: Pair) -> bool:
        """Whether the words are the same.

        It is not about hyphens, small capitals, lost ligatures, marks at which one text alone
        begins another word, and signs before a name, which a font of their own separates from it.
        """
        if pair.is_same:
            return True
        read, own = self._spelled(pair)
        return (
            read == own
            or (not has_digit(own) and read.lstrip(_SIGNS) == own)
            or _has_lost_ligatures(own, read)
            or self._is_divided(pair)
            or (
                len(read) > 1
                and (read.isupper() or own.isupper())
                and read.casefold() == own.casefold()
            )
        )

    def _is_divided(self, pair: Pair) -> bool:
        """Whether one text divides a word of the other's within its punctuation.

        A file does so where the font changes, as before the mark of a footnote.
        """
        if len(pair.first) == len(pair.second):
            return False
        first, last = self.read[pair.first[0]], self.read[pair.first[-1]]
        read = word_at("".join(self._text[first.start : last.end].split()))
        own = word_at("".join(self._printed[index] for index in pair.second))
        return read is not None and own is not None and read.key == own.key

    def _spelled(self, pair: Pair) -> tuple[str, str]:
        """Return the words of both texts, each without spaces and hyphens."""
        read = "".join(self.read[index].key for index in pair.first).replace("-", "")
        own = "".join(self.own[index].key for index in pair.second).replace("-", "")
        if len(pair.first) == len(pair.second):
            return read, own
        # A mark in a font of its own, or one that is drawn as a line, may divide a word.
        if has_digit(read + own):
            return read.replace("_", ""), own.replace("_", "")
        return "".join(filter(str.isalnum, read)), "".join(filter(str.isalnum, own))

    def _difference(self, pair: Pair) -> Difference:
        return Difference(
            "differs",
            _joined(self.read, pair.first),
            _joined(self.own, pair.second),
            self.read[pair.first[0]].start,
            around(self.boxes[index] for index in pair.second),
        )

    def _extra(self) -> list[Difference]:
        """Return runs of words that only the text has.

        Where the file's text is not whole, words that it lacks say nothing.
        """
        taken = {index for pair in self.pairs for index in pair.first}
        steps = set(pairwise(word.key for word in self.own))
        parts = [
            split
            for run in index_runs(index for index in range(len(self.read)) if index not in taken)
            for split in self._split(run, steps)
        ]
        once = len(self.read) - sum(len(part) for part, is_known in parts if is_known)
        same = sum(len(pair.first) for pair in self.same)
        is_whole = same >= max(_WHOLE * once, _MOST * len(self.read))
        return [
            Difference(
                "repeated" if is_known else "invented",
                _joined(self.read, part),
                "",
                self.read[part[0]].start,
                None,
            )
            for part, is_known in parts
            if is_known or is_whole
        ]

    def _split(self, run: range, steps: set[tuple[str, str]]) -> Iterator[tuple[range, bool]]:
        """Split a run where a passage that the file has in this order begins or ends."""
        keys = [self.read[index].key for index in run]
        if len(run) == 1:
            yield run, keys[0] in self.keys
            return
        follows = [step in steps for step in pairwise(keys)]
        known = [before or after for before, after in pairwise([False, *follows, False])]
        # A misread word does not end a passage, and two words in a row do not make one.
        for is_known in (False, True):
            for part in index_runs(index for index, one in enumerate(known) if one == is_known):
                if len(part) < _LEAST_PASSAGE and len(part) < len(run):
                    known[part.start : part.stop] = [not is_known] * len(part)
        for is_known in (False, True):
            for part in index_runs(index for index, one in enumerate(known) if one == is_known):
                yield run[part.start : part.stop], is_known

    def _missing(self) -> list[Difference]:
        """Return runs of words that only the file has, but for what formulas hold."""
        taken = {index for pair in self.pairs for index in pair.second}
        return [
            Difference(
                "missing", "", _joined(self.own, run), None, around(self.boxes[i] for i in run)
            )
            for run in index_runs(index for index in range(len(self.own)) if index not in taken)
            if not {self.own[index].key for index in run} <= self._symbols
        ]


def _has_lost_ligatures(own: str, read: str) -> bool:
    """Whether the file's word is the other one without ligatures, which some files drop."""
    if len(own) >= len(read):
        return False
    lost = read
    for ligature in LIGATURES:
        if own in (read.replace(ligature, ""), read.replace(ligature, "", 1)):
            return True
        lost = lost.replace(ligature, "")
    return own == lost


def _joined(words: Sequence[TextWord], indices: range) -> str:
    return " ".join(words[index].text for index in indices)


def _length(texts: Iterable[str]) -> int:
    return sum(map(len, texts))


def _count(differences: list[Difference], kind: DifferenceKind) -> int:
    return sum(len((one.read or one.own).split()) for one in differences if one.kind == kind)
