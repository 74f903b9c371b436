"""Find what is printed on a page image: letters and drawings on one hand, rules on the other."""

from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageChops, ImageFilter

_EDGE = 1754  # pixels of the longest side that lines are looked for in; 150 dpi on A4
_CONTRAST = 56  # of 255; between ink and paper
_PAPER = 4  # paper is looked up in every fourth pixel …
_PAPER_WINDOW = 9  # … as the median of a square of that many
_RULE = 64  # pixels, a power of two; straight strokes as long as that are no letters


@dataclass(frozen=True)
class Ink:
    """What is printed on a page, as images of one size with 255 where something is."""

    everything: Image.Image

    @cached_property
    def letters(self) -> Image.Image:
        """Letters, and whatever else is no rule."""
        return _without_rules(self.everything)

    @cached_property
    def rules(self) -> Image.Image:
        """Long straight strokes: rules, frames of tables, edges of boxes."""
        return ImageChops.subtract(self.everything, self.letters)


def page_ink(image: Image.Image) -> Ink:
    """Return what is printed on a page, as small as is enough to find its lines."""
    return Ink(_ink(shrunk(image)))


def shrunk(image: Image.Image) -> Image.Image:
    """Return a page in gray, as small as is enough to find its lines."""
    gray = image.convert("L")
    scale = _EDGE / max(gray.size)
    if scale >= 1:
        return gray
    size = max(1, round(gray.width * scale)), max(1, round(gray.height * scale))
    return gray.resize(size, Image.Resampling.BOX)


def _ink(gray: Image.Image) -> Image.Image:
    """Return 255 where a pixel differs from the paper around it, be it darker or lighter."""
    small = gray.resize(
        (max(1, gray.width // _PAPER), max(1, gray.height // _PAPER)), Image.Resampling.NEAREST
    )
    paper = small.filter(ImageFilter.MedianFilter(_PAPER_WINDOW)).resize(gray.size)
    return ImageChops.difference(gray, paper).point(lambda shade: 255 * (shade > _CONTRAST))


def _without_rules(ink: Image.Image) -> Image.Image:
    for across, down in ((1, 0), (0, 1)):
        # A rule of a scan is ragged: its pixels may be one beside where they should be.
        thick = _lighter(_lighter(ink, down, across), -down, -across)
        ink = ImageChops.subtract(ink, _strokes(thick, across, down))
    return ink


def _strokes(ink: Image.Image, across: int, down: int) -> Image.Image:
    """Return what is at least `_RULE` pixels long in one direction (opening by a line)."""
    shifts = [2**n for n in range(_RULE.bit_length() - 1)]
    for shift in shifts:
        ink = ImageChops.darker(ink, ImageChops.offset(ink, shift * across, shift * down))
    for shift in shifts:
        ink = _lighter(ink, -shift * across, -shift * down)
    return ink


def _lighter(ink: Image.Image, across: int, down: int) -> Image.Image:
    """Return the ink, and the same shifted by so many pixels."""
    return ImageChops.lighter(ink, ImageChops.offset(ink, across, down))
