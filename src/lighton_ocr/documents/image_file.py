"""Image files through Pillow."""

import threading
import warnings
from io import BytesIO
from pathlib import Path
from typing import Self

from PIL import Image, ImageOps, UnidentifiedImageError

from lighton_ocr.documents.own_text import NO_TEXT, OwnText
from lighton_ocr.documents.pages import DPI, POINTS_PER_INCH, Geometry, PageImage, page_image
from lighton_ocr.errors import DocumentError, PageError

# The formats that Pillow decodes by itself; others start programs such as Ghostscript.
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000")
# A sheet of A1 at 300 dpi has 70 million pixels; more than 200 million are a mistake or an attack.
MAX_PIXELS = 200_000_000


class ImageFile:
    """An image, or a TIFF of several pages; the frames of other formats are animations."""

    def __init__(self, name: str, image: Image.Image) -> None:
        """Wrap an opened image; pixels are decoded when a page is rendered."""
        self.name = name
        self.page_count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        self._image = image
        self._lock = threading.Lock()

    @classmethod
    def open(cls, name: str, data: Path | bytes) -> Self | None:
        """Open an image file; None if it is no image.

        Raises:
            DocumentError: the image's header is damaged, or the image is far too large.
        """
        try:
            with warnings.catch_warnings():
                # Sizes are bounded below; Pillow's own limit would also warn on large scans.
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                file = BytesIO(data) if isinstance(data, bytes) else data
                return cls(name, Image.open(file, formats=_FORMATS))
        except UnidentifiedImageError:
            return None
        except Image.DecompressionBombError:
            raise DocumentError(_too_large(name)) from None
        except Exception as error:  # Pillow raises anything: TypeError for a TIFF without a size
            raise DocumentError(f"{name} is a damaged image: {error}.") from error

    def render(self, index: int, geometry: Geometry) -> PageImage:
        """Decode one frame: upright, on white, 8-bit colour or gray, in the geometry's size.

        Raises:
            PageError: the frame is damaged or far too large.
        """
        with self._lock:
            try:
                return self._render(index, geometry)
            except PageError:
                raise
            except Exception as fault:
                raise PageError(
                    f"Page {index + 1} of {self.name} is damaged: {fault}. If it was downloaded, "
                    "download it again."
                ) from fault

    def text_layer(self, index: int) -> str:
        """Return no text: an image holds none."""
        return ""

    def own_text(self, page: PageImage) -> OwnText:
        """Return no words: an image holds none."""
        return NO_TEXT

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _render(self, index: int, geometry: Geometry) -> PageImage:
        image = self._image
        if self.page_count > 1:
            image.seek(index)
        if image.width * image.height > MAX_PIXELS:
            raise PageError(_too_large(self.name))
        size_pt = _size_pt(image)
        upright = ImageOps.exif_transpose(image)
        if (upright.width > upright.height) != (image.width > image.height):
            size_pt = size_pt[::-1]
        size = geometry.fit(*upright.size)
        plain = _on_white(upright)
        if plain.size != size:
            plain = plain.resize(size, Image.Resampling.BICUBIC)
        return page_image(index, plain, size_pt)


def _on_white(image: Image.Image) -> Image.Image:
    """Return the image as RGB or L, transparency over white, with 8 bits a channel."""
    if image.mode.startswith(("I", "F")):
        # Scanners store 12 bits in 16, programs store 0 to 1: take the lightest value as white.
        white = float(image.getextrema()[1]) or 1.0  # type: ignore[arg-type]
        image = image.convert("F").point(lambda value: value * (255.0 / white) + 0.0)
        return image.convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _size_pt(image: Image.Image) -> tuple[float, float]:
    stated = image.info.get("dpi", (DPI, DPI))
    dpi = [float(value) if 30 < float(value) < 5000 else float(DPI) for value in stated]
    return image.width * POINTS_PER_INCH / dpi[0], image.height * POINTS_PER_INCH / dpi[1]


def _too_large(name: str) -> str:
    return (
        f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels, more than any scan needs. "
        "Make it smaller and try again."
    )
