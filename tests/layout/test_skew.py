"""How far a page is from level, and where its words are then."""

import math

import pytest
from PIL import Image, ImageDraw

from lighton_ocr.formats.pdf.ocr_engine import PrintedText, place_text
from lighton_ocr.layout.ink import page_ink
from lighton_ocr.layout.skew import skew_of
from tests.layout.test_placing import LEFT, RIGHT, lines_of
from tests.support.drawn_pages import LICENSE_LINES, columns_page

TEXT = " ".join([*LEFT, *RIGHT])


def page() -> Image.Image:
    return columns_page(lines_of(LEFT), lines_of(RIGHT)).convert("L")


def turned(image: Image.Image, angle: float) -> Image.Image:
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("angle", [-5.0, -3.0, -0.7, 0.0, 0.5, 2.0, 5.8])
def test_the_skew_of_two_columns_is_found_to_a_fifth_of_a_degree(angle: float) -> None:
    assert skew_of(page_ink(turned(page(), -angle))) == pytest.approx(angle, abs=0.2)


def test_columns_whose_lines_are_not_in_step_have_one_skew() -> None:
    image = Image.new("L", (1240, 1754), 255)
    left, right = (columns_page(lines_of(words)).convert("L") for words in (LEFT, RIGHT))
    image.paste(left.crop((0, 0, 600, 1700)), (0, 0))
    image.paste(right.crop((0, 0, 600, 1700)), (620, 16))
    assert skew_of(page_ink(turned(image, -3))) == pytest.approx(3, abs=0.5)


def test_words_above_sloped_strokes_stay_where_they_are() -> None:
    """A drawing whose strokes look like the lines of a skewed page."""
    image = columns_page(LICENSE_LINES[:20]).convert("L")
    draw = ImageDraw.Draw(image)
    for start in range(1200, 1500, 20):
        draw.line((120, start, 1100, start + 980 * math.tan(math.radians(3))), fill=0, width=3)
    assert skew_of(page_ink(image))  # misled
    placed = place_text(PrintedText("\n".join(LICENSE_LINES[:20])), image)
    assert placed.is_placed
    assert placed.skew == 0


def test_a_frame_around_skewed_text_is_no_word() -> None:
    image = page()
    ImageDraw.Draw(image).rectangle((60, 60, image.width - 60, image.height - 300), outline=0)
    level = place_text(PrintedText(TEXT), image)
    skewed = place_text(PrintedText(TEXT), turned(image, 2))
    assert skewed.skew == pytest.approx(-2, abs=0.2)
    for one, other in zip(level.lines, skewed.lines, strict=True):
        assert one.text == other.text
        assert all(abs(a - b) < 6 for a, b in zip(one.box, other.box, strict=True))


@pytest.mark.parametrize("size", [(1, 20000), (20000, 3)])
def test_a_page_may_be_a_stroke(size: tuple[int, int]) -> None:
    assert skew_of(page_ink(Image.new("L", size, 255))) == 0
