"""Match the words of a text with groups of letters on a page, both in reading order.

Words are known by their widths alone: as lengths of sentences do for the two languages of a
translated text (Gale and Church, 1993), their sequence tells where each belongs. Of all ways to go
through both sequences, dynamic programming finds the one that costs least.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lighton_ocr.formats.pdf.words import PrintedWord

# Widths of letters by kind; the usual one is 1.
_NARROW, _CAPITAL, _WIDE = 0.52, 1.32, 1.6
_KINDS = {
    **dict.fromkeys("iljtfrI.,;:!'|`()[]{}/\\\"’‘·•", _NARROW),
    **dict.fromkeys("mwMW@%—", _WIDE),
}

_SKIPPED_WORD = 1.3
_SKIPPED_GROUP = 1.1
_SKIPPED_MARK = 0.4  # a bullet, or part of a rule
_MARK = 0.8  # letters; no wider
_SPACE = 0.5  # letters
_JOINED = 0.6  # for each further word or group of a match
_HYPHENATED = 1.0
_NOT_AT_START = 0.9  # a paragraph that begins within a line
_WORST = 4.0
_BEAM = 20.0
_INK = 0.75  # of a letter's width where all have the same
# How many words stand for how many groups.
_SHAPES = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (1, 4), (4, 1))


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of a line that stand close together: a word, as far as the image tells.

    `left` and `right` are where it stands in its line, in letters of usual width; `line` counts the
    lines; `starts_line` says whether it is the first of one.
    """

    left: float
    right: float
    line: int
    starts_line: bool
    is_monospaced: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Words, and the groups that they are printed as, as index ranges; one may be empty."""

    words: range
    groups: range
    cost: float


@dataclass(frozen=True)
class Matching:
    """All matches in order, and what they cost in all."""

    matches: tuple[Match, ...]
    cost: float


def match(words: Sequence[PrintedWord], groups: Sequence[Group]) -> Matching:
    """Return the cheapest matching; every word and every group is in one match."""
    costs: list[dict[int, float]] = [{} for _ in range(len(words) + 1)]
    steps: list[dict[int, tuple[int, int, float]]] = [{} for _ in range(len(words) + 1)]
    costs[0][0] = 0.0
    table = _Costs(words, groups)
    for i, row in enumerate(costs):
        limit = min(row.values()) + _BEAM if i < len(words) else math.inf
        j = min(row)
        while j <= len(groups):
            cost = row.get(j, math.inf)
            if cost <= limit:
                for down, across, price in table.steps(i, j):
                    total = cost + price
                    target = costs[i + down]
                    if total < target.get(j + across, math.inf):
                        target[j + across] = total
                        steps[i + down][j + across] = (down, across, price)
            j += 1
    return _trace(steps, len(words), len(groups), costs[-1].get(len(groups), math.inf))


def _trace(
    steps: Sequence[dict[int, tuple[int, int, float]]], i: int, j: int, cost: float
) -> Matching:
    matches = []
    while i or j:
        down, across, price = steps[i][j]
        matches.append(Match(range(i - down, i), range(j - across, j), price))
        i, j = i - down, j - across
    return Matching(tuple(reversed(matches)), cost)


class _Costs:
    """What each step through the two sequences costs."""

    def __init__(self, words: Sequence[PrintedWord], groups: Sequence[Group]) -> None:
        self._words = words
        self._groups = groups
        self._widths = [
            (width_of(word.text), _INK + len(word.text) - 1) for word in words
        ]
        self._divisible = [len(word.text) > 3 for word in words]
        self._tolerances = [0.12 + 0.24 / math.sqrt(len(word.text)) for word in words]

    def steps(self, i: int, j: int) -> list[tuple[int, int, float]]:
        """Return the steps from there: how many words, how many groups, and their cost."""
        words, groups = len(self._words) - i, len(self._groups) - j
        steps = []
        if words:
            steps.append((1, 0, _SKIPPED_WORD))
        if groups:
            is_mark = self._groups[j].right - self._groups[j].left < _MARK
            steps.append((0, 1, _SKIPPED_MARK if is_mark else _SKIPPED_GROUP))
        if words and groups:
            late = self._words[i].starts_line and not self._groups[j].starts_line
            start = _NOT_AT_START if late else 0.0
            for down, across in _SHAPES:
                if down <= words and across <= groups:
                    cost = self._cost(i, j, down, across)
                    if cost < _WORST:
                        steps.append((down, across, start + cost))
        return steps

    def _cost(self, i: int, j: int, down: int, across: int) -> float:
        group = self._groups[j]
        kind = int(group.is_monospaced)
        expected = self._widths[i][kind]
        extra = 0.0
        for k in range(i + 1, i + down):
            if self._words[k].starts_line:
                return math.inf
            expected += self._widths[k][kind] + _SPACE
            extra += _JOINED
        last = self._groups[j + across - 1]
        if last.line == group.line:
            width = last.right - group.left
            extra += _JOINED * (across - 1)
        elif across == 2 and down == 1 and last.line == group.line + 1 and self._divisible[i]:
            width = group.right - group.left + last.right - last.left
            extra += _HYPHENATED
        else:
            return math.inf
        return extra + (math.log(width / expected) / self._tolerances[i]) ** 2 * 0.5


def width_of(text: str) -> float:
    """Return about how wide a word is printed, in letters of usual width."""
    return sum(_KINDS.get(letter) or (_CAPITAL if letter.isupper() else 1) for letter in text)
