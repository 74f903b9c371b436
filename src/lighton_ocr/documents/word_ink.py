"""Whether something can be seen at a place of a page's image."""

import re
from typing import cast

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, Box

CONTRAST = 40  # of 255; the least difference between ink and paper
_LIGHT = 170  # of 255; only text that is lighter may be hidden on paper
_WHITE = 255
_INK_ON_WHITE = re.compile(rb"[\x00-\x%02x]" % (_WHITE - CONTRAST))


class WordInk:
    """Looks for the ink of words on the image of their page."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image if image.mode == "L" else image.convert("L")
        self._shades = self._image.tobytes()

    def is_seen(self, box: Box, shade: int | None) -> bool:
        """Whether there is contrast within a box.

        `shade` is the luminance of the word's letters, None if they are only outlined. Light
        letters need paper that is darker.
        """
        width, height = self._image.size
        left, right = max(0, box[0] * width // BOX_SIZE), min(width, -(-box[2] * width // BOX_SIZE))
        top = max(0, box[1] * height // BOX_SIZE)
        bottom = min(height, -(-box[3] * height // BOX_SIZE))
        if left >= right or top >= bottom:
            return False
        is_dark = shade is None or shade < _LIGHT
        # The row through the middle of dark letters on white tells it, nearly always.
        row = (top + bottom) // 2 * width
        if (
            is_dark
            and self._shades.find(_WHITE, row + left, row + right) >= 0
            and _INK_ON_WHITE.search(self._shades, row + left, row + right)
        ):
            return True
        piece = self._image.crop((left, top, right, bottom))
        darkest, lightest = cast(tuple[int, int], piece.getextrema())
        if lightest - darkest < CONTRAST or is_dark:
            return lightest - darkest >= CONTRAST
        counts = piece.histogram()
        paper = max(range(256), key=counts.__getitem__)  # the most frequent shade
        return abs(paper - cast(int, shade)) >= CONTRAST
