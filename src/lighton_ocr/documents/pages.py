"""Page images: the size that a model wants, and how they are encoded.

Every engine resizes the images that it gets, unless they already have a suitable size. So pages are
rendered at such a size: both sides are multiples of the model's grid, and the longest side is at
most its edge.
"""

import math
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Literal, cast

from PIL import Image, ImageChops

from lighton_ocr.documents.own_text import NO_TEXT, OwnText
from lighton_ocr.endpoint import Endpoint

DPI = 200  # a ceiling: a page longer than edge / 200 inches is bounded by the edge instead
POINTS_PER_INCH = 72
A4 = math.sqrt(2)  # height by width
_STRIP = 2.0  # longer by shorter side
_LEAST_DPI = 110  # print is seldom legible at less
_LONGEST = 40.0  # longer by shorter side; longer pages are made to break programs
_INK_CONTRAST = 64  # of 255; between ink and paper
_SAME_SHADE = 6  # of 255; compression of an empty page leaves less
_GRAY_PALETTE = [shade for shade in range(256) for _ in range(3)]

Encoding = Literal["png", "jpeg"]
Area = tuple[float, float, float, float]  # left, top, right, bottom, 0 to 1 of the page
WHOLE: Area = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Geometry:
    """The size of page images.

    `edge` bounds the longest side and `grid` divides both sides, in pixels. With `enlarge`, the
    longest side becomes exactly the edge: llama.cpp enlarges and pads smaller images by itself.
    """

    edge: int
    grid: int
    enlarge: bool = False

    @classmethod
    def of(cls, endpoint: Endpoint) -> "Geometry":
        """Return the page size that neither the endpoint nor its model resizes."""
        return cls(endpoint.model.edge, endpoint.model.grid, endpoint.enlarges_images)

    def fit(self, width: float, height: float) -> tuple[int, int]:
        """Return the pixels (width, height) for an image of that many pixels.

        Sides are rounded up to the grid as the Pixtral processor in transformers does
        (`get_resize_output_image_size`), so its token count is also ours.
        """
        longest = max(width, height)
        scale = self.edge / longest if self.enlarge or longest > self.edge else 1.0
        return self._snap(width * scale), self._snap(height * scale)

    def for_strip(self, width: float, height: float) -> "Geometry":
        """Return the geometry of a strip whose shorter side becomes as long as A4's in this one."""
        shorter, longest = sorted((width, height))
        longer = min(longest / shorter, _LONGEST) / A4
        return replace(self, edge=math.ceil(self.edge * longer / self.grid) * self.grid)

    def fit_points(self, width: float, height: float) -> tuple[int, int]:
        """Return the pixels (width, height) for a page of that many PDF points."""
        return self.fit(width * DPI / POINTS_PER_INCH, height * DPI / POINTS_PER_INCH)

    def _snap(self, side: float) -> int:
        # Less than a hundredth of a pixel over a multiple is a rounding error, not another column.
        cells = max(1, math.ceil(side / self.grid - 0.01 / self.grid))
        return min(cells * self.grid, self.edge)


@dataclass(frozen=True)
class PageImage:
    """One page as the model will see it.

    `index` counts from 0 in its document; `image` is RGB or gray (L) on white; `size_pt` is the
    page's own size in points and `dpi` the resolution of the image. `draft` is the text that the
    file itself holds for the page (drafts.py). `warnings` are sentences for the page's result.
    `area` is the part of the page that the image shows; it may be larger than the page.
    """

    index: int
    image: Image.Image
    size_pt: tuple[float, float]
    dpi: float
    draft: str = ""
    warnings: tuple[str, ...] = ()
    area: Area = WHOLE

    @property
    def is_strip(self) -> bool:
        """Whether it is so tall or wide that its print is too small to read.

        Long screenshots are tall, timelines and drawings of machines are wide.
        """
        shorter, longer = sorted(self.size_pt)
        return longer > _STRIP * shorter and self.dpi < _LEAST_DPI

    @property
    def is_blank(self) -> bool:
        """Whether the page is empty, one shade all over. Models invent text on such pages."""
        return is_one_shade(self.image)


@dataclass(frozen=True)
class EncodedPage:
    """A page image as bytes; a tall or wide page has several, one for each piece.

    `media_type` is as in a data URL, `size` in pixels (width, height), `draft` and `area` as in
    `PageImage`. `ink` is the share of pixels that clearly differ from the paper. `turned` is by how
    many degrees the page was turned clockwise.
    """

    index: int
    data: bytes
    media_type: str
    size: tuple[int, int]
    draft: str = ""
    ink: float = 0.0
    area: Area = WHOLE
    turned: int = 0


@dataclass(frozen=True)
class PreparedPage:
    """A page of a document, ready to be sent: its pieces in reading order, usually one.

    No pieces: the page is blank, or `error` says why it cannot be rendered. `own_text` is the text
    that the file itself holds for the page. `warnings` are sentences for the page's result.
    `size_pt` is the page's size in points, `size` that of its image in pixels (width, height); they
    are None if there is an error.
    """

    index: int
    pieces: tuple[EncodedPage, ...] = ()
    error: str | None = None
    own_text: OwnText = NO_TEXT
    warnings: tuple[str, ...] = ()
    size_pt: tuple[float, float] | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class PageOptions:
    """How an endpoint's pages are made.

    `with_draft` adds the text that the file holds for the model, `with_own_text` word by word for
    checking what the model read.
    """

    geometry: Geometry
    encoding: Encoding = "png"
    with_draft: bool = False
    with_own_text: bool = False

    @classmethod
    def of(
        cls, endpoint: Endpoint, encoding: Encoding = "png", with_own_text: bool = False
    ) -> "PageOptions":
        """Return the options for an endpoint: drafts go to vLLM alone."""
        return cls(Geometry.of(endpoint), encoding, endpoint.is_vllm, with_own_text)

    @property
    def uses_text(self) -> bool:
        """Whether the file's own text is wanted, besides the image."""
        return self.with_draft or self.with_own_text


def is_one_shade(image: Image.Image) -> bool:
    """Return whether an image is the same shade all over, but for what compression leaves."""
    middle = (0, image.height * 7 // 16, image.width, image.height * 9 // 16 + 1)
    return all(  # the middle of a page tells it, nearly always
        _range(part.convert("L")) <= _SAME_SHADE for part in (image.crop(middle), image)
    )


def _range(gray: Image.Image) -> int:
    darkest, lightest = cast(tuple[int, int], gray.getextrema())
    return lightest - darkest


def page_image(
    index: int,
    image: Image.Image,
    size_pt: tuple[float, float],
    warnings: tuple[str, ...] = (),
) -> PageImage:
    """Make a `PageImage` of an L, RGB or RGBX image.

    A gray image is kept as one channel, which halves the work that follows.
    """
    dpi = max(image.size) / max(size_pt) * POINTS_PER_INCH
    return PageImage(index, _gray(image), size_pt, dpi, warnings=warnings)


def encode(page: PageImage, encoding: Encoding = "png") -> EncodedPage:
    """Encode a page as PNG (lossless, fast compression) or JPEG (quality 95, 4:4:4)."""
    buffer = BytesIO()
    if encoding == "png":
        _for_png(page.image).save(buffer, "PNG", compress_level=2)
    else:
        page.image.save(buffer, "JPEG", quality=95, subsampling=0)
    return EncodedPage(
        index=page.index,
        data=buffer.getvalue(),
        media_type=f"image/{encoding}",
        size=page.image.size,
        draft=page.draft,
        ink=_ink(page.image),
        area=page.area,
    )


def decode(page: EncodedPage) -> Image.Image:
    """Return the image of an encoded page, gray (L) or RGB."""
    with Image.open(BytesIO(page.data)) as file:
        return file.convert("RGB" if file.mode == "RGB" else "L")


def encode_again(page: EncodedPage, image: Image.Image, area: Area) -> EncodedPage:
    """Return an encoded page with another image, in the same format; `area` is what it shows."""
    encoding: Encoding = "png" if page.media_type == "image/png" else "jpeg"
    again = PageImage(page.index, image, image.size, 0, page.draft, area=area)
    return replace(encode(again, encoding), turned=page.turned)


def _ink(image: Image.Image) -> float:
    shades = (image if image.mode == "L" else image.convert("L")).histogram()
    half, paper = sum(shades) / 2, 0
    while half > shades[paper]:  # the median shade
        half -= shades[paper]
        paper += 1
    near = range(max(0, paper - _INK_CONTRAST), min(256, paper + _INK_CONTRAST + 1))
    return 1 - sum(shades[shade] for shade in near) / sum(shades)


def _for_png(image: Image.Image) -> Image.Image:
    """Turn gray into a palette of grays: the same pixels, but Pillow skips PNG's filters for it.

    Choosing filters takes half of the time of encoding a page, and makes it larger.
    """
    if image.mode != "L":
        return image
    palette = Image.frombytes("P", image.size, image.tobytes())
    palette.putpalette(_GRAY_PALETTE)
    return palette


def _gray(image: Image.Image) -> Image.Image:
    if image.mode == "L":
        return image
    red, green, blue = (image.getchannel(band) for band in "RGB")
    same = all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
    return red if same else image.convert("RGB")
