"""A page's blocks with their boxes, labelled as LightOnOCR-3 labels them.

Where the blocks stand is known roughly at first, from a typesetter's lines. `fitted` then looks at
the ink. Boxes are left, top, right and bottom in pixels.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]
Box = tuple[float, float, float, float]

# Places on a page are given in thousandths of its width and height.
WHOLE = 1000
# Ink that is fainter is a shade behind text.
_FAINT = 24
# How far letters may reach over the lines that a typesetter gives for them, up, down and aside; and
# how much of each other two boxes may hold, before and after the ink has been looked at.
_REACH, _ASIDE, _LOOSE, _HAIR = 14, 4, 8, 2
_CAPTION = re.compile(
    r"(?i)(fig(ure|ura)?|table(au)?|tabelle|abb(ildung)?|listing)\b\.? ?\d+(\.\d+)*[.:]? "
)
_PICTURE = "![image]"


@dataclass(frozen=True)
class Block:
    """A block: its label, its Markdown, and where it is; a label with a plus goes on with the block
    before it."""

    label: str
    text: str
    box: Box


def label_of(text: str) -> str:
    """What a block is, as far as its Markdown tells; several paragraphs are text or a list."""
    starts = {"```": "code", "<table>": "table", _PICTURE: "image", "- ": "list"}
    if "\n\n" not in text:
        starts |= {"# ": "title", "#": "section", "$$": "formula"}
    found = (label for start, label in starts.items() if text.startswith(start))
    is_caption = "\n\n" not in text and _CAPTION.match(text)
    return next(found, "caption" if is_caption else "text")


def thousandths(box: Box, width: float, height: float) -> list[int]:
    """A box on a page of this size, in thousandths of its sides."""
    sides = zip(box, (width, height) * 2, strict=True)
    return [min(WHOLE, max(0, round(WHOLE * x / size))) for x, size in sides]


def markdown(blocks: Sequence[Block]) -> str:
    """The page's Markdown without boxes."""
    out, number = "", itertools.count(1)
    for block in blocks:
        gap = "\n" if block.label == "list+" else " " if block.label.endswith("+") else "\n\n"
        text = f"{_PICTURE}(image_{next(number)}.png)" if block.label == "image" else block.text
        out += gap * bool(out) + text
    return out


def fitted(ink: Ink, blocks: Sequence[Block]) -> list[Block] | None:
    """The blocks with boxes as tight as their ink; None if one is empty or two share ink."""
    dark = ink > _FAINT
    rough = [block.box for block in blocks]
    if _meet(rough, _LOOSE):
        return None
    boxes = [_tight(dark, _room(dark, box, rough)) for box in rough]
    found = [box for box in boxes if box is not None]
    if len(found) < len(boxes) or _meet(found, _HAIR):
        return None
    return [replace(block, box=box) for block, box in zip(blocks, found, strict=True)]


def stray(ink: Ink, blocks: Sequence[Block]) -> int:
    """How many pixels of ink are in no box."""
    dark = ink > _FAINT
    for block in blocks:
        left, top, right, bottom = map(round, block.box)
        dark[max(0, top - _HAIR) : bottom + _HAIR, max(0, left - _HAIR) : right + _HAIR] = False
    return int(dark.sum())


def _room(dark: NDArray[np.bool_], box: Box, boxes: Sequence[Box]) -> Box:
    """The box with as much of the space around it as belongs to it."""
    left, top, right, bottom = box
    others = [other for other in boxes if other is not box]
    stacked = [other for other in others if other[0] < right and left < other[2]]
    above = [other for other in stacked if other[1] + other[3] < top + bottom]
    below = [other for other in stacked if other[1] + other[3] > top + bottom]
    high, low = top - _REACH, bottom + _REACH
    if above:
        high = max(high, _parting(dark, max(above, key=lambda other: other[3]), box))
    if below:
        low = min(low, _parting(dark, box, min(below, key=lambda other: other[1])))
    beside = [other for other in others if other[1] < bottom and top < other[3]]
    to_left = [left - other[2] for other in beside if other[2] <= left]
    to_right = [other[0] - right for other in beside if other[0] >= right]
    return (
        left - min([_ASIDE, *(gap / 2 for gap in to_left)]),
        high,
        right + min([_ASIDE, *(gap / 2 for gap in to_right)]),
        low,
    )


def _parting(dark: NDArray[np.bool_], upper: Box, lower: Box) -> float:
    """The row that parts two boxes, one above the other: in the widest band without ink."""
    first, last = sorted((round(upper[3]), round(lower[1])))
    first, last = max(0, first - _ASIDE), max(0, last + _ASIDE)
    left, right = (max(0, round(pick(upper[n], lower[n]))) for n, pick in ((0, min), (2, max)))
    rows = dark[first:last, left:right].any(1)
    bands = itertools.groupby(range(len(rows)), lambda row: bool(rows[row]))
    blank = [list(band) for inked, band in bands if not inked]
    if not blank:
        return (upper[3] + lower[1]) / 2
    widest = max(blank, key=len)
    return first + (widest[0] + widest[-1] + 1) / 2


def _tight(dark: NDArray[np.bool_], room: Box) -> Box | None:
    left, top, right, bottom = (max(0, round(side)) for side in room)
    part = dark[top:bottom, left:right]
    rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    if not len(rows):
        return None
    return (
        float(left + columns[0]),
        float(top + rows[0]),
        float(left + columns[-1] + 1),
        float(top + rows[-1] + 1),
    )


def _meet(boxes: Sequence[Box], hair: int) -> bool:
    """Whether two boxes share more than a hair."""
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        if across > hair and down > hair:
            return True
    return False
