"""Which words of a PDF's own text are hidden, and which stand on pictures."""

from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.support.drawn_words import DRAWN, of_kind, own_text


def invisible(canvas: Canvas) -> None:
    text = canvas.beginText(30, 200)
    text.setTextRenderMode(3)
    text.textLine("977.15")
    canvas.drawText(text)


def white(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    canvas.drawString(30, 200, "977.15")


def white_under_black(canvas: Canvas) -> None:
    white(canvas)
    canvas.setFillGray(0)
    canvas.line(30, 203, 60, 203)


def transparent(canvas: Canvas) -> None:
    canvas.setFillAlpha(0)
    canvas.drawString(30, 200, "977.15")


def covered_by_paper(canvas: Canvas) -> None:
    canvas.drawString(30, 200, "977.15")
    canvas.setFillGray(1)
    canvas.rect(20, 190, 100, 30, stroke=0, fill=1)


def covered_by_an_image(canvas: Canvas) -> None:
    canvas.drawString(30, 200, "977.15")
    draw_noise(canvas)


def draw_noise(canvas: Canvas) -> None:
    noise = Image.effect_noise((100, 30), 80)
    canvas.drawImage(ImageReader(noise), 20, 190, 100, 30)


def in_a_form(draw: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    """The same in a form XObject within another, each with a scale and an origin of its own."""

    def place(canvas: Canvas) -> None:
        canvas.beginForm("inner")
        canvas.scale(0.25, 0.5)
        draw(canvas)
        canvas.endForm()
        canvas.beginForm("outer")
        canvas.translate(20, 10)
        canvas.scale(4, 1)
        canvas.doForm("inner")
        canvas.endForm()
        canvas.translate(-20, -20)
        canvas.scale(1, 2)
        canvas.doForm("outer")

    return place


def covered_by_an_image_in_a_form(canvas: Canvas) -> None:
    canvas.drawString(30, 200, "977.15")
    in_a_form(draw_noise)(canvas)


def in_a_form_under_an_image(canvas: Canvas) -> None:
    canvas.saveState()
    in_a_form(lambda form: form.drawString(30, 200, "977.15"))(canvas)
    canvas.restoreState()
    draw_noise(canvas)


def outside_of_the_page(canvas: Canvas) -> None:
    canvas.drawString(30, -20, "977.15")


def far_too_small(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 0.4)
    canvas.drawString(30, 200, "977.15")


@pytest.mark.parametrize(
    "draw",
    [
        invisible,
        white,
        white_under_black,
        transparent,
        covered_by_paper,
        covered_by_an_image,
        pytest.param(in_a_form(covered_by_an_image), id="both_in_a_form"),
        covered_by_an_image_in_a_form,
        in_a_form_under_an_image,
        outside_of_the_page,
        far_too_small,
    ],
)
def test_words_that_cannot_be_seen_are_hidden(draw: Callable[[Canvas], None]) -> None:
    text = own_text(draw)
    assert of_kind(text, "drawn") == DRAWN
    assert of_kind(text, "hidden") in ("977.15", "")  # pdfium itself leaves some out


def test_words_under_a_watermark_or_on_a_picture_are_drawn() -> None:
    def watermark(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "Total 577.15")
        canvas.setFillAlpha(0.2)
        draw_noise(canvas)

    def watermark_in_a_form(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "Total 577.15")
        canvas.setFillAlpha(0.2)
        in_a_form(draw_noise)(canvas)

    def picture(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("L", (9, 9), 200)), 20, 190, 100, 30)
        canvas.drawString(30, 200, "Total 577.15")

    for draw in (watermark, watermark_in_a_form, picture, in_a_form(picture)):
        assert of_kind(own_text(draw), "drawn") == f"{DRAWN} Total 577.15"


@pytest.mark.parametrize("is_transparent", [False, True])
@pytest.mark.parametrize("is_in_a_form", [False, True])
def test_a_scans_words_stand_on_its_picture(is_transparent: bool, is_in_a_form: bool) -> None:
    def scan(canvas: Canvas) -> None:
        if is_transparent:
            canvas.setFillAlpha(0.5)
        canvas.drawImage(ImageReader(Image.effect_noise((300, 400), 80)), 0, 0, 300, 400)
        canvas.setFillAlpha(1)

    assert own_text(in_a_form(scan) if is_in_a_form else scan).on_pictures
    assert not own_text(draw_noise).on_pictures  # it is elsewhere on the page
