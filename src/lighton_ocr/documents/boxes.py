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
