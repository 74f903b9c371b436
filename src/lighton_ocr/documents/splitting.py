"""Split pages between lines: strips into pieces, doubtful ones into halves.

The cut lies in a gap between lines, as in the recursive X-Y cut (Nagy and Seth, 1984), but always
runs across the whole page: rows of a table stay whole, and the lines of two columns may come out
of order.
"""

from dataclasses import replace
from itertools import pairwise

from PIL import Image, ImageChops, ImageStat

from lighton_ocr.documents.pages import (
    A4,
    Area,
    EncodedPage,
    Geometry,
    PageImage,
    decode,
    encode_again,
    is_one_shade,
)

_CONTRAST = 48  # of 255; the least difference between neighbouring pixels of ink and paper
_RULES = 6  # changes of shade in a row of pixels that crosses vertical rules alone
_LEAST = 112  # pixels; a smaller half is not worth a cut
_EDGE = 0.15  # of the printed height; no cut lies nearer to its top or bottom
_MARGIN = 28  # pixels of paper above a half
_HIGHEST = 1.5  # height by width of a piece


def halves(page: EncodedPage) -> list[EncodedPage]:
    """Return the page's upper and lower half, each on paper of the page's size; none without a gap.

    Type keeps its size, as models know it from whole pages. An empty half is left out.
    """
    image = decode(page)
    gap = _gap(_changes(image))
    if gap is None:
        return []
    width, height = image.size
    # Where each half begins, and where it is put on the paper.
    halved = (((0, 0, width, gap), 0), ((0, gap, width, height), _MARGIN))
    parts = [
        (_on_paper(image, box, top), _moved_down(page.area, (box[1] - top) / height))
        for box, top in halved
    ]
    return [encode_again(page, part, area) for part, area in parts if not is_one_shade(part)]


def pieces(page: PageImage, geometry: Geometry) -> list[PageImage]:
    """Split a strip into pieces, shaped about like A4 or square, in the geometry's size.

    A tall strip is split from top to bottom between lines, a wide one from left to right between
    columns or words. Halves are halved again, so that each cut finds a gap. Empty pieces are left
    out.
    """
    image = page.image
    if image.width > image.height:
        parts = [(_mirrored(part), left, 0) for part, left in _halved(_mirrored(image), rules=0)]
    else:
        parts = [(part, 0, top) for part, top in _halved(image)]
    cut = [_as_page(page, part, left, top, geometry) for part, left, top in parts]
    return [piece for piece in cut if not piece.is_blank]


def _mirrored(image: Image.Image) -> Image.Image:
    """Return the image with columns as rows."""
    return image.transpose(Image.Transpose.TRANSPOSE)


def _halved(
    image: Image.Image, rules: int = _RULES, above: int = 0
) -> list[tuple[Image.Image, int]]:
    """Crop to what is printed, with some margin, and cut it into pieces that are not too high.

    Each comes with the pixels above it; `above` is how many there are above the image.
    """
    changes, width = _changes(image), image.width
    printed = [row for row, count in enumerate(changes) if count] or [0, image.height]
    top, bottom = max(0, printed[0] - _MARGIN), min(image.height, printed[-1] + _MARGIN)
    if bottom - top <= _HIGHEST * width:
        return [(image.crop((0, top, width, bottom)), above + top)]
    middle = top + (_gap(changes[top:bottom], rules) or (bottom - top) // 2)
    upper, lower = (0, top, width, middle), (0, middle, width, bottom)
    return [
        *_halved(image.crop(upper), rules, above + top),
        *_halved(image.crop(lower), rules, above + middle),
    ]


def _as_page(
    page: PageImage, piece: Image.Image, left: int, top: int, geometry: Geometry
) -> PageImage:
    height = max(piece.height, round(A4 * piece.width))
    paper = Image.new(piece.mode, (piece.width, height), _shade(piece))
    paper.paste(piece)
    sized = paper.resize(geometry.fit(*paper.size), Image.Resampling.BICUBIC)
    width, height = page.image.size
    right, bottom = left + paper.width, top + paper.height
    area = (left / width, top / height, right / width, bottom / height)
    return replace(page, image=sized, area=area)


def _moved_down(area: Area, share: float) -> Area:
    """Return an area moved down by that share of its height."""
    left, top, right, bottom = area
    distance = share * (bottom - top)
    return left, top + distance, right, bottom + distance


def _changes(image: Image.Image) -> list[float]:
    """Return how often the shade changes in each row of pixels."""
    gray = image.convert("L")
    shifted = ImageChops.offset(gray, 1, 0)
    steps = ImageChops.difference(gray, shifted).point(lambda step: step >= _CONTRAST, "1")
    rows = steps.convert("F").resize((1, gray.height), Image.Resampling.BOX)
    return [share / 255 * gray.width for share in memoryview(rows.tobytes()).cast("f")]


def _gap(changes: list[float], rules: int = _RULES) -> int | None:
    """Return the middle of a wide gap between lines that lies near the middle of the page.

    A row with no more changes than `rules` is no line of print.
    """
    printed = [row for row, count in enumerate(changes) if count > rules]
    if not printed or printed[-1] - printed[0] < 2 * _LEAST:
        return None
    top, length = printed[0], printed[-1] - printed[0]
    best, gap = 0.0, None
    for above, below in pairwise(printed):
        middle = (above + below) / 2
        place = (middle - top) / length
        worth = (below - above - 1) * (1 - abs(2 * place - 1))
        if worth > best and _EDGE < place < 1 - _EDGE:
            best, gap = worth, round(middle)
    return gap


def _on_paper(image: Image.Image, box: tuple[int, int, int, int], top: int) -> Image.Image:
    """Return what is in the box, with `top` pixels above it, on an otherwise empty page."""
    paper = Image.new(image.mode, image.size, _shade(image))
    paper.paste(image.crop(box), (0, top))
    return paper


def _shade(image: Image.Image) -> tuple[int, ...]:
    """Return the shade of the paper."""
    return tuple(ImageStat.Stat(image).median)
