"""Image files through Pillow."""

import threading
import warnings
from collections.abc import Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Self

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from lighton_ocr.documents.eight_bit import on_paper
from lighton_ocr.documents.image_repair import end_jpeg, is_a_png, without_metadata
from lighton_ocr.documents.own_text import NO_TEXT, OwnText
from lighton_ocr.documents.pages import DPI, POINTS_PER_INCH, Geometry, PageImage, page_image
from lighton_ocr.documents.pnm import find_pictures
from lighton_ocr.documents.tiff import find_pages, open_frame
from lighton_ocr.errors import DocumentError, PageError

# The formats that Pillow decodes by itself; others start programs such as Ghostscript.
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "AVIF", "PPM")
# A sheet of A1 at 300 dpi has 70 million pixels; more than 178 million are a mistake or an attack.
# Pillow itself refuses what is slightly larger.
MAX_PIXELS = 178_000_000
_LEAST_DPI, _MOST_DPI = 30, 5000  # what a file states beyond is a mistake
_MOST_FRAMES = 50  # of an animation in which nothing is seen
_MOST_OBLONG = 4.0  # width by height of a pixel, or height by width; fax has 2 and 4
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112
_ADVICE = "Open it with another program and save it again."
_WARNINGS = threading.Lock()  # Python's filters belong to the whole process


class ImageFile:
    """An image, or a TIFF or PNM of several pages; frames of other formats are animations."""

    def __init__(
        self,
        name: str,
        data: Path | bytes,
        frames: Sequence[int] | None,
        pictures: Sequence[int] = (),
    ) -> None:
        """Note where the file's pages are.

        `frames` are those of a TIFF, as `find_pages` says, and `pictures` those of a PNM.
        """
        self.name = name
        self.page_count = len(frames or pictures) or 1
        self._data = data
        self._frames = frames
        self._pictures = pictures

    @classmethod
    def open(cls, name: str, data: Path | bytes) -> Self | None:
        """Open an image file; None if it is no image.

        Raises:
            DocumentError: the image's header is damaged, or the image is far too large.
        """
        with _stream(data) as file:
            frames = find_pages(file)
            pictures = find_pictures(file)
        document = cls(name, data, frames, pictures)
        if document.page_count > 1:
            return document  # each page says what is wrong with it
        try:
            document._decode(0).close()
        except UnidentifiedImageError:
            if frames is None:
                return None
            raise DocumentError(f"{name} is a TIFF that cannot be decoded. {_ADVICE}") from None
        except Image.DecompressionBombError:
            raise DocumentError(_too_large(name)) from None
        except Exception as error:  # Pillow raises anything: TypeError for a TIFF without a size
            raise DocumentError(f"{name} is a damaged image: {error}. {_ADVICE}") from error
        return document

    def render(self, index: int, geometry: Geometry) -> PageImage:
        """Decode one frame: upright, on paper, 8-bit colour or gray, in the geometry's size.

        Of an animation, the first frame that shows something is taken.

        Raises:
            PageError: the frame is damaged or far too large.
        """
        try:
            return self._render(index, geometry)
        except PageError:
            raise
        except UnidentifiedImageError:
            raise PageError(
                f"Page {index + 1} of {self.name} is of a kind that cannot be decoded."
            ) from None
        except Image.DecompressionBombError:
            raise PageError(_too_large(self.name)) from None
        except Exception as error:
            raise PageError(
                f"Page {index + 1} of {self.name} is damaged: {error}. If it was downloaded, "
                "download it again."
            ) from error

    def text_layer(self, index: int) -> str:
        """Return no text: an image holds none."""
        return ""

    def own_text(self, page: PageImage) -> OwnText:
        """Return no words: an image holds none."""
        return NO_TEXT

    def close(self) -> None:
        """Do nothing: the file is open only while it is read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _render(self, index: int, geometry: Geometry) -> PageImage:
        with self._decode(index) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PageError(_too_large(self.name))
            try:
                image.load()
            except OSError:
                if image.format not in ("JPEG", "MPO"):
                    raise
            else:
                return _page(index, image, geometry)
        with self._decode(index, ended=True) as image:
            warning = f"Page {index + 1}: the end of the image is missing; the rest was read."
            return _page(index, image, geometry, (warning,))

    def _decode(self, index: int, *, ended: bool = False) -> Image.Image:
        """Open a frame; with `ended`, a JPEG whose end is missing."""
        if self._frames:
            file = open_frame(self._data, self._frames[index])
            return _open(file, ("TIFF",))
        if self.page_count > 1:
            return _open(self._picture(index), ("PPM",))
        with _stream(self._data) as stream:
            head = stream.read(8)
            if is_a_png(head):
                return _open(BytesIO(without_metadata(head + stream.read())))
            if ended:
                return _open(BytesIO(end_jpeg(head + stream.read())))
        return _open(BytesIO(self._data) if isinstance(self._data, bytes) else self._data)

    def _picture(self, index: int) -> BinaryIO:
        """Return a picture of a PNM as a file of its own."""
        start, *following = self._pictures[index : index + 2]
        with _stream(self._data) as file:
            file.seek(start)
            return BytesIO(file.read(following[0] - start if following else -1))


def _open(file: Path | BinaryIO, formats: tuple[str, ...] = _FORMATS) -> Image.Image:
    with _WARNINGS, warnings.catch_warnings():
        # Sizes are bounded by us; Pillow's own limit would also warn on large scans.
        warnings.simplefilter("ignore")
        return Image.open(file, formats=formats)


def _stream(data: Path | bytes) -> BinaryIO:
    return BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def _page(
    index: int, image: Image.Image, geometry: Geometry, warnings: tuple[str, ...] = ()
) -> PageImage:
    is_animation = image.format != "TIFF" and getattr(image, "is_animated", False)
    frames = islice(ImageSequence.Iterator(image), _MOST_FRAMES) if is_animation else (image,)
    first = None
    for frame in frames:
        page = _frame_page(index, frame, geometry, warnings)
        if not page.is_blank:
            return page
        first = first or page
    assert first is not None  # noqa: S101
    return first


def _frame_page(
    index: int, image: Image.Image, geometry: Geometry, warnings: tuple[str, ...]
) -> PageImage:
    across, down = _dpi(image)
    if image.getexif().get(_ORIENTATION) in _TURNED:
        across, down = down, across
    upright = ImageOps.exif_transpose(image)
    size_pt = upright.width * POINTS_PER_INCH / across, upright.height * POINTS_PER_INCH / down
    finest = max(across, down)
    size = geometry.fit(upright.width * finest / across, upright.height * finest / down)
    plain = on_paper(upright, getattr(image, "tag_v2", {}))
    if plain.size != size:
        plain = plain.resize(size, Image.Resampling.BICUBIC)
    return page_image(index, plain, size_pt, warnings)


def _dpi(image: Image.Image) -> tuple[float, float]:
    """Return the resolution (across, down); a file may give only the shape of its pixels."""
    stated = [float(value) for value in image.info.get("dpi", ())]
    if len(stated) == 2 and all(_LEAST_DPI < value < _MOST_DPI for value in stated):
        across, down = stated
    else:
        ratio = image.info.get("aspect") or image.info.get("resolution")
        if ratio is None and image.info.get("jfif_unit") == 0:
            ratio = image.info.get("jfif_density")
        across, down = (float(value) for value in ratio or (1, 1))
        if not (across > 0 and down > 0):
            return DPI, DPI
        across, down = DPI * across / max(across, down), DPI * down / max(across, down)
    if not 1 / _MOST_OBLONG <= across / down <= _MOST_OBLONG:
        return DPI, DPI
    return across, down


def _too_large(name: str) -> str:
    return (
        f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels, more than any scan needs. "
        "Make it smaller and try again."
    )
