"""Match the words of a text with groups of letters on a page, both in reading order.

Only the widths of words are known. Their sequence shows where each word belongs, as the lengths of
sentences do for the two languages of a translated text (Gale and Church, 1993). Dynamic programming
finds the alignment of both sequences with the lowest cost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from lighton_ocr.layout.words import PrintedWord

# Widths of letters by kind; the usual one is 1.
_NARROW, _CAPITAL, _WIDE = 0.52, 1.32, 1.6
_KINDS = {
    **dict.fromkeys("iljtfrI.,;:!'|`()[]{}/\\\"’‘·•", _NARROW),
    **dict.fromkeys("mwMW@%—", _WIDE),
}

_SKIPPED_WORD = 1.3
_SKIPPED_GROUP = 1.1
_SKIPPED_MARK = 0.4  # a bullet, or part of a rule
_SKIPPED_IN_FIGURE = 0.05
_MARK = 0.8  # letters; no wider
_SPACE = 0.5  # letters
_JOINED = 0.6  # for each further word or group of a match
_HYPHENATED = 1.0
_NOT_AT_START = 0.9  # a paragraph that begins within a line
_WORST = 4.0
_FITTING = 0.15  # a single word and a single group, which need no other way to be matched
_SHORT = 3  # letters; such words are not divided at the end of a line
NARROW, WIDE = 20.0, 80.0  # beams; to go past a figure with words takes the wide one
_INK = 0.75  # of a letter's width where all have the same
# How many words stand for how many groups.
_SHAPES = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (1, 4), (4, 1))
_MOST = 4  # words or groups in one match

_Step = tuple[int, int, float]  # words, groups, cost


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


def match(
    words: Sequence[PrintedWord],
    groups: Sequence[Group],
    *,
    beam: float = NARROW,
    most: float = math.inf,
) -> Matching:
    """Return the cheapest matching; every word and every group is in one match.

    Paths that cost `beam` more than the cheapest one so far are given up. A wider beam finds the
    way past more groups that no words stand for, and takes longer. A matching that costs `most` or
    more is not looked for to its end: it has no matches and costs `math.inf`.
    """
    costs: list[dict[int, float]] = [{} for _ in range(len(words) + 1)]
    steps: list[dict[int, tuple[int, int, float]]] = [{} for _ in range(len(words) + 1)]
    costs[0][0] = 0.0
    table = _Costs(words, groups)
    for i, row in enumerate(costs):
        least = min(row.values())
        if least >= most:
            return Matching((), math.inf)
        limit = least + beam if i < len(words) else math.inf
        j, last = min(row), max(row)
        while j <= last:
            cost = row.get(j, math.inf)
            if cost <= limit:
                last = max(last, min(j + 1, len(groups)))  # a group may be skipped
                for down, across, price in table.steps(i, j):
                    total = cost + price
                    target = costs[i + down]
                    if total < target.get(j + across, math.inf):
                        target[j + across] = total
                        steps[i + down][j + across] = (down, across, price)
            j += 1
    cost = costs[-1][len(groups)]
    if cost >= most:
        return Matching((), math.inf)
    return _trace(steps, len(words), len(groups), cost)


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
        tolerances = (0.12 + 0.24 / math.sqrt(len(word.text)) for word in words)
        self._precisions = [0.5 / (tolerance * tolerance) for tolerance in tolerances]
        # Of as many words from each on, in letters that have widths of their own and in monospaced.
        self._widths = (
            _log_widths([width_of(word.text) for word in words]),
            _log_widths([_INK + len(word.text) - 1 for word in words]),
        )
        self._next_starts = _ends([word.starts_line for word in words])
        self._line_ends = _ends([group.starts_line for group in groups])
        self._spans = [
            [math.log(last.right - group.left) for last in groups[j : min(j + _MOST, end)]]
            for j, (group, end) in enumerate(zip(groups, self._line_ends, strict=True))
        ]

    def steps(self, i: int, j: int) -> list[_Step]:
        """Return the steps from there: how many words, how many groups, and their cost."""
        steps: list[_Step] = []
        if i < len(self._words):
            steps.append((1, 0, _SKIPPED_WORD))
        if j == len(self._groups):
            return steps
        group = self._groups[j]
        skipped = _SKIPPED_MARK if group.right - group.left < _MARK else _SKIPPED_GROUP
        if i < len(self._words) and self._words[i].follows_figure:
            skipped = _SKIPPED_IN_FIGURE
        steps.append((0, 1, skipped))
        if i == len(self._words):
            return steps
        start = _NOT_AT_START if self._words[i].starts_line and not group.starts_line else 0.0
        words, groups = self._next_starts[i] - i, self._line_ends[j] - j
        widths, spans = self._widths[group.is_monospaced], self._spans[j]
        precision = self._precisions[i]
        for down, across in _SHAPES:
            if down > words or across > groups:
                continue
            misfit = spans[across - 1] - widths[down - 1][i]
            cost = _JOINED * (down + across - 2) + precision * misfit * misfit
            if cost < _WORST:
                steps.append((down, across, start + cost))
            if cost < _FITTING and down == across == 1:
                return steps
        if groups == 1 and j + 1 < len(self._groups) and len(self._words[i].text) > _SHORT:
            rest = self._groups[j + 1]
            width = group.right - group.left + rest.right - rest.left
            misfit = math.log(width) - widths[0][i]
            steps.append((1, 2, start + _HYPHENATED + precision * misfit * misfit))
        return steps


def _log_widths(widths: Sequence[float]) -> list[list[float]]:
    """Return the logarithms of the widths of one word, of two and so on, from each word on."""
    sums = list(accumulate((width + _SPACE for width in widths), initial=0.0))
    return [
        [math.log(end - start - _SPACE) for start, end in zip(sums, sums[count:], strict=False)]
        for count in range(1, _MOST + 1)
    ]


def _ends(starts: Sequence[bool]) -> list[int]:
    """Return for each place where the next start after it is, or the end."""
    ends, end = [], len(starts)
    for index in range(len(starts) - 1, -1, -1):
        ends.append(end)
        if starts[index]:
            end = index
    return ends[::-1]


def width_of(text: str) -> float:
    """Return about how wide a word is printed, in letters of usual width."""
    return sum(_KINDS.get(letter) or (_CAPITAL if letter.isupper() else 1) for letter in text)
