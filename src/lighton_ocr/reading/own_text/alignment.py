"""Align the words of two versions of a page, whatever the order in which each has them.

Words that both have are matched in runs, the longest runs first (greedy string tiling, Wise, 1993),
so columns may come in any order. What is left between two runs is aligned by spelling.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from lighton_ocr.reading.own_text.check import has_digit

_FREQUENT = 24  # a word that comes more often extends runs but begins none
_NEAR = 3  # words; a single word is matched if a neighbour is matched so near
_LARGEST_GAP = 3_000  # pairs of words; a larger gap holds different texts
_CLOSE = 0.6  # edits per character; less like each other are two different words
_CLOSE_NUMBERS = 0.85
_CLOSEST = 0.34  # for words that are split, or not between words that both texts have
_SHAPES = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))  # words run together, or split
_MOST_PARTS = 8  # of a word, such as L A T E X
_ROUNDING = 1e-9

# What may be paired with words of the other text from an index on: edits, and how many words of
# each text.
_Options = dict[int, list[tuple[float, int, int]]]


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
    heap: list[tuple[int, int, int, int]] = []
    single: list[tuple[int, int]] = []
    for length, i, j in _runs(first, second):
        if length == 1:
            single.append((i, j))
        else:
            heap.append((-length, abs(i * len(second) - j * len(first)), i, j))
    rests: list[tuple[int, int]] = []  # of longer runs
    heapify(heap)
    while heap:
        length, distance, i, j = heappop(heap)
        free = [k for k in range(-length) if i + k not in matched and j + k not in taken]
        if len(free) < -length:
            for run in index_runs(free):
                heappush(heap, (-len(run), distance, i + run.start, j + run.start))
        elif length < -1:
            matched.update((i + k, j + k) for k in free)
            taken.update(j + k for k in free)
        else:
            rests.append((i, j))
    single = [(i, j) for i, j in single if i not in matched and j not in taken]
    single.sort(key=lambda one: (abs(one[0] * len(second) - one[1] * len(first)), *one))
    unique = _unique(first) & _unique(second)
    for near in (1, _NEAR, 0):
        for i, j in (*single, *rests):
            if i in matched or j in taken:
                continue
            if _is_near(matched, i, j, near) if near else first[i] in unique:
                matched[i] = j
                taken.add(j)
    return matched


def _is_near(matched: dict[int, int], i: int, j: int, near: int) -> bool:
    """Whether a word close to i is matched with one that is nearly as close to j."""
    return any(abs(matched.get(i + step, -9) - j - step) < near for step in (-2, -1, 1, 2))


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


def index_runs(indices: Iterable[int]) -> Iterator[range]:
    """Yield the runs of indices that follow each other."""
    start = stop = -1
    for index in indices:
        if index != stop:
            if start >= 0:
                yield range(start, stop)
            start = index
        stop = index + 1
    if start >= 0:
        yield range(start, stop)


def _unique(words: Sequence[str]) -> set[str]:
    """Return the words that occur once."""
    return {word for word, count in Counter(words).items() if count == 1}


def _gaps(matched: dict[int, int], count: int) -> Iterator[tuple[int, int]]:
    """Yield where each run of words without a match starts and ends."""
    start = 0
    for i in [*sorted(matched), count]:
        if start < i:
            yield start, i
        start = i + 1


def _free(places: range, taken: set[int]) -> list[int]:
    """Return the places up to the first one that is taken."""
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
    options = _options(left, right, theirs, is_firm)
    if not any(options):
        return
    costs = _costs(len(left), len(right), options)
    a = b = 0
    while a < len(left) and b < len(right):
        _, (down, across) = min(
            (1 + costs[a + 1][b], (1, 0)),
            (1 + costs[a][b + 1], (0, 1)),
            *(
                (cost + costs[a + down][b + across], (down, across))
                for cost, down, across in options[a].get(b, ())
            ),
        )
        if down and across:
            same = "".join(left[a : a + down]) == "".join(right[b : b + across])
            start = theirs[b]
            yield Pair(ours[a : a + down], range(start, start + across), same, is_firm)
        a, b = a + down, b + across


def _costs(rows: int, columns: int, options: list[_Options]) -> list[list[float]]:
    """Return the least edits from each pair of words on.

    It is the dynamic programming of an edit distance whose symbols are words.
    """
    costs = [[float(rows - a)] * (columns + 1) for a in range(rows)]
    costs.append([float(columns - b) for b in range(columns + 1)])
    for a in range(rows - 1, -1, -1):
        row, below, pairs = costs[a], costs[a + 1], options[a]
        for b in range(columns - 1, -1, -1):
            row[b] = 1 + (below[b] if below[b] < row[b + 1] else row[b + 1])
            if b in pairs:
                row[b] = min(
                    row[b],
                    *(cost + costs[a + down][b + across] for cost, down, across in pairs[b]),
                )
    return costs


def _options(left: list[str], right: list[str], places: list[int], is_firm: bool) -> list[_Options]:
    """Return, for each word of the left, what words from there on may be paired with.

    `places` are those of the right words in their text.
    """
    options: list[_Options] = [defaultdict(list) for _ in left]
    for down, across in _SHAPES:
        theirs = dict(_joined(right, places, across))
        folded = {b: other.casefold() for b, other in theirs.items()}
        for a, one in _joined(left, range(len(left)), down):
            # Most words are nothing like each other, which is found out all at once.
            limit = _limit(one, one, down + across, is_firm) + _ROUNDING
            for _, _, b in extract(
                one.casefold(),
                folded,
                scorer=Levenshtein.normalized_distance,
                score_cutoff=limit,
                limit=None,
            ):
                cost = _cost(one, theirs[b], down + across, is_firm)
                if cost is not None:
                    options[a][b].append((cost, down, across))
    starts: dict[str, list[int]] = defaultdict(list)
    for b, word in enumerate(right):
        starts[word[:1].casefold()].append(b)
    # Without spaces, a word of the first text may be many of the second.
    for a, word in enumerate(left):
        for b in starts.get(word.replace("_", "")[:1].casefold(), ()):
            parts = _parts(word, right[b : b + _MOST_PARTS])
            if parts > 3 and _are_neighbours(places[b : b + parts]):
                cost = _cost(word, "".join(right[b : b + parts]), 1 + parts, is_firm)
                if cost is not None:
                    options[a][b].append((cost, 1, parts))
    return options


def _joined(words: list[str], places: Sequence[int], count: int) -> Iterator[tuple[int, str]]:
    """Yield each word joined with those that follow it, `count` in all."""
    for start in range(len(words) - count + 1):
        if _are_neighbours(places[start : start + count]):
            yield start, "".join(words[start : start + count])


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


def _are_neighbours(places: Sequence[int]) -> bool:
    return places[-1] - places[0] == len(places) - 1


def _cost(one: str, other: str, words: int, is_firm: bool) -> float | None:
    """Return what pairing them costs; None for words or word splits that do not match."""
    longer = max(len(one), len(other))
    limit = _limit(one, other, words, is_firm)
    edits = Levenshtein.distance(one.casefold(), other.casefold(), score_cutoff=int(limit * longer))
    return words * edits / longer if edits <= limit * longer else None


def _limit(one: str, other: str, words: int, is_firm: bool) -> float:
    """Return the most edits per character with which they may be paired."""
    if not is_firm or words > 2:
        return _CLOSEST
    return _CLOSE_NUMBERS if has_digit(one) and has_digit(other) else _CLOSE
