"""The text that a PDF itself holds for a page, word by word, and whether it is really drawn.

A file's text may differ from what its page shows: scans carry an older OCR's text invisibly, and
text may be white, covered or outside the page. Such words are marked as hidden.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from ctypes import byref, c_double, c_int, c_uint, c_ushort
from dataclasses import dataclass
from itertools import groupby
from math import degrees
from typing import Any, Literal, cast

from PIL import Image
from pypdfium2 import raw

from lighton_ocr.documents.covers import address, objects_of

Box = tuple[int, int, int, int]  # left, top, right, bottom, 0 to 1000 of the page

# drawn: it can be seen; hidden: it cannot, or it contradicts another word at the same place;
# rotated: it runs in another direction than most of the page, as watermarks do.
Kind = Literal["drawn", "hidden", "rotated"]

_WORD = re.compile(r"[^\s\0\uffff]+")
_HYPHEN = "\ufffe"  # how pdfium writes a hyphen at the end of a line, without the line's end
_MOST_CHARACTERS = 100_000  # a page with more is made to break programs
_LEAST_POINTS = 2.0  # of a font's size; nobody can read less
_CONTRAST = 40  # of 255; the least difference between ink and paper
_LIGHT = 170  # of 255; only text that is lighter may be hidden on paper
_TILT = 0.09  # radians, about 5 degrees
_LEAST_TURNED, _MOST_TURNED = 60, 0.8  # letters, and the share of all, that turn a page
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_STROKED = (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP)


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word of the file's text; `font` tells apart the fonts of a page."""

    text: str
    box: Box
    font: int = 0
    kind: Kind = "drawn"


@dataclass(frozen=True)
class OwnText:
    """The words that a file holds for a page, in the file's order; none for an image.

    `turn` is by how many degrees to turn the page clockwise so that they stand upright.
    """

    words: tuple[OwnWord, ...] = ()
    turn: int = 0


NO_TEXT = OwnText()


@dataclass(frozen=True)
class _Style:
    """How the characters of one text object are drawn; `order` is the object's place on the page.

    `shade` is the luminance of the filled letters (0 to 255), None if they are only outlined.
    """

    is_visible: bool
    shade: int | None
    font: int
    order: int | None


def own_text(page: Any, text_page: Any, image: Image.Image) -> OwnText:
    """Return the words of a page of pdfium's; `image` is the page as it was rendered.

    `page` and `text_page` are pdfium's handles, and its lock must be held.
    """
    count = raw.FPDFText_CountChars(text_page)
    if not 0 < count <= _MOST_CHARACTERS:
        return NO_TEXT
    reader = _Words(page, text_page, image.convert("L"))
    words = list(reader.read(_characters(text_page, count)))
    angle = degrees(reader.angle) + 90 * raw.FPDFPage_GetRotation(page)
    return OwnText(tuple(_without_contradictions(words)), _turn(words, angle))


class _Words:
    """Reads the words of one page."""

    def __init__(self, page: Any, text_page: Any, image: Image.Image) -> None:
        self._page = page
        self._text_page = text_page
        self._image = image
        self._styles: dict[int, _Style] = {}
        self._fonts: dict[int, int] = {}
        self._orders, self._covers = objects_of(page)
        self._edges = [c_double() for _ in range(4)]
        self.angle = 0.0  # of most words, clockwise, in radians

    def read(self, text: str) -> Iterator[OwnWord]:
        """Yield the words; a word whose letters are drawn in different ways comes in parts."""
        found = []
        for match in _WORD.finditer(text):
            # Of a word that is divided at the end of a line, the first half is looked at.
            half, *rest = match[0].split(_HYPHEN)
            for start, end, style in self._runs(match.start(), match.start() + len(half)):
                found.append((text[start:end], start, end, style))
            if half and rest:
                word, start, end, style = found.pop()
                found.append((word + "".join(rest), start, end, style))
        angles = [raw.FPDFText_GetCharAngle(self._text_page, start) for _, start, _, _ in found]
        for tilt, _ in Counter(round(angle / _TILT) for angle in angles).most_common(1):
            self.angle = tilt * _TILT
        for (word, start, end, style), angle in zip(found, angles, strict=True):
            points = self._points(start, end)
            box = self._box(points)
            kind: Kind = "drawn"
            if abs(angle - self.angle) > _TILT:
                kind = "rotated"
            elif not self._is_drawn(style, points, box):
                kind = "hidden"
            yield OwnWord(word, box, style.font, kind)

    def _runs(self, start: int, end: int) -> Iterator[tuple[int, int, _Style]]:
        if start == end:
            return
        first, last = self._style(start), self._style(end - 1)
        if first is last:
            yield start, end, first
            return
        styles = ((index, self._style(index)) for index in range(start, end))
        for style, run in groupby(styles, lambda one: one[1]):
            indices = [index for index, _ in run]
            yield indices[0], indices[-1] + 1, style

    def _style(self, index: int) -> _Style:
        handle = raw.FPDFText_GetTextObject(self._text_page, index)
        key = address(handle)
        if key not in self._styles:
            self._styles[key] = self._style_of(handle, key)
        return self._styles[key]

    def _style_of(self, handle: Any, key: int) -> _Style:
        if not key:  # a character that pdfium added
            return _Style(True, None, 0, None)
        mode = raw.FPDFTextObj_GetTextRenderMode(handle)
        red, green, blue, alpha = (c_uint() for _ in range(4))
        raw.FPDFPageObj_GetFillColor(handle, byref(red), byref(green), byref(blue), byref(alpha))
        shade = (299 * red.value + 587 * green.value + 114 * blue.value) // 1000
        font = self._fonts.setdefault(address(raw.FPDFTextObj_GetFont(handle)), len(self._fonts))
        is_outline = mode in _STROKED
        is_visible = mode not in _INVISIBLE and (is_outline or alpha.value >= _CONTRAST)
        return _Style(is_visible, None if is_outline else shade, font, self._orders.get(key))

    def _points(self, start: int, end: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top in the page's coordinates."""
        edges = self._edges
        boxes = []
        for index in {start, end - 1}:
            left, right, bottom, top = edges
            raw.FPDFText_GetCharBox(
                self._text_page, index, byref(left), byref(right), byref(bottom), byref(top)
            )
            boxes.append([edge.value for edge in (left, bottom, right, top)])
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)

    def _box(self, points: tuple[float, float, float, float]) -> Box:
        corners = [self._corner(*points[:2]), self._corner(*points[2:])]
        (left, right), (top, bottom) = (sorted(side) for side in zip(*corners, strict=True))
        return left, top, right, bottom

    def _corner(self, x: float, y: float) -> tuple[int, int]:
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(self._page, 0, 0, 1000, 1000, 0, x, y, byref(across), byref(down))
        return across.value, down.value

    def _is_drawn(self, style: _Style, points: tuple[float, float, float, float], box: Box) -> bool:
        left, bottom, right, top = points
        if not style.is_visible or max(right - left, top - bottom) < _LEAST_POINTS:
            return False
        middle, height = (left + right) / 2, (bottom + top) / 2
        if style.order is not None and any(
            cover.order > style.order
            and cover.left < middle < cover.right
            and cover.bottom < height < cover.top
            for cover in self._covers
        ):
            return False
        return self._has_ink(style, box)

    def _has_ink(self, style: _Style, box: Box) -> bool:
        width, height = self._image.size
        left, right = box[0] * width // 1000, -(-box[2] * width // 1000)
        top, bottom = box[1] * height // 1000, -(-box[3] * height // 1000)
        left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
        if left >= right or top >= bottom:
            return False
        piece = self._image.crop((left, top, right, bottom))
        darkest, lightest = cast(tuple[int, int], piece.getextrema())
        if lightest - darkest < _CONTRAST:
            return False
        if style.shade is None or style.shade < _LIGHT:
            return True
        # Light letters can be seen if the paper, the most frequent shade here, is darker.
        counts = piece.histogram()
        paper = max(range(256), key=counts.__getitem__)
        return abs(paper - style.shade) >= _CONTRAST


def _characters(text_page: Any, count: int) -> str:
    """Return one character for each of pdfium's, so that indices are the same."""
    buffer = (c_ushort * (2 * count + 1))()
    written = raw.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(0, written - 1)].decode("utf-16-le", "replace")
    if len(text) == count:
        return text
    # Rare: characters outside of the basic plane, or without a code.
    codes = [raw.FPDFText_GetUnicode(text_page, index) for index in range(count)]
    text = "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)
    return text.replace("\x02", _HYPHEN)


def _turn(words: list[OwnWord], angle: float) -> int:
    """Return what turns words of that angle upright, 0 if too few of them are drawn."""
    drawn = sum(len(word.text) for word in words if word.kind == "drawn")
    quarters = round(angle / 90)
    is_clear = drawn >= max(_LEAST_TURNED, _MOST_TURNED * sum(len(word.text) for word in words))
    return -90 * quarters % 360 if is_clear and abs(angle - 90 * quarters) < 10 else 0


def _without_contradictions(words: list[OwnWord]) -> Iterator[OwnWord]:
    """Mark drawn words as hidden where another word stands at the same place."""
    places: dict[tuple[int, int], list[OwnWord]] = defaultdict(list)
    for word in words:
        for cell in _cells(word.box):
            places[cell].append(word)
    for word in words:
        others = (other for cell in _cells(word.box) for other in places[cell])
        if word.kind == "drawn" and any(_contradict(word, other) for other in others):
            yield OwnWord(word.text, word.box, word.font, "hidden")
        else:
            yield word


def _cells(box: Box) -> list[tuple[int, int]]:
    """Return the cells of a coarse grid that a word's middle line runs through."""
    row = (box[1] + box[3]) // 2 // 16
    return [
        (column, row) for column in range(box[0] // 64, min(box[2] // 64, box[0] // 64 + 8) + 1)
    ]


def _contradict(one: OwnWord, other: OwnWord) -> bool:
    if one.text == other.text or other.kind != "drawn":
        return False
    if len(one.text) == len(other.text) == 1:  # letters of a logo may overlap, as in LaTeX's
        return False
    width = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    height = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    narrower = min(one.box[2] - one.box[0], other.box[2] - other.box[0])
    lower = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    return 2 * width > narrower > 0 and 2 * height > lower > 0
