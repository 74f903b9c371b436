"""How far the lines of a page are from level, as those of many scans are.

The angle is the one at which rows of the page differ most from the rows beside them: lines of text
and the paper between them (projection profiles, Postl, 1986).
"""

from itertools import pairwise
from math import cos, radians, sin

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox, around

_EDGE = 600  # pixels of the longest side that is looked at
_MOST, _STEP, _FINE = 6.0, 0.5, 0.1  # degrees
_BETTER = 1.05  # how much more the rows have to differ than on the page as it is


def skew_of(ink: Image.Image) -> float:
    """Return by how many degrees to turn a page's ink counterclockwise so that lines are level."""
    small = ink.copy()
    small.thumbnail((_EDGE, _EDGE), Image.Resampling.BOX)
    best = 0.0
    for most, step in ((_MOST, _STEP), (_STEP, _FINE)):
        count = round(most / step)
        angles = [best + step * number for number in range(-count, count + 1)]
        best = max(angles, key=lambda angle: _contrast(small, angle))
    return best if _contrast(small, best) > _BETTER * _contrast(small, 0.0) else 0.0


def _contrast(ink: Image.Image, angle: float) -> int:
    turned = ink.rotate(angle, Image.Resampling.BILINEAR) if angle else ink
    rows = turned.resize((1, turned.height), Image.Resampling.BOX).tobytes()
    return sum((one - other) ** 2 for one, other in pairwise(rows))


def turned_back(box: ExactBox, angle: float, size: tuple[int, int]) -> ExactBox:
    """Return the box on the page of a box on its ink, which was turned by an angle.

    `size` is that of the ink in pixels.
    """
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
