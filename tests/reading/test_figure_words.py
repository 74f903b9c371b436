"""Words that are in a figure: the file has them, and no text of the page."""

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.reading.test_found_blocks import HEIGHT, as_pdf, draw, read


@pytest.mark.parametrize("boxes", [True, False])
async def test_words_in_a_figure_are_not_missing(boxes: bool) -> None:
    def labelled(canvas: Canvas, x: float) -> None:
        draw(canvas)
        for number in range(4):
            canvas.drawString(x, HEIGHT - 215 - 18 * number, f"{number}.5 km")

    paints = (lambda canvas: labelled(canvas, 262), lambda canvas: labelled(canvas, 500))
    inside, outside = [await read(as_pdf(paint), boxes=boxes) for paint in paints]
    assert inside.warnings == ()
    assert inside.own_text is not None
    assert inside.own_text.missing == 0
    (warning,) = outside.warnings
    assert "are missing" in warning
    assert bool(inside.blocks) == boxes
