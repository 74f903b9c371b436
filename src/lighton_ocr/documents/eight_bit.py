"""Convert images of any kind to 8-bit gray or RGB, on a white background."""

import math
from collections.abc import Mapping
from typing import Any, cast

from PIL import Image, ImageMath, ImageStat

_UNSIGNED = 2.0**32
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_SAMPLE_FORMAT, _UNSIGNED_INTEGERS = 339, (1,)
_OPAQUE = 128  # of 255
_LIGHT, _DARK = 200, 100  # of 255
_FEW = 0.02  # of the visible pixels


def on_paper(image: Image.Image, tags: Mapping[int, Any]) -> Image.Image:
    """Return the image as RGB or L with 8 bits a channel, transparent areas over paper.

    The paper is white; under light letters it is dark. `tags` are those of its frame in a TIFF,
    else none.
    """
    if image.mode.startswith(("I", "F")):
        return _deep(image, tags)
    if image.has_transparency_data:
        return _opaque(image.convert("RGBA"))
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _deep(image: Image.Image, tags: Mapping[int, Any]) -> Image.Image:
    """Return an image of more than 8 bits as L.

    Scanners store 12 bits in 16, programs store 0 to 1: the lightest value becomes white.

    Raises:
        ValueError: some pixels are infinite, or no numbers.
    """
    values = image.convert("F")
    if image.mode == "I" and tags and tags.get(_SAMPLE_FORMAT, (1,)) == _UNSIGNED_INTEGERS:
        # Pillow takes the upper half of 32 bits for negative numbers.
        values = cast(
            Image.Image,
            ImageMath.lambda_eval(lambda e: e["v"] + (e["v"] < 0) * _UNSIGNED, v=values),
        )
    low, high = cast(tuple[float, float], values.getextrema())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("some of its pixels are not numbers")
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        scale = 255.0 / (high - low or 1.0)
        values = values.point(lambda value: value * -scale + high * scale)
    else:
        scale = 255.0 / (high or 1.0)
        values = values.point(lambda value: value * scale + 0.0)
    return values.convert("L")


def _opaque(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    if alpha.getextrema() == (0, 0) and ImageStat.Stat(image).stddev[:3] != [0, 0, 0]:
        return image.convert("RGB")  # no page is wholly transparent: the channel is a mistake
    paper = Image.new("RGBA", image.size, _paper(image.convert("L"), alpha))
    return Image.alpha_composite(paper, image).convert("RGB")


def _paper(gray: Image.Image, alpha: Image.Image) -> str:
    """Return the paper on which what is visible can be seen: dark, or gray for light and dark."""
    opaque = alpha.point(lambda value: value >= _OPAQUE, "1")
    shades = gray.histogram(opaque)
    visible = sum(shades)
    if visible == 0 or visible > gray.width * gray.height / 2:  # it brings its own paper
        return "white"
    light, dark = sum(shades[_LIGHT:]) / visible, sum(shades[:_DARK]) / visible
    if light <= _FEW:
        return "white"
    return "black" if dark <= _FEW else "gray"
