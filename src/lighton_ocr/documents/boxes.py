"""Boxes on a page: left, top, right and bottom, from 0 to 1000 of its width and its height."""

from collections.abc import Iterable
from typing import TypeVar

BOX_SIZE = 1000
Box = tuple[int, int, int, int]
ExactBox = tuple[float, float, float, float]  # with fractions
WHOLE_PAGE: ExactBox = (0, 0, BOX_SIZE, BOX_SIZE)

N = TypeVar("N", int, float)


def around(boxes: Iterable[tuple[N, N, N, N]]) -> tuple[N, N, N, N]:
    """Return the smallest box that contains all of these; there has to be one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def shared(one: ExactBox, other: ExactBox) -> ExactBox:
    """Return what two boxes share, which may be nothing."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    return left, top, max(left, min(one[2], other[2])), max(top, min(one[3], other[3]))


def area_of(box: ExactBox) -> float:
    """Return the area of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])
