"""How far the lines of a page are from level, as those of many scans are.

The angle is the one at which rows of the page differ most from the rows beside them: lines of text
and the paper between them (projection profiles, Postl, 1986).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin, tan

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox, around
from lighton_ocr.layout.ink import Ink, page_ink, shrunk

_COLUMNS, _EDGE = 128, 1000  # pixels: of the width, and of the longest side, that is looked at
_MOST, _STEP, _FINE = 6.0, 0.5, 0.1  # degrees
_BETTER = 1.05  # how much more the rows have to differ than on the page as it is


@dataclass(frozen=True)
class LevelPage:
    """A gray image of a page, which was turned counterclockwise by `skew` degrees."""

    image: Image.Image
    skew: float = 0.0


def level_pages(image: Image.Image) -> Iterator[LevelPage]:
    """Yield a page with its lines level; then, if it was turned for that, the page as it is.

    Drawings with many parallel strokes can look like skewed lines.
    """
    gray = shrunk(image)
    skew = skew_of(page_ink(gray))
    if skew:
        shades = gray.histogram()
        paper = max(range(256), key=shades.__getitem__)
        yield LevelPage(gray.rotate(skew, Image.Resampling.BICUBIC, fillcolor=paper), skew)
    yield LevelPage(gray)


def skew_of(ink: Ink) -> float:
    """Return by how many degrees to turn a page's ink counterclockwise so that lines are level."""
    page = ink.everything
    scale = min(1.0, _EDGE / max(page.size))
    size = min(_COLUMNS, page.width), max(1, round(page.height * scale))
    # Turning by a few degrees levels lines as a shift of each column does, which is much faster.
    small = page.resize(size, Image.Resampling.BOX)
    steepness = (page.width / size[0]) / (page.height / size[1])
    best = 0.0
    for most, step in ((_MOST, _STEP), (_STEP, _FINE)):
        count = round(most / step)
        angles = [best + step * number for number in range(-count, count + 1)]
        best = max(angles, key=lambda angle: _contrast(small, steepness * tan(radians(angle))))
    level = _contrast(small, steepness * tan(radians(best)))
    return best if level > _BETTER * _contrast(small, 0.0) else 0.0


def _contrast(small: Image.Image, slope: float) -> int:
    """Return how much rows differ when columns are shifted by so many pixels each."""
    shift = (1, 0, 0, slope, 1, -slope * small.width / 2)
    shifted = small.transform(small.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
    rows = shifted.resize((1, small.height), Image.Resampling.BOX).tobytes()
    return sum((one - other) ** 2 for one, other in pairwise(rows))


def turned_back(box: ExactBox, angle: float, size: tuple[int, int]) -> ExactBox:
    """Return the box on a page of a box on the page when it was turned by an angle.

    `size` is that of the page in pixels.
    """
    if not angle:
        return box
    across, down = (side / BOX_SIZE for side in size)
    middle_x, middle_y = (side / 2 for side in size)
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    corners = []
    for x, y in ((box[0], box[1]), (box[2], box[1]), (box[0], box[3]), (box[2], box[3])):
        right, below = x * across - middle_x, y * down - middle_y
        left = (middle_x + cosine * right - sine * below) / across
        top = (middle_y + sine * right + cosine * below) / down
        corners.append((left, top, left, top))
    return around(corners)
