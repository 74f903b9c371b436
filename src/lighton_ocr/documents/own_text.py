"""The text that a PDF itself holds for a page, word by word, and whether it is really drawn.

A file's text may differ from what its page shows: scans carry an older OCR's text invisibly, and
text may be white, covered or outside the page. Such words are marked as hidden.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from ctypes import c_double, c_uint, c_ushort
from dataclasses import dataclass
from itertools import accumulate, groupby
from math import degrees
from typing import Any, Literal

from PIL import Image
from pypdfium2 import raw

from lighton_ocr.documents.boxes import Box
from lighton_ocr.documents.covers import address, objects_of
from lighton_ocr.documents.page_places import PagePlaces
from lighton_ocr.documents.word_ink import CONTRAST, WordInk

# drawn: it can be seen; hidden: it cannot, or it contradicts another word at the same place;
# rotated: it runs in another direction than most of the page, as watermarks do.
Kind = Literal["drawn", "hidden", "rotated"]

_WORD = re.compile(r"[^\s\0\uffff]+")
_HYPHEN = "\ufffe"  # how pdfium writes a hyphen at the end of a line, without the line's end
_MOST_CHARACTERS = 100_000  # a page with more is made to break programs
_LEAST_POINTS = 2.0  # of a font's size; nobody can read less
_TILT = 0.09  # radians, about 5 degrees
_ROW, _WIDEST = 16, 576  # of a page's 1000; where two words may contradict each other
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

    `turn` is by how many degrees to turn the page clockwise so that they stand upright. Most of the
    words are `on_pictures` if the page is a scan: then they may be those of an older OCR, even if
    they seem to be drawn.
    """

    words: tuple[OwnWord, ...] = ()
    turn: int = 0
    on_pictures: bool = False


NO_TEXT = OwnText()


@dataclass(frozen=True)
class _Style:
    """How the characters of one text object are drawn; `order` is the object's place on the page.

    `shade` is the luminance of the filled letters (0 to 255), None if they are only outlined.
    `angle` is clockwise, in radians.
    """

    is_visible: bool
    shade: int | None
    font: int
    order: int | None
    angle: float


def own_text(page: Any, text_page: Any, image: Image.Image) -> OwnText:
    """Return the words of a page of pdfium's; `image` is the page as it was rendered.

    `page` and `text_page` are pdfium's handles, and its lock must be held.
    """
    count = raw.FPDFText_CountChars(text_page)
    if not 0 < count <= _MOST_CHARACTERS:
        return NO_TEXT
    reader = _Words(page, text_page, image)
    words = list(reader.read(_characters(text_page, count)))
    angle = degrees(reader.angle) + 90 * raw.FPDFPage_GetRotation(page)
    on_pictures = 2 * reader.on_pictures > len(words)
    return OwnText(tuple(_without_contradictions(words)), _turn(words, angle), on_pictures)


class _Words:
    """Reads the words of one page."""

    def __init__(self, page: Any, text_page: Any, image: Image.Image) -> None:
        self._text_page = text_page
        self._places = PagePlaces(page)
        self._ink = WordInk(image)
        self._styles: dict[int, _Style] = {}
        self._fonts: dict[int, int] = {}
        self._objects = objects_of(page)
        # Left, right, bottom and top of the first character, then of the last one. Handing pdfium
        # the numbers themselves takes half the time that references to them take.
        self._edges = (c_double * 8)()
        edges = [c_double.from_buffer(self._edges, 8 * place) for place in range(8)]
        self._first, self._last = edges[:4], edges[4:]
        self._color = [c_uint() for _ in range(4)]
        self.angle = 0.0  # of most words, clockwise, in radians
        self.on_pictures = 0  # how many words are

    def read(self, text: str) -> Iterator[OwnWord]:
        """Yield the words; a word whose letters are drawn in different ways comes in parts."""
        found = list(self._find(text))
        angles = Counter(round(style.angle / _TILT) for _, _, _, style in found)
        for tilt, _ in angles.most_common(1):
            self.angle = tilt * _TILT
        for word, first, last, style in found:
            points = self._points(first, last)
            box = self._places.box(*points)
            self.on_pictures += self._is_on_picture(points)
            kind: Kind = "drawn"
            if abs(style.angle - self.angle) > _TILT:
                kind = "rotated"
            elif not self._is_drawn(style, points, box):
                kind = "hidden"
            yield OwnWord(word, box, style.font, kind)

    def _find(self, text: str) -> Iterator[tuple[str, int, int, _Style]]:
        """Yield words, the indices of their first and last characters, and how they are drawn."""
        for match in _WORD.finditer(text):
            # Of a word that is divided at the end of a line, the first half is looked at.
            word, hyphen, rest = match[0].partition(_HYPHEN)
            if not word:
                continue
            first, last = match.start(), match.start() + len(word) - 1
            style = self._style(first)
            if first != last and style is not self._style(last):
                *parts, (first, last, style) = self._runs(first, last)
                yield from ((text[start : end + 1], start, end, one) for start, end, one in parts)
                word = text[first : last + 1]
            yield word + rest.replace(_HYPHEN, "") if hyphen else word, first, last, style

    def _runs(self, first: int, last: int) -> Iterator[tuple[int, int, _Style]]:
        styles = ((index, self._style(index)) for index in range(first, last + 1))
        for style, run in groupby(styles, lambda one: one[1]):
            indices = [index for index, _ in run]
            yield indices[0], indices[-1], style

    def _style(self, index: int) -> _Style:
        handle = raw.FPDFText_GetTextObject(self._text_page, index)
        key = address(handle)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._style_of(handle, key, index)
        return style

    def _style_of(self, handle: Any, key: int, index: int) -> _Style:
        angle = raw.FPDFText_GetCharAngle(self._text_page, index)
        if not key:  # a character that pdfium added
            return _Style(True, None, 0, None, angle)
        mode = raw.FPDFTextObj_GetTextRenderMode(handle)
        raw.FPDFPageObj_GetFillColor(handle, *self._color)
        red, green, blue, alpha = (one.value for one in self._color)
        shade = (299 * red + 587 * green + 114 * blue) // 1000
        font = self._fonts.setdefault(address(raw.FPDFTextObj_GetFont(handle)), len(self._fonts))
        is_outline = mode in _STROKED
        is_visible = mode not in _INVISIBLE and (is_outline or alpha >= CONTRAST)
        order = self._objects.orders.get(key)
        return _Style(is_visible, None if is_outline else shade, font, order, angle)

    def _points(self, first: int, last: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top in the page's coordinates."""
        raw.FPDFText_GetCharBox(self._text_page, first, *self._first)
        if first == last:
            left, right, bottom, top = self._edges[:4]
            return left, bottom, right, top
        raw.FPDFText_GetCharBox(self._text_page, last, *self._last)
        left, right, bottom, top, last_left, last_right, last_bottom, last_top = self._edges[:]
        return (
            min(left, last_left),
            min(bottom, last_bottom),
            max(right, last_right),
            max(top, last_top),
        )

    def _is_on_picture(self, points: tuple[float, float, float, float]) -> bool:
        left, bottom, right, top = points
        x, y = (left + right) / 2, (bottom + top) / 2
        return any(picture.contains(x, y) for picture in self._objects.pictures)

    def _is_drawn(self, style: _Style, points: tuple[float, float, float, float], box: Box) -> bool:
        left, bottom, right, top = points
        if not style.is_visible or max(right - left, top - bottom) < _LEAST_POINTS:
            return False
        if style.order is not None and any(
            cover.order > style.order and cover.contains((left + right) / 2, (bottom + top) / 2)
            for cover in self._objects.covers
        ):
            return False
        return self._ink.is_seen(box, style.shade)


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


def _without_contradictions(words: list[OwnWord]) -> list[OwnWord]:
    """Mark drawn words as hidden where another word stands at the same place."""
    rows: dict[int, list[int]] = defaultdict(list)  # places in `words`, by the middle lines
    for place, word in enumerate(words):
        if word.kind == "drawn":
            rows[(word.box[1] + word.box[3]) // 2 // _ROW].append(place)
    kept = list(words)
    for places in rows.values():
        places.sort(key=lambda place: words[place].box[0])
        for index in _contradicted([words[place] for place in places]):
            word = words[places[index]]
            kept[places[index]] = OwnWord(word.text, word.box, word.font, "hidden")
    return kept


def _contradicted(row: list[OwnWord]) -> Iterator[int]:
    """Yield the indices of words that others contradict; the left edges are in order."""
    starts = [word.box[0] for word in row]
    # Of a word that is wider than that, such as a row of dots, the first part is looked at.
    ends = [min(word.box[2], word.box[0] // 64 * 64 + _WIDEST) for word in row]
    reach = list(accumulate(ends, max))  # of each word and those before it
    for index, word in enumerate(row):
        start = starts[index]
        # No others share a column with this word.
        first = bisect_right(reach, start, hi=index)
        last = bisect_left(starts, ends[index], lo=index + 1)
        if last - first > 1 and any(
            ends[other] > start and _contradict(word, row[other]) for other in range(first, last)
        ):
            yield index


def _contradict(one: OwnWord, other: OwnWord) -> bool:
    if one.text == other.text:
        return False
    if len(one.text) == len(other.text) == 1:  # letters of a logo may overlap, as in LaTeX's
        return False
    width = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    height = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    narrower = min(one.box[2] - one.box[0], other.box[2] - other.box[0])
    lower = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    return 2 * width > narrower > 0 and 2 * height > lower > 0
