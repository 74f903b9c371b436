"""Place a page's text on the lines that were found on its image."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lighton_ocr.documents.boxes import ExactBox, around
from lighton_ocr.layout.lines import Columns, Node, TextLine
from lighton_ocr.layout.matching import (
    NARROW,
    WIDE,
    Group,
    Match,
    Matching,
    match,
    width_of,
)
from lighton_ocr.layout.words import PrintedWord

_MOST_TRIALS = 10  # of reading columns as rows
_DOUBTFUL = 0.4  # cost of a group; words that match cost a tenth of it
_POOR = 0.5  # cost of a word on a page that deserves a longer search
_MOST_HIGHER = 1.4  # a line with tall letters than one without
_LEAST_LETTERS = 12  # that tell how wide the letters of a line are
LEAST_CONFIDENCE = 0.4  # of a whole page; texts of other pages have less
CONFIDENT = 0.75  # pages whose lines are not found or are turned have less
_PAGE = (50.0, 50.0, 950.0, 950.0)
_LINE = 15.0  # of a page's height


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word and its box; `index` is that of the printed word which it is, or is a part of."""

    text: str
    box: ExactBox
    index: int


@dataclass(frozen=True)
class PlacedLine:
    """A line's words with their boxes, left to right; `confidence` (0 to 1) in their places."""

    words: tuple[PlacedWord, ...]
    box: ExactBox
    confidence: float

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(word.text for word in self.words)


def place(words: Sequence[PrintedWord], nodes: Sequence[Node]) -> list[PlacedLine]:
    """Return the lines with the words that stand on them, in reading order."""
    lines, matching = _best_order(words, nodes)
    return list(_placed(words, lines, matching))


def confidence_in(lines: Sequence[PlacedLine], words: Sequence[PrintedWord]) -> float:
    """Return how likely it is (0 to 1) that lines are where their words stand."""
    confidence = sum(line.confidence * len(line.words) for line in lines)
    return confidence / len(words) if words else 1.0


def _best_order(
    words: Sequence[PrintedWord], nodes: Sequence[Node]
) -> tuple[list[TextLine], Matching]:
    """Read columns as rows wherever the words then match better."""
    by_row: set[int] = set()
    tried: set[int] = set()
    lines = list(_flat(nodes, by_row))
    best = match(words, _groups(lines, _pitches(lines)))
    while len(tried) < _MOST_TRIALS:
        doubtful = _doubtful_lines(lines, best)
        untried = [
            id(node)
            for node in _columns(nodes, by_row)
            if id(node) not in tried and not doubtful.isdisjoint(map(id, _flat([node], by_row)))
        ]
        if not untried:
            break
        tried.add(untried[0])
        order = list(_flat(nodes, by_row | {untried[0]}))
        trial = match(words, _groups(order, _pitches(order)), most=best.cost)
        if trial.cost < best.cost:
            by_row.add(untried[0])
            lines, best = order, trial
    beam = NARROW
    if best.cost > _POOR * len(words):
        beam = WIDE
        best = match(words, _groups(lines, _pitches(lines)), beam=beam)
    pitches = _fitted(words, lines, _pitches(lines), best)
    return lines, match(words, _groups(lines, pitches), beam=beam)


def _doubtful_lines(lines: Sequence[TextLine], matching: Matching) -> set[int]:
    """Return the identities of the lines whose words match badly."""
    groups = [line for line in lines for _ in line.words]
    costs: dict[int, list[float]] = defaultdict(list)
    for found in matching.matches:
        for k in found.groups:
            costs[id(groups[k])].append(found.cost / len(found.groups))
    return {key for key, values in costs.items() if sum(values) > _DOUBTFUL * len(values)}


def _flat(nodes: Sequence[Node], by_row: set[int]) -> Iterator[TextLine]:
    for node in nodes:
        if isinstance(node, Columns):
            yield from _flat(node.by_row if id(node) in by_row else node.by_column, by_row)
        else:
            yield node


def _columns(nodes: Sequence[Node], by_row: set[int]) -> Iterator[Columns]:
    for node in nodes:
        if isinstance(node, Columns):
            yield node
            yield from _columns(node.by_row if id(node) in by_row else node.by_column, by_row)


def _groups(lines: Sequence[TextLine], pitches: Sequence[float]) -> list[Group]:
    return [
        Group(
            box[0] / pitch,
            max(box[2], box[0] + 0.1 * pitch) / pitch,
            number,
            not k,
            line.is_monospaced,
        )
        for number, (line, pitch) in enumerate(zip(lines, pitches, strict=True))
        for k, box in enumerate(line.words)
    ]


def _pitches(lines: Sequence[TextLine]) -> list[float]:
    """Return each line's pitch; a line with small letters alone takes its neighbours'."""
    pitches = []
    for number, line in enumerate(lines):
        near = [other.pitch for other in lines[max(0, number - 1) : number + 2]]
        near = [pitch for pitch in near if pitch < _MOST_HIGHER * line.pitch]
        pitches.append(line.pitch if line.is_monospaced else max(near))
    return pitches


def _fitted(
    words: Sequence[PrintedWord],
    lines: Sequence[TextLine],
    pitches: Sequence[float],
    matching: Matching,
) -> list[float]:
    """Return each line's pitch as the words say that were matched with it."""
    groups = _groups(lines, pitches)
    printed: dict[int, float] = defaultdict(float)
    expected: dict[int, float] = defaultdict(float)
    for found in matching.matches:
        if len(found.words) == len(found.groups) == 1:
            group, text = groups[found.groups.start], words[found.words.start].text
            printed[group.line] += group.right - group.left
            expected[group.line] += len(text) if group.is_monospaced else width_of(text)
    usual = sum(printed.values()) / (sum(expected.values()) or 1) or 1.0
    return [
        pitch * (printed[n] / expected[n] if expected[n] > _LEAST_LETTERS else usual)
        for n, pitch in enumerate(pitches)
    ]


def _placed(
    words: Sequence[PrintedWord], lines: Sequence[TextLine], matching: Matching
) -> Iterator[PlacedLine]:
    places = [(number, box) for number, line in enumerate(lines) for box in line.words]
    placed: dict[int, list[PlacedWord]] = defaultdict(list)
    costs: dict[int, list[float]] = defaultdict(list)
    for found in _without_skips(matching.matches):
        boxes = [places[k] for k in found.groups]
        texts = [(k, words[k].text) for k in found.words]
        if not texts:
            continue
        for number, word in _spread(texts, boxes):
            placed[number].append(word)
            costs[number].append(found.cost)
    for number in sorted(placed):
        mean = sum(costs[number]) / len(costs[number])
        yield PlacedLine(tuple(placed[number]), lines[number].box, 1 / (1 + mean))


def _without_skips(matches: Sequence[Match]) -> list[Match]:
    """Join words without a position to the words before them, or after them."""
    joined: list[Match] = []
    waiting = range(0, 0)
    for found in matches:
        if found.words and not found.groups:
            if joined and joined[-1].words:
                last = joined[-1]
                joined[-1] = Match(
                    range(last.words.start, found.words.stop), last.groups, last.cost + found.cost
                )
            else:
                waiting = range(waiting.start, found.words.stop)
        elif found.words:
            start = waiting.start if waiting else found.words.start
            joined.append(Match(range(start, found.words.stop), found.groups, found.cost))
            waiting = range(0, 0)
    return joined


def _spread(
    texts: Sequence[tuple[int, str]], boxes: Sequence[tuple[int, ExactBox]]
) -> Iterator[tuple[int, PlacedWord]]:
    """Divide the boxes, with their lines, among words, with their indices, by the words' widths.

    A word on two lines is divided by a hyphen.
    """
    numbers = sorted({number for number, _ in boxes})
    if len(numbers) > 1:
        first = [box for number, box in boxes if number == numbers[0]]
        share = sum(b[2] - b[0] for b in first) / sum(b[2] - b[0] for _, b in boxes)
        (index, text), *others = texts
        head, tail = _divided(text, share)
        yield numbers[0], PlacedWord(head, around(first), index)
        rest = [(number, box) for number, box in boxes if number != numbers[0]]
        yield from _spread([(index, tail), *others], rest)
        return
    if len(texts) == len(boxes):
        for (index, text), (number, box) in zip(texts, boxes, strict=True):
            yield number, PlacedWord(text, box, index)
        return
    left, top, right, bottom = around([box for _, box in boxes])
    widths = [width_of(text) for _, text in texts]
    unit = (right - left) / (sum(widths) + 0.5 * (len(texts) - 1))
    for (index, text), width in zip(texts, widths, strict=True):
        yield numbers[0], PlacedWord(text, (left, top, left + width * unit, bottom), index)
        left += (width + 0.5) * unit


def _divided(word: str, share: float) -> tuple[str, str]:
    """Divide a word after about that share of its letters, at its own hyphen if one is near."""
    cut = min(len(word) - 1, max(1, round(share * len(word))))
    hyphen = word.find("-", max(1, cut - 2), cut + 3)
    if 0 < hyphen < len(word) - 1:
        return word[: hyphen + 1], word[hyphen + 1 :]
    return word[:cut] + "-", word[cut:]


def spread_over(words: Sequence[PrintedWord], within: ExactBox = _PAGE) -> list[PlacedLine]:
    """Return the words in even lines over a box, for text whose place in it is not known."""
    left, top, right, bottom = within
    count = math.isqrt(len(words))
    texts = [(index, word.text) for index, word in enumerate(words)]
    rows = [texts[start : start + count] for start in range(0, len(texts), count)]
    height = (bottom - top) / len(rows)
    lines = []
    for number, row in enumerate(rows):
        start = top + number * height
        box = (left, start, right, start + min(0.8 * height, _LINE))
        placed = _spread(row, [(0, box)])
        lines.append(PlacedLine(tuple(word for _, word in placed), box, 0.0))
    return lines
