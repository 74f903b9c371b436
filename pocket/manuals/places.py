"""Where a page's pictures stand in the order in which its lines are read."""

from collections.abc import Sequence
from functools import reduce

from pocket.manuals.graphics import Box
from pocket.manuals.lines import Line

# A column of text has more lines than so many, and so many at most stand across two columns.
_COLUMN, _ACROSS = 3, 2


def places(pictures: Sequence[Box], lines: list[Line]) -> list[int] | None:
    """Before which line each picture is read, or None where that is not clear."""
    found = [_place(picture, lines) for picture in pictures]
    return None if None in found else [place for place in found if place is not None]


def _place(picture: Box, lines: list[Line]) -> int | None:
    """After all lines above the picture and before all below, in its column."""
    column = _column(picture, lines)
    inside = [index for index, line in enumerate(lines) if _overlaps(column, line)]
    above = [index for index in inside if lines[index].middle > picture.top]
    below = [index for index in inside if lines[index].middle < picture.bottom]
    first, last = max(above, default=-1) + 1, min(below, default=len(lines))
    if not inside or len(above) + len(below) < len(inside) or first > last:
        return None
    beside = [line for line in lines if picture.bottom < line.middle < picture.top]
    if beside and not _is_column([lines[index] for index in inside], beside):
        return None
    between = lines[first:last]
    higher = [line.middle > picture.top for line in between]
    if not any(line in beside for line in between) and higher == sorted(higher, reverse=True):
        return first + sum(higher)
    if not below:
        return first
    if not above:
        return last
    # The other columns' lines come before or after all of this one's.
    over = lines[first - 1].middle - picture.top
    under = picture.bottom - lines[last].middle
    return first if over < under else last


def _is_column(own: list[Line], beside: list[Line]) -> bool:
    """Whether the lines are a column next to the others, a title and a foot aside."""
    left, right = min(line.left for line in beside), max(line.right for line in beside)
    apart = sum(line.right <= left or right <= line.left for line in own)
    return apart > _COLUMN and len(own) - apart <= _ACROSS


def _column(picture: Box, lines: list[Line]) -> Box:
    """As wide as the picture and the lines next to it above and below."""
    own = [line for line in lines if _overlaps(picture, line)]
    above = [line for line in own if line.base > picture.top]
    below = [line for line in own if line.base < picture.bottom]
    near = [picture]
    if above:
        near.append(_extent(min(above, key=lambda line: line.base)))
    if below:
        near.append(_extent(max(below, key=lambda line: line.base)))
    return reduce(Box.joined, near)


def _extent(line: Line) -> Box:
    return Box(line.left, line.base, line.right, line.base + line.size)


def _overlaps(box: Box, line: Line) -> bool:
    return line.left < box.right and box.left < line.right
