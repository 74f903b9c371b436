"""Pages cut between lines: strips, which are too tall for one picture, and pages on which a model
loses its way.

The cut lies in white, as in the recursive X-Y cut (Nagy and Seth, 1984), but only ever across the
page: so rows of a table stay whole, and lines of two columns that loop may come out of order.
"""

import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageChops, ImageStat

from lighton_ocr._text import close_code_fence
from lighton_ocr.documents.pages import A4, EncodedPage, Encoding, Geometry, PageImage, encode

_CONTRAST = 48  # of 255; between neighbouring pixels, that ink and paper differ by at least
_RULES = 6  # changes of shade along a row that has no more in it than upright rules
_LEAST = 112  # pixels; a part with less in it is read as it is
_EDGE = 0.15  # of what is printed; no cut lies nearer to its top or foot
_MARGIN = 28  # pixels of paper above a part
_HIGHEST = 1.5  # height by width of a strip's piece
_UNFINISHED = re.compile(r"(?m)^(?![#|<`]).*[\w,;]\s*\Z")  # running text without a full stop
_GOES_ON = re.compile(r"\s*[^\W\d_A-ZÀ-Þ]")


def halves(page: EncodedPage) -> list[EncodedPage]:
    """The page's upper and lower part, each on paper of the page's size; empty if it has no seam.

    Type keeps its size, as models know it from whole pages. A part with nothing on it is left out.
    """
    with Image.open(BytesIO(page.data)) as file:
        image = file.convert("RGB" if file.mode == "RGB" else "L")
    seam = _seam(_changes(image))
    if seam is None:
        return []
    width, height = image.size
    boxes = ((0, 0, width, seam), (0, seam, width, height))
    parts = [
        PageImage(page.index, _on_paper(image, box), image.size, 0, page.draft) for box in boxes
    ]
    encoding: Encoding = "png" if page.media_type == "image/png" else "jpeg"
    return [encode(part, encoding) for part in parts if not part.is_blank]


def pieces(strip: PageImage, geometry: Geometry) -> list[PageImage]:
    """A tall page as several, from top to foot, each about as high as A4, in the geometry's size.

    Halves are halved again, so that each cut may look for white. Empty pieces are left out.
    """
    cut = [_as_page(strip, piece, geometry) for piece in _halved(strip.image)]
    return [piece for piece in cut if not piece.is_blank]


def _halved(strip: Image.Image) -> list[Image.Image]:
    """What is printed, with a little paper above and below it, in pieces that are not too high."""
    changes, width = _changes(strip), strip.width
    printed = [row for row, count in enumerate(changes) if count] or [0, strip.height]
    top, foot = max(0, printed[0] - _MARGIN), min(strip.height, printed[-1] + _MARGIN)
    if foot - top <= _HIGHEST * width:
        return [strip.crop((0, top, width, foot))]
    middle = top + (_seam(changes[top:foot]) or (foot - top) // 2)
    upper, lower = (0, top, width, middle), (0, middle, width, foot)
    return _halved(strip.crop(upper)) + _halved(strip.crop(lower))


def _as_page(strip: PageImage, piece: Image.Image, geometry: Geometry) -> PageImage:
    height = max(piece.height, round(A4 * piece.width))
    paper = Image.new(piece.mode, (piece.width, height), _shade(piece))
    paper.paste(piece)
    sized = paper.resize(geometry.fit(*paper.size), Image.Resampling.BICUBIC)
    return replace(strip, image=sized)


def join(upper: str, lower: str) -> str:
    """Two parts' texts as one; a paragraph that the cut went through is whole again."""
    if not upper.strip() or not lower.strip():
        return upper.strip() or lower.strip()
    upper = close_code_fence(upper)
    cut = _UNFINISHED.search(upper) and _GOES_ON.match(lower)
    return upper.rstrip() + (" " if cut else "\n\n") + lower.lstrip()


def _changes(image: Image.Image) -> list[float]:
    """For each row of pixels, how often its shade changes."""
    gray = image.convert("L")
    shifted = ImageChops.offset(gray, 1, 0)
    steps = ImageChops.difference(gray, shifted).point(lambda step: step >= _CONTRAST, "1")
    rows = steps.convert("F").resize((1, gray.height), Image.Resampling.BOX)
    return [share / 255 * gray.width for share in memoryview(rows.tobytes()).cast("f")]


def _seam(changes: list[float]) -> int | None:
    """The middle of a wide stretch without type that lies near the middle of what is printed."""
    printed = [row for row, count in enumerate(changes) if count > _RULES]
    if not printed or printed[-1] - printed[0] < 2 * _LEAST:
        return None
    top, length = printed[0], printed[-1] - printed[0]
    best, seam = 0.0, None
    for above, below in pairwise(printed):
        middle = (above + below) / 2
        place = (middle - top) / length
        worth = (below - above - 1) * (1 - abs(2 * place - 1))
        if worth > best and _EDGE < place < 1 - _EDGE:
            best, seam = worth, round(middle)
    return seam


def _on_paper(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """What is in the box, at the top of an otherwise empty page."""
    paper = Image.new(image.mode, image.size, _shade(image))
    top = 0 if box[1] == 0 else _MARGIN
    paper.paste(image.crop(box), (0, top))
    return paper


def _shade(image: Image.Image) -> tuple[int, ...]:
    """The paper's."""
    return tuple(ImageStat.Stat(image).median)
