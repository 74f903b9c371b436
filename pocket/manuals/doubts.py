"""What makes a page's pictures or its text beside them unsure, so that the page is refused."""

import itertools
import re
from collections.abc import Sequence

from pocket.manuals.graphics import THIN, Box
from pocket.manuals.lines import Letter, Line
from pocket.manuals.pictures import Look

# In a picture: letters that a program or a paragraph has and a diagram does not.
_LETTERS, _LONG, _CODE = 400, 22, 20
# Of a table: the gap between two columns in type sizes, its height at most and that of its first
# line, which stands between the first two of three rules, in points.
_GAP, _TALL, _HEAD = 1.2, 500, 22
# So many short rules are blanks, or underlines in the columns of an index.
_SHORT, _BLANKS = 40, 40
# Letters that are narrower on the mean cannot be read.
_TINY = 2
_CAPTION = re.compile(r"(Fig|Abb|Tab|Image|Plate|Bild|Listing|Example|Photo|\([a-z]\))", re.I)
_TABLE = re.compile(r"Tab(le|elle|leau|ella|la|ela)?\.? ?[\d.]*\d[.:] ")
_FIGURE = re.compile(r"(Fig(ure|ura)?|Abb(ildung)?)\.? ?[\d.]*\d[.:] ")


def is_unclear(look: Look, lines: list[Line], inner: list[Line]) -> bool:
    """Whether text outside of the pictures may be a table, a label, a list with icons for its
    bullets, or hidden; or what is written in them (`inner`) may be more than labels."""
    captions = sum(bool(_FIGURE.match(line.text)) for line in lines)
    pairs = zip([None, *lines], lines, strict=False)
    loose = [line for before, line in pairs if not before or not _is_below(before, line)]
    return (
        any(_is_illegible(look, line) for line in lines)
        or captions > len(look.pictures)
        or any(_TABLE.match(line.text) for line in lines)
        or any(_is_wordy(picture, inner) for picture in look.pictures)
        or any(_is_bullet(icon, line) for icon in look.icons for line in lines)
        or any(_is_label(picture, line) for picture in look.drawn for line in loose)
        or any(_is_shared(*pair, lines) for pair in itertools.combinations(look.pictures, 2))
        or _is_tabular(look, lines)
    )


def _is_illegible(look: Look, line: Line) -> bool:
    """Whether some of it lies beside the page or behind a clip, or it is far too small."""
    sheet = look.sheet
    width = sum(letter.right - letter.left for letter in line.inked)
    return (
        not sheet.left <= line.left <= line.right <= sheet.right
        or not sheet.bottom < line.middle < sheet.top
        or any(letter.piece not in look.outside for letter in line.inked)
        or (len(line.inked) > 9 and width < _TINY * len(line.inked))
        or any(itertools.starmap(_is_glued, itertools.pairwise(line.inked)))
    )


def _is_glued(letter: Letter, following: Letter) -> bool:
    """Whether a name in the margin runs into the small number of a line of code."""
    small = following.text.isdigit() and following.size < 0.85 * letter.size
    return small and letter.mono > following.mono and abs(letter.base - following.base) < 1


def _is_wordy(picture: Box, inner: list[Line]) -> bool:
    own = [line for line in inner if _within(line, picture)]
    letters = [len(line.inked) for line in own]
    code = sum(letter.mono for line in own for letter in line.inked)
    return sum(letters) > _LETTERS or code > _CODE or sum(n >= _LONG for n in letters) > 2


def _within(line: Line, box: Box) -> bool:
    return box.bottom < line.middle < box.top and box.left < line.inked[0].right < box.right


def _is_shared(one: Box, other: Box, lines: list[Line]) -> bool:
    """Whether a line below two pictures side by side is a caption of each."""
    if one.bottom > other.top or other.bottom > one.top:
        return False
    low = min(one.bottom, other.bottom)
    return any(
        low - 40 < line.base < low
        and line.left < min(one.right, other.right)
        and line.right > max(one.left, other.left)
        and line.widest_gap() > _GAP
        for line in lines
    )


def _is_tabular(look: Look, lines: list[Line]) -> bool:
    """Whether rules and boxes are those of a table, or stand for blanks."""
    blanks = sum(rule.height < THIN and rule.width < _SHORT for rule in look.rules)
    drawn = (*look.frames, *look.rules)
    return (
        blanks > _BLANKS
        or any(_parts_a_line(box, line) for box in drawn for line in lines)
        or any(_is_celled(drawn, line) for line in lines)
        or any(_are_cells(*pair, lines) for pair in itertools.combinations(look.frames, 2))
        or _is_ruled_table(look.rules, lines)
    )


def _parts_a_line(box: Box, line: Line) -> bool:
    """Whether an upright side of the box stands between two words of the line, as in tables."""
    if box.height < 2.2 * line.size or not box.bottom < line.middle < box.top:
        return False
    return any(line.left + 1 < side < line.right - 1 for side in (box.left, box.right))


def _is_celled(drawn: Sequence[Box], line: Line) -> bool:
    """Whether the line is in a row of cells: three upright rules or boxes that touch."""
    level = [box for box in drawn if box.bottom < line.middle < box.top]
    upright = sorted(box.left for box in level if box.width < THIN)
    columns = 1 + sum(b - a > 10 for a, b in itertools.pairwise(upright))
    boxes = sorted((box for box in level if box.width >= THIN), key=lambda box: box.left)
    touching = any(-1 < b.left - a.right < 2 for a, b in itertools.pairwise(boxes))
    return columns > 2 or touching


def _are_cells(one: Box, other: Box, lines: list[Line]) -> bool:
    """Whether two frames of a few lines stand side by side with words in them."""
    low, high = max(one.bottom, other.bottom), min(one.top, other.top)
    apart = one.right <= other.left + 1 or other.right <= one.left + 1
    if not apart or high - low < 0.5 * max(one.height, other.height):
        return False
    rows = {round(line.base) for line in lines if low < line.middle < high}
    return len(rows) > 1


def _is_bullet(icon: Box, line: Line) -> bool:
    level = icon.bottom < line.middle < icon.top and icon.height < 1.3 * line.size
    return level and 0 <= line.left - icon.right + 1 < 3 * line.size


def _is_below(line: Line, following: Line) -> bool:
    """Whether the second line goes on with the first one's paragraph."""
    down = line.base - following.base
    return abs(line.left - following.left) < 1 and 0 < down < 1.6 * line.size


def _is_label(picture: Box, line: Line) -> bool:
    """Whether a short line at the picture's upper or lower edge may be written in it."""
    across = line.left < picture.right and picture.left < line.right
    below = 0 <= picture.bottom - line.base < 2.2 * line.size
    above = 0 <= line.base - picture.top < 1.4 * line.size
    short = line.right - line.left < 0.8 * picture.width
    return across and (below or above) and short and not _CAPTION.match(line.text)


def _is_ruled_table(rules: Sequence[Box], lines: list[Line]) -> bool:
    """Whether lines with gaps stand between two rules of one length."""
    flat = sorted((rule for rule in rules if rule.width > 40), key=lambda rule: -rule.top)
    for number, upper in enumerate(flat):
        alike = (
            rule
            for rule in flat[number + 1 :]
            if abs(rule.left - upper.left) < 3 and abs(rule.right - upper.right) < 3
        )
        lower = next(alike, None)
        if lower is None or upper.top - lower.top > _TALL:
            continue
        between = [line for line in lines if lower.top < line.middle < upper.top]
        gaps = [line for line in between if line.share("mono") < 0.8 and line.widest_gap() > _GAP]
        headed = upper.top - lower.top < _HEAD and next(alike, None) and between
        if headed or len(gaps) > (len(between) > 2):
            return True
    return False
