"""Find out whether the print on a page is upright, from its image alone.

Lines of print make an image's rows alternate between ink and paper, far more than its columns. In
Latin print, more strokes rise above the lower-case letters than descend below them.
"""

from dataclasses import replace
from itertools import pairwise
from statistics import fmean

from PIL import Image, ImageOps, ImageStat

from lighton_ocr.documents.pages import EncodedPage, decode, encode_again

_EDGE = 1540  # pixels of the longest side; lines are compared at this size
_CONTRAST = 64  # of 255; between ink and paper
_COARSE = 5  # pixels as one, in which the strokes of letters vanish and lines do not
_STRIPS = 6  # across the lines: columns of print, and a page that is slightly tilted
_LINES = 2.0  # times that rows alternate more than columns, or the reverse
_LEAST_INK = 0.02  # share of a row that belongs to a line
_CORE = 0.45  # of a line's fullest row, in the small letters
_HEIGHTS = range(7, 70)  # of a line, in pixels
_LEAST_LINES, _LEAST_STRIPS = 3, 3  # fewer may be the same few words again and again
_LEAD = 0.3  # how many more lines must speak for a direction than against it, as a share
_FEW, _CLEAR_LEAD = 48, 0.65  # of fewer lines, this share
_CLEAR = 1.25  # times as much ink on one side of the small letters as on the other

_TURNS = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns against the clock
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def turn_image(image: Image.Image, degrees: int) -> Image.Image:
    """Return the image turned clockwise by 0, 90, 180 or 270 degrees."""
    return image.transpose(_TURNS[degrees]) if degrees else image


def find_turn(image: Image.Image) -> int:
    """Return by how much to turn a page clockwise so that it stands upright: 0, 90, 180 or 270.

    0 also where that is not clear.
    """
    ink = _ink(image)
    coarse = ink.reduce(_COARSE)
    upright, on_its_side = _alternation(coarse), _alternation(turn_image(coarse, 90))
    if upright > _LINES * on_its_side:
        return 180 if _rising(ink) < 0 else 0
    if on_its_side > _LINES * upright:
        return {1: 90, -1: 270, 0: 0}[_rising(turn_image(ink, 90))]
    return 0


def turn_upright(page: EncodedPage) -> EncodedPage | None:
    """Return the page turned as its print says, None if it stands upright or that is not clear."""
    degrees = find_turn(decode(page))
    return turn_page(page, degrees) if degrees else None


def turn_page(page: EncodedPage, degrees: int) -> EncodedPage:
    """Return the page turned clockwise by so many degrees."""
    image = turn_image(decode(page), degrees)
    return replace(encode_again(page, image, page.area), turned=degrees)


def _ink(image: Image.Image) -> Image.Image:
    """Return ink as white on black, in a size at which lines compare."""
    gray = ImageOps.contain(image.convert("L"), (_EDGE, _EDGE), Image.Resampling.BOX)
    paper = ImageStat.Stat(gray).median[0]
    return gray.point(lambda shade: 255 if abs(shade - paper) > _CONTRAST else 0)


def _profiles(ink: Image.Image) -> list[list[float]]:
    """Return the share of ink in each row, for each strip of the page."""
    width, height = ink.size
    profiles = []
    for strip in range(_STRIPS):
        box = (strip * width // _STRIPS, 0, (strip + 1) * width // _STRIPS, height)
        rows = ink.crop(box).convert("F").resize((1, height), Image.Resampling.BOX)
        profiles.append([share / 255 for share in memoryview(rows.tobytes()).cast("f")])
    return profiles


def _alternation(ink: Image.Image) -> float:
    """Return how much neighbouring rows differ, on average."""
    steps = [(below - above) ** 2 for rows in _profiles(ink) for above, below in pairwise(rows)]
    return sum(steps) / max(1, len(steps))


def _rising(ink: Image.Image) -> int:
    """Return 1 if the lines stand upright, -1 if they stand on their head, 0 if that is unclear."""
    strips = [[vote for line in _lines(rows) if (vote := _vote(line))] for rows in _profiles(ink)]
    speaking = [votes for votes in strips if len(votes) >= _LEAST_LINES]
    if len(speaking) < _LEAST_STRIPS:
        return 0
    lead = fmean(map(fmean, speaking))  # each strip counts alike: a list of numbers may mislead
    if abs(lead) < (_LEAD if sum(map(len, speaking)) >= _FEW else _CLEAR_LEAD):
        return 0
    return 1 if lead > 0 else -1


def _lines(rows: list[float]) -> list[list[float]]:
    lines: list[list[float]] = [[]]
    for share in rows:
        if share > _LEAST_INK:
            lines[-1].append(share)
        elif lines[-1]:
            lines.append([])
    return [line for line in lines if len(line) in _HEIGHTS]


def _vote(line: list[float]) -> int:
    """Return 1 if more ink stands above the small letters of a line than below them, or -1."""
    core = [row for row, share in enumerate(line) if share >= _CORE * max(line)]
    above, below = sum(line[: core[0]]), sum(line[core[-1] + 1 :])
    if max(above, below) <= _CLEAR * min(above, below):
        return 0
    return 1 if above > below else -1
