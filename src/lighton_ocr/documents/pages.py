"""Page images: what size a model wants, and how they travel.

Every engine resizes what it is sent. Pages are therefore made in exactly the size that each resize
leaves alone: sides that are multiples of the model's grid, the longest at most its edge.
"""

import math
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Literal, cast

from PIL import Image, ImageChops

from lighton_ocr.endpoint import Endpoint

DPI = 200  # a ceiling: a page longer than edge / 200 inches is bounded by the edge instead
POINTS_PER_INCH = 72
A4 = math.sqrt(2)  # height by width
_TALL = 2.0  # height by width
_LEAST_DPI = 110  # print is seldom legible with fewer
_LONGEST = 40.0  # height by width; what is longer was made to break something
_SAME_SHADE = 6  # of 255; compression of an empty page leaves less
_GRAYS = [shade for shade in range(256) for _ in range(3)]

Encoding = Literal["png", "jpeg"]


@dataclass(frozen=True)
class Geometry:
    """How large page images are made.

    `edge` bounds the longest side and `grid` divides both sides, in pixels. With `enlarge`, the
    longest side is brought to the edge exactly: llama.cpp enlarges small pictures by itself and
    pads them, so it has to be sent pages that are as large already.
    """

    edge: int
    grid: int
    enlarge: bool = False

    @classmethod
    def of(cls, endpoint: Endpoint) -> "Geometry":
        """The page size that neither the endpoint nor its model will change."""
        return cls(endpoint.model.edge, endpoint.model.grid, endpoint.enlarges)

    def fit(self, width: float, height: float) -> tuple[int, int]:
        """Pixels (width, height) for a picture of that many pixels.

        Sides are rounded up to the grid as the Pixtral processor in transformers does
        (`get_resize_output_image_size`), so its token count is also ours.
        """
        longest = max(width, height)
        scale = self.edge / longest if self.enlarge or longest > self.edge else 1.0
        return self._snap(width * scale), self._snap(height * scale)

    def for_strip(self, width: float, height: float) -> "Geometry":
        """That of a strip of this shape which is as wide as a page of A4 in this geometry."""
        longer = min(height / width, _LONGEST) / A4
        return replace(self, edge=math.ceil(self.edge * longer / self.grid) * self.grid)

    def fit_points(self, width: float, height: float) -> tuple[int, int]:
        """Pixels (width, height) for a page of that many PDF points."""
        return self.fit(width * DPI / POINTS_PER_INCH, height * DPI / POINTS_PER_INCH)

    def _snap(self, side: float) -> int:
        # Less than a hundredth of a pixel over a multiple is a rounding error, not another column.
        cells = max(1, math.ceil(side / self.grid - 0.01 / self.grid))
        return min(cells * self.grid, self.edge)


@dataclass(frozen=True)
class PageImage:
    """One page as the model will see it.

    `index` counts from 0 in its document; `image` is RGB or gray (L) on white; `size_pt` is the
    page's own size in points and `dpi` the resolution the image has of it. `draft` is what its file
    says is on it (drafts.py).
    """

    index: int
    image: Image.Image
    size_pt: tuple[float, float]
    dpi: float
    draft: str = ""

    @property
    def is_tall(self) -> bool:
        """Whether it is a strip, as screenshots are, that came out too small to be read."""
        width, height = self.size_pt
        return height > _TALL * width and self.dpi < _LEAST_DPI

    @property
    def is_blank(self) -> bool:
        """Whether nothing is on it: one shade all over. Models invent text on such pages."""
        darkest, lightest = cast(tuple[int, int], self.image.convert("L").getextrema())
        return lightest - darkest <= _SAME_SHADE


@dataclass(frozen=True)
class EncodedPage:
    """A page image as bytes, `media_type` as in a data URL, `size` in pixels (width, height).

    Of a tall page it is a piece, and `below` is the one that comes next. `draft` is the image's.
    """

    index: int
    data: bytes
    media_type: str
    size: tuple[int, int]
    draft: str = ""
    below: "EncodedPage | None" = None


def page_image(index: int, image: Image.Image, size_pt: tuple[float, float]) -> PageImage:
    """Take a picture of a page: L, RGB or RGBX.

    Gray is kept as one channel, which halves the work downstream.
    """
    dpi = max(image.size) / max(size_pt) * POINTS_PER_INCH
    return PageImage(index, _gray(image), size_pt, dpi)


def encode(page: PageImage, encoding: Encoding = "png") -> EncodedPage:
    """PNG (lossless, fast compression) or JPEG (quality 95, full colour resolution)."""
    buffer = BytesIO()
    if encoding == "png":
        _for_png(page.image).save(buffer, "PNG", compress_level=2)
    else:
        page.image.save(buffer, "JPEG", quality=95, subsampling=0)
    size = page.image.size
    return EncodedPage(page.index, buffer.getvalue(), f"image/{encoding}", size, page.draft)


def _for_png(image: Image.Image) -> Image.Image:
    """Gray as a palette of grays: the same pixels, but Pillow tries no filters on palettes.

    Trying them takes half of the time of writing a page, and makes it larger.
    """
    if image.mode != "L":
        return image
    palette = Image.frombytes("P", image.size, image.tobytes())
    palette.putpalette(_GRAYS)
    return palette


def _gray(image: Image.Image) -> Image.Image:
    if image.mode == "L":
        return image
    red, green, blue = (image.getchannel(band) for band in "RGB")
    same = all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
    return red if same else image.convert("RGB")
