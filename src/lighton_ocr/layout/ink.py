"""Find what is printed on a page image: letters and drawings, but neither paper nor rules."""

from PIL import Image, ImageChops, ImageFilter

_EDGE = 1754  # pixels of the longest side that lines are looked for in; 150 dpi on A4
_CONTRAST = 56  # of 255; between ink and paper
_PAPER = 4  # paper is looked up in every fourth pixel …
_PAPER_WINDOW = 9  # … as the median of a square of that many
_RULE = 48  # pixels; straight strokes as long as that are no letters


def page_ink(image: Image.Image) -> Image.Image:
    """Return 255 where a page has letters, or whatever else is no paper and no straight rule."""
    return without_rules(all_ink(image))


def all_ink(image: Image.Image) -> Image.Image:
    """Return 255 where a page is printed."""
    gray = image.convert("L")
    scale = _EDGE / max(gray.size)
    if scale < 1:
        size = round(gray.width * scale), round(gray.height * scale)
        gray = gray.resize(size, Image.Resampling.BOX)
    return _ink(gray)


def _ink(gray: Image.Image) -> Image.Image:
    """Return 255 where a pixel differs from the paper around it, be it darker or lighter."""
    small = gray.resize(
        (max(1, gray.width // _PAPER), max(1, gray.height // _PAPER)), Image.Resampling.NEAREST
    )
    paper = small.filter(ImageFilter.MedianFilter(_PAPER_WINDOW)).resize(gray.size)
    return ImageChops.difference(gray, paper).point(lambda shade: 255 * (shade > _CONTRAST))


def without_rules(ink: Image.Image) -> Image.Image:
    """Return the ink without long straight strokes: rules, frames of tables, edges of boxes."""
    for shape in ((-(-ink.width // _RULE), ink.height), (ink.width, -(-ink.height // _RULE))):
        solid = ink.resize(shape, Image.Resampling.BOX).point(lambda share: 255 * (share > 250))
        ink = ImageChops.subtract(ink, solid.resize(ink.size, Image.Resampling.NEAREST))
    return ink
