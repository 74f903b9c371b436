"""Align the words of two versions of a page, whatever the order in which each has them.

Words that both have are matched in runs, the longest runs first (greedy string tiling, Wise, 1993),
so columns may come in any order. What is left between two runs is aligned by spelling.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from rapidfuzz.distance import Levenshtein

from lighton_ocr.reading.own_text.check import has_digit

_FREQUENT = 24  # a word that comes more often extends runs but begins none
_NEAR = 3  # words; a single word is matched if a neighbour is matched so near
_LARGEST_GAP = 3_000  # pairs of words; a larger gap holds different texts
_CLOSE = 0.6  # edits per character; less like each other are two different words
_CLOSE_NUMBERS = 0.85
_CLOSEST = 0.34  # for words that are split, or not between words that both texts have
_SHAPES = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))  # words run together, or split
_MOST_PARTS = 8  # of a word, such as L A T E X


@dataclass(frozen=True, slots=True)
class Pair:
    """Words of the first text, and those of the second that stand for them, as index ranges.

    `is_firm` says that what stands before and after them is the same in both texts.
    """

    first: range
    second: range
    is_same: bool
    is_firm: bool = True


def align(first: Sequence[str], second: Sequence[str]) -> list[Pair]:
    """Return the pairs, in the first text's order; words in none are in one text alone."""
    second_of = _match(first, second)
    taken = set(second_of.values())
    pairs = [Pair(range(i, i + 1), range(j, j + 1), True) for i, j in second_of.items()]
    for start, end in _gaps(second_of, len(first)):
        before, after = second_of.get(start - 1, -1), second_of.get(end, len(second))
        following = _free(range(before + 1, len(second)), taken)
        is_firm = before + len(following) + 1 == after
        if not is_firm:
            following += _free(range(after - 1, before + len(following), -1), taken)[::-1]
        for pair in _align_gap(first, second, range(start, end), following, is_firm):
            taken.update(pair.second)
            pairs.append(pair)
    return sorted(pairs, key=lambda pair: pair.first.start)


def _match(first: Sequence[str], second: Sequence[str]) -> dict[int, int]:
    """Match equal words: runs of several, then single words beside or near them, or unique ones."""
    matched: dict[int, int] = {}
    taken: set[int] = set()
    runs = [
        (-length, abs(i * len(second) - j * len(first)), i, j)
        for length, i, j in _runs(first, second)
    ]
    singles = sorted((distance, i, j) for length, distance, i, j in runs if length == -1)
    heap = [run for run in runs if run[0] < -1]
    heapify(heap)
    while heap:
        length, distance, i, j = heappop(heap)
        free = [k for k in range(-length) if i + k not in matched and j + k not in taken]
        if len(free) < -length:
            for start, end in _stretches(free):
                heappush(heap, (start - end, distance, i + start, j + start))
        elif length < -1:
            matched.update((i + k, j + k) for k in free)
            taken.update(j + k for k in free)
        else:
            singles.append((distance, i, j))
    once_first, once_second = _once(first), _once(second)
    for near in (1, _NEAR, 0):
        for _, i, j in singles:
            if i in matched or j in taken:
                continue
            if (not near and first[i] in once_first and second[j] in once_second) or any(
                abs(matched.get(i + step, -9) - j - step) < near for step in (-2, -1, 1, 2)
            ):
                matched[i] = j
                taken.add(j)
    return matched


def _runs(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the length and the starts of all longest runs of words that both have."""
    places: dict[str, list[int]] = defaultdict(list)
    for j, word in enumerate(second):
        places[word].append(j)
    running: dict[int, int] = {}  # the length of each run by its last word in the second text
    for i in range(len(first) + 1):
        found = places.get(first[i], []) if i < len(first) else []
        if len(found) > _FREQUENT:
            found = [j for j in found if j - 1 in running]
        longer = {j: running.get(j - 1, 0) + 1 for j in found}
        for j, length in running.items():
            if j + 1 not in longer:
                yield length, i - length, j - length + 1
        running = longer


def _stretches(numbers: list[int]) -> Iterator[tuple[int, int]]:
    start = None
    for number, following in zip(numbers, [*numbers[1:], -1], strict=False):
        start = number if start is None else start
        if following != number + 1:
            yield start, number + 1
            start = None


def _once(words: Sequence[str]) -> set[str]:
    seen: set[str] = set()
    again = {word for word in words if word in seen or seen.add(word)}  # type: ignore[func-returns-value]
    return seen - again


def _gaps(matched: dict[int, int], count: int) -> Iterator[tuple[int, int]]:
    start = 0
    for i in [*sorted(matched), count]:
        if start < i:
            yield start, i
        start = i + 1


def _free(places: range, taken: set[int]) -> list[int]:
    free = []
    for j in places:
        if j in taken:
            break
        free.append(j)
    return free


def _align_gap(
    first: Sequence[str],
    second: Sequence[str],
    ours: range,
    theirs: list[int],
    is_firm: bool,
) -> Iterator[Pair]:
    """Pair words of a gap by spelling, in order."""
    if not ours or not theirs or len(ours) * len(theirs) > _LARGEST_GAP:
        return
    left = [first[i] for i in ours]
    right = [second[j] for j in theirs]
    if is_firm and len(left) == len(right) == 1 and has_digit(left[0]) and has_digit(right[0]):
        # Two numbers at one place, however different.
        yield Pair(ours, range(theirs[0], theirs[0] + 1), is_same=False)
        return
    steps = _steps(left, right, theirs, is_firm)
    a = b = 0
    while (a, b) in steps:
        down, across = steps[a, b]
        if down and across:
            same = "".join(left[a : a + down]) == "".join(right[b : b + across])
            start = theirs[b]
            yield Pair(ours[a : a + down], range(start, start + across), same, is_firm)
        a, b = a + down, b + across


def _steps(
    left: list[str], right: list[str], places: list[int], is_firm: bool
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return how many words of each side come next at each point, for the least edits.

    It is the dynamic programming of an edit distance whose symbols are words.
    """
    costs = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    steps = {}
    for a in range(len(left), -1, -1):
        for b in range(len(right), -1, -1):
            options = []
            if a < len(left):
                options.append((1 + costs[a + 1][b], (1, 0)))
            if b < len(right):
                options.append((1 + costs[a][b + 1], (0, 1)))
            # Without spaces, a word of the first text may be many of the second.
            parts = _parts(left[a], right[b : b + _MOST_PARTS]) if a < len(left) else 0
            for down, across in (*_SHAPES, (1, parts)) if parts > 3 else _SHAPES:
                if a + down > len(left) or not _are_neighbours(places[b : b + across], across):
                    continue
                one, other = "".join(left[a : a + down]), "".join(right[b : b + across])
                if (cost := _cost(one, other, down + across, is_firm)) is not None:
                    options.append((cost + costs[a + down][b + across], (down, across)))
            if options:
                costs[a][b], steps[a, b] = min(options)
    return steps


def _parts(word: str, parts: list[str]) -> int:
    """Return how many of the parts are the word, 0 if they are not.

    An underscore may be drawn as a line.
    """
    word, joined = word.replace("_", "").casefold(), ""
    for count, part in enumerate(parts, 1):
        joined += part.casefold()
        if not word.startswith(joined):
            break
        if word == joined:
            return count
    return 0


def _are_neighbours(places: list[int], count: int) -> bool:
    return len(places) == count and places[-1] - places[0] == count - 1


def _cost(one: str, other: str, words: int, is_firm: bool) -> float | None:
    """Return what pairing them costs; None for words or word splits that do not match."""
    longer = max(len(one), len(other))
    is_number = has_digit(one) and has_digit(other)
    limit = _CLOSEST
    if is_firm and words == 2:
        limit = _CLOSE_NUMBERS if is_number else _CLOSE
    edits = Levenshtein.distance(one.casefold(), other.casefold(), score_cutoff=int(limit * longer))
    return words * edits / longer if edits <= limit * longer else None
