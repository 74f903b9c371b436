"""Rules on a page: no letters, but a part of tables and code."""

import pytest
from PIL import Image, ImageDraw

from lighton_ocr.documents.boxes import ExactBox
from lighton_ocr.layout.frames import with_frame
from lighton_ocr.layout.ink import page_ink
from lighton_ocr.layout.ink_view import InkPart

SIZE = 1000, 1000
WORDS = (300.0, 400.0, 500.0, 500.0)
RULES = [(250, 392, 620, 392), (250, 450, 620, 450), (250, 508, 620, 508)]


def page(rules: list[tuple[int, int, int, int]], width: int = 2) -> Image.Image:
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    for rule in rules:
        draw.line(rule, fill=0, width=width)
    return image


def framed(image: Image.Image) -> ExactBox:
    return with_frame(WORDS, [InkPart(page_ink(image), (0, 0, 1, 1))])


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("length", [70, 130, 619])
def test_a_rule_is_no_letter_to_its_very_end(length: int, upright: bool) -> None:
    start = 301
    rule = (start, 500, start + length, 500)
    image = page([rule[1::-1] + rule[:1:-1] if upright else rule])
    assert page_ink(image).everything.getbbox()
    assert page_ink(image).letters.getbbox() is None


def test_a_table_reaches_to_its_rules() -> None:
    assert framed(page(RULES)) == pytest.approx((250, 391, 621, 509), abs=2)


def test_rules_far_away_and_in_the_next_column_are_others() -> None:
    others = [(250, 350, 620, 350), (250, 560, 620, 560), (700, 450, 900, 450)]
    assert framed(page(others)) == WORDS
    assert framed(page([*RULES, *others])) == pytest.approx((250, 391, 621, 509), abs=2)
