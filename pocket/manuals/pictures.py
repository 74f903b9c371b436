"""The pictures of a PDF's page: which there are and what is written in them.

Raster pictures and drawings of noticeable size count; rules, frames and shades around text do not,
nor do icons. Where it is not clear which of these something is, or which words belong to it, the
page is refused.
"""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pypdfium2

from pocket.manuals.graphics import Box, Graphic, graphics

# In points. An icon is at most so large, a picture at least, and an edge so wide.
_ICON = 24
_EDGE = 14
_SIDE, _AREA = 30, 2400
# Paths of one drawing are so near each other, and its words so near to its paths.
_APART, _LABEL = 7, 25
# A part of the paper, in width and height, that is all of it; and the part of a drawing's box that
# its curves and slanted lines take at least: where it is less, they may adorn a table.
_WHOLE, _DRAWN = 0.85, 0.15
_MOST_PATHS = 4000  # more of them are maps and scatter plots, and slow to sort
_CONTRAST = 60  # grey levels between a picture's lightest and darkest spot


@dataclass(frozen=True)
class Look:
    """A page's pictures in the order from the top, the text objects that are written in them,
    those that can be seen outside of them, and the frames, rules and icons of its text. `drawn`
    are the pictures that are no raster ones."""

    sheet: Box
    pictures: tuple[Box, ...]
    inside: frozenset[int]
    outside: frozenset[int]
    frames: tuple[Box, ...]
    rules: tuple[Box, ...]
    icons: tuple[Box, ...]
    drawn: tuple[Box, ...]


@dataclass(frozen=True)
class _Part:
    """Objects that make up one thing, by their places in the page's content."""

    box: Box
    members: frozenset[int]
    apart: float

    def near(self, other: "_Part") -> bool:
        return self.box.grown(self.apart / 2).meets(other.box.grown(other.apart / 2))

    def joined(self, other: "_Part") -> "_Part":
        members, apart = self.members | other.members, max(self.apart, other.apart)
        return _Part(self.box.joined(other.box), members, apart)


def look(page: pypdfium2.PdfPage) -> Look | None:
    """What is drawn on the page; None if that is unclear."""
    held = graphics(page)
    sheet = Box(*page.get_bbox())
    whole = [one for one in held if one.kind != "text" and _covers(one.box, sheet)]
    if any(one.kind == "image" or one.shape != "frame" for one in whole):
        return None
    held = [one for one in held if one not in whole]
    if sum(one.kind != "text" for one in held) > _MOST_PATHS:
        return None
    seen = _Sorter(held, sheet).look()
    if seen and seen.pictures and not _are_visible(page, seen):
        return None
    return seen


def _are_visible(page: pypdfium2.PdfPage, seen: Look) -> bool:
    """Whether every picture leaves ink on the paper."""
    pixels = page.render(scale=0.5, grayscale=True).to_numpy()
    left, top = seen.sheet.left, seen.sheet.top
    for box in seen.pictures:
        rows = slice(int((top - box.top) / 2), int((top - box.bottom) / 2) + 1)
        columns = slice(int((box.left - left) / 2), int((box.right - left) / 2) + 1)
        if int(np.ptp(pixels[rows, columns])) < _CONTRAST:
            return False
    return True


def _covers(box: Box, sheet: Box) -> bool:
    return box.width > _WHOLE * sheet.width and box.height > _WHOLE * sheet.height


class _Sorter:
    """Parts the drawings of a page from what adorns its text."""

    def __init__(self, held: list[Graphic], sheet: Box) -> None:
        self.held, self.sheet = held, sheet
        self.texts = [index for index, one in enumerate(held) if one.kind == "text"]
        self.blank = {i for i, one in enumerate(held) if _is_panel(one) and self.is_empty(one.box)}
        self.squares = [i for i, one in enumerate(held) if one.shape in {"rule", "frame", "grid"}]

    def look(self) -> Look | None:
        parts = self.grown(_merged([*self.forms(), *self.seeds()]))
        drawings = [part for part in parts if max(part.box.width, part.box.height) > _ICON]
        icons = [part for part in parts if part not in drawings]
        members = frozenset(itertools.chain.from_iterable(part.members for part in parts))
        outside = [self.held[index] for index in self.texts if index not in members]
        squares = [i for i in self.squares if i not in members and i not in self.blank]
        if any(self.written(part) for part in icons) or not all(map(self.sure, drawings)):
            return None
        if any(one.turned for one in outside) or any(self.held[i].shape == "grid" for i in squares):
            return None
        drawings.sort(key=lambda part: (-round(part.box.top / 20), part.box.left))
        if any(a.box.meets(b.box) for a, b in itertools.combinations(drawings, 2)):
            return None
        return Look(
            self.sheet,
            tuple(part.box for part in drawings),
            frozenset(self.held[i].address for i in members if self.held[i].kind == "text"),
            frozenset(one.address for one in outside),
            tuple(self.held[i].box for i in squares if self.held[i].shape == "frame"),
            tuple(self.held[i].box for i in squares if self.held[i].shape == "rule"),
            tuple(part.box for part in icons),
            tuple(part.box for part in drawings if part.apart == _APART),
        )

    def forms(self) -> Iterator[_Part]:
        """Drawings from other files; not pages whose content is all in one form."""
        numbers = sorted({one.form for one in self.held} - {0})
        for number in numbers:
            inner = [index for index, one in enumerate(self.held) if one.form == number]
            box = self.box(inner)
            drawn = any(self.held[i].shape in {"free", "grid"} for i in inner)
            if drawn and not _covers(box, self.sheet):
                yield _Part(box, frozenset(inner), _APART)

    def seeds(self) -> Iterator[_Part]:
        """What is no decoration by itself: pictures, free paths, frames with nothing in them."""
        adorning = self.adorning()
        for index, one in enumerate(self.held):
            if one.kind == "image" and one.shape != "rule":
                yield _Part(one.box, frozenset([index]), 1)
            elif one.shape == "free" or (index in self.blank and index not in adorning):
                yield _Part(one.box, frozenset([index]), _APART)
        yield from self.empty_grids()

    def empty_grids(self) -> Iterator[_Part]:
        """Rules that touch, such as those of a board or an empty box."""
        rules = [
            _Part(one.box, frozenset([index]), 1)
            for index, one in enumerate(self.held)
            if one.shape == "rule"
        ]
        for grid in _merged(rules):
            if _is_large(grid.box) and self.is_empty(grid.box):
                yield _Part(grid.box, grid.members, _APART)

    def is_empty(self, box: Box) -> bool:
        return not any(_middle_in(self.held[index].box, box) for index in self.texts)

    def adorning(self) -> set[int]:
        """Frames that are parts of larger ones with text: their edges, and lines without words."""
        frames = [
            _Part(one.box, frozenset([index]), 1)
            for index, one in enumerate(self.held)
            if one.shape == "frame"
        ]
        found: set[int] = set()
        for panel in _merged(frames):
            if panel.members <= self.blank:
                continue
            for index in panel.members:
                box = self.held[index].box
                wide = box.width > panel.box.width - 16
                if wide or min(box.width, box.height) < _EDGE:
                    found.add(index)
        return found

    def grown(self, parts: list[_Part]) -> list[_Part]:
        """The parts with the words and frames that belong to them."""
        while True:
            wider = _merged([self.wider(part) for part in parts])
            if wider == parts:
                return parts
            parts = wider

    def wider(self, part: _Part) -> _Part:
        first, last = min(part.members), max(part.members)
        drawn = part.apart == _APART and max(part.box.width, part.box.height) > _ICON
        own = [i for i in self.texts if part.box.grown(1).holds(self.held[i].box)]
        if drawn:
            near = part.box.grown(_LABEL)
            own += [i for i in self.texts if first < i < last and near.holds(self.held[i].box)]
            own += self.labels_after(part)
            close = part.box.grown(_APART / 2)
            for index in self.squares:
                box = self.held[index].box
                if close.meets(box) and not box.holds(part.box):
                    own.append(index)
        members = part.members | set(own)
        return _Part(self.box(members).joined(part.box), members, part.apart)

    def labels_after(self, part: _Part) -> Iterator[int]:
        """Words that are set next after the drawing's last path and touch it."""
        for index in range(max(part.members) + 1, len(self.held)):
            one = self.held[index]
            touching = part.box.grown(_APART / 2).meets(one.box)
            if one.kind != "text" or not touching or one.box.width > part.box.width / 2:
                return
            yield index

    def written(self, part: _Part) -> list[Graphic]:
        return [self.held[index] for index in part.members if self.held[index].kind == "text"]

    def sure(self, part: _Part) -> bool:
        """Whether the part is a picture, and the words in it are all of its words."""
        box = part.box
        if not _is_large(box):
            return False
        others = [self.held[index] for index in self.texts if index not in part.members]
        if any(box.grown(0.5).meets(one.box) for one in others):
            return False
        frames = [self.held[i].box for i in self.squares if i not in part.members]
        framed = [frame for frame in frames if frame.holds(box)]
        if any(frame.holds(one.box) for frame in framed for one in others):
            return False
        first, last = min(part.members), max(part.members)
        if part.apart == _APART and any(
            first < i < last for i in self.texts if i not in part.members
        ):
            return False
        drawn = [index for index in part.members if self.is_drawn(index)]
        return bool(drawn) and self.box(drawn).area >= _DRAWN * box.area

    def is_drawn(self, index: int) -> bool:
        """Whether it is more than a frame around words."""
        one = self.held[index]
        return one.shape == "free" or index in self.blank or one.kind == "image"

    def box(self, members: Collection[int]) -> Box:
        boxes = [self.held[index].box for index in members]
        return Box(
            min(box.left for box in boxes),
            min(box.bottom for box in boxes),
            max(box.right for box in boxes),
            max(box.top for box in boxes),
        )


def _is_large(box: Box) -> bool:
    return min(box.width, box.height) > _SIDE and box.area > _AREA


def _is_panel(one: Graphic) -> bool:
    return one.shape == "frame" or (one.kind == "shading" and one.shape != "rule")


def _middle_in(box: Box, outer: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return outer.left < x < outer.right and outer.bottom < y < outer.top


def _merged(parts: list[_Part]) -> list[_Part]:
    """Parts that are near each other made one."""
    out: list[_Part] = []
    for one in parts:
        part = one
        while near := [other for other in out if other.near(part)]:
            for other in near:
                out.remove(other)
                part = part.joined(other)
        out.append(part)
    return sorted(out, key=lambda part: min(part.members))
