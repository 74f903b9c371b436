"""A PDF's own words: where they are, and which of them can be seen."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import DocumentFile, Source, open_document
from lighton_ocr.documents.own_text import OwnText, OwnWord
from lighton_ocr.documents.prepare import prepare
from lighton_ocr.documents.render_pool import RenderPool
from tests.support.drawn_pages import AMPLIFIED, LICENSE_LINES, printed
from tests.support.drawn_words import DRAWN, OPTIONS, nothing, of_kind, own_text


def aside(degrees: int, lines: int = 3) -> Callable[[Canvas], None]:
    """Lines that are turned against the clock."""

    def draw(canvas: Canvas) -> None:
        canvas.translate(150, 150)
        canvas.rotate(degrees)
        for line in range(lines * 5):
            canvas.drawString(-100, 12 * line - 60, "Nothing in the attic had moved.")

    return draw


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 270])
def test_most_of_the_text_tells_how_to_turn_the_page(degrees: int, rotation: int) -> None:
    assert own_text(aside(degrees), rotation).turn == (degrees - rotation) % 360


def test_little_or_hidden_text_turns_no_page() -> None:
    def hidden(canvas: Canvas) -> None:
        canvas.setFillGray(1)
        aside(90)(canvas)

    assert own_text(aside(90, lines=0)).turn == 0
    assert own_text(hidden).turn == 0
    assert own_text(aside(30)).turn == 0


def test_letters_of_a_logo_may_overlap() -> None:
    def latex(canvas: Canvas) -> None:
        for letter, x, y, size in (
            ("L", 30, 200, 12),
            ("A", 32.5, 202, 9),
            ("T", 37, 200, 12),
            ("E", 42, 197, 12),
            ("X", 48, 200, 12),
        ):
            canvas.setFont("Times-Roman", size)
            canvas.drawString(x, y, letter)

    letters = "".join(word.text for word in own_text(latex).words if word.kind == "drawn")
    assert letters.endswith("LATEX")


def test_light_words_on_a_dark_ground_are_drawn() -> None:
    def heading(canvas: Canvas) -> None:
        canvas.rect(20, 190, 100, 30, stroke=0, fill=1)
        canvas.setFillGray(1)
        canvas.drawString(30, 200, "Total 577.15")

    assert of_kind(own_text(heading), "drawn") == f"{DRAWN} Total 577.15"


def test_two_words_at_one_place_are_both_hidden() -> None:
    def twice(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "577.15")
        canvas.drawString(30, 200, "977.15")

    text = own_text(twice)
    assert of_kind(text, "drawn") == DRAWN
    assert "15" in of_kind(text, "hidden")


def test_words_within_a_longer_word_hide_it_and_leave_its_neighbours() -> None:
    def within(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "Stationery-for-the-office and paper")
        canvas.drawString(50, 200, "577.15")
        canvas.drawString(110, 200, "977.15")

    text = own_text(within)
    assert of_kind(text, "drawn") == f"{DRAWN} and paper"


def test_a_word_printed_twice_to_look_bold_is_drawn() -> None:
    def bold(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "Total")
        canvas.drawString(30.3, 200, "Total")

    assert "hidden" not in {word.kind for word in own_text(bold).words}


def test_a_watermark_is_rotated() -> None:
    def watermark(canvas: Canvas) -> None:
        canvas.translate(60, 60)
        canvas.rotate(45)
        canvas.drawString(0, 0, "SPECIMEN")

    text = own_text(watermark)
    assert (of_kind(text, "drawn"), of_kind(text, "rotated")) == (DRAWN, "SPECIMEN")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_where_the_ink_is(rotation: int) -> None:
    text = own_text(nothing, rotation)
    assert of_kind(text, "drawn") == DRAWN
    first, last = text.words[0].box, text.words[-1].box
    # The sentence begins at a tenth of the width and a quarter of the height.
    places = {0: (100, 250), 90: (750, 100), 180: (900, 750), 270: (250, 900)}
    across, down = places[rotation]
    assert min(abs(first[0] - across), abs(first[2] - across)) < 30
    assert min(abs(first[1] - down), abs(first[3] - down)) < 30
    assert first != last


def test_a_word_divided_at_the_end_of_a_line_is_one() -> None:
    def divided(canvas: Canvas) -> None:
        canvas.drawString(30, 200, "This is inter-")
        canvas.drawString(30, 188, "national law")

    assert of_kind(own_text(divided), "drawn") == f"{DRAWN} This is international law"


def test_parts_of_a_word_are_told_apart_if_one_is_hidden() -> None:
    def patched(canvas: Canvas) -> None:
        text = canvas.beginText(30, 200)
        text.textOut("77.15")
        text.setTextRenderMode(3)
        text.textOut("9")
        canvas.drawText(text)

    text = own_text(patched)
    assert (of_kind(text, "drawn"), of_kind(text, "hidden")) == (f"{DRAWN} 77.15", "9")


def test_an_image_and_a_page_prepared_without_have_no_words(tmp_path: Path) -> None:
    Image.effect_noise((300, 400), 80).save(tmp_path / "a.png")
    with open_document(Source("a.png", tmp_path / "a.png")) as document:
        assert prepare(document, 0, OPTIONS).own_text == OwnText()
    with open_document(Source("strip.pdf", printed())) as document:
        without = prepare(document, 0, replace(OPTIONS, with_own_text=False))
    assert without.own_text == OwnText()


def test_a_tall_page_has_the_words_of_all_its_pieces() -> None:
    with open_document(Source("strip.pdf", printed())) as document:
        page = prepare(document, 0, OPTIONS)
    assert len(page.pieces) > 1
    assert of_kind(page.own_text, "drawn").startswith(LICENSE_LINES[0])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's memory has no limit")
@pytest.mark.slow
async def test_a_text_that_crashes_the_worker_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(AMPLIFIED)
    file = DocumentFile(tmp_path / "a.pdf", "a.pdf")
    page = await RenderPool(1).prepare(file, 0, OPTIONS)
    assert (len(page.pieces), page.own_text) == (1, OwnText())


@pytest.mark.slow
async def test_a_worker_gives_the_same_words(letter: Path) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        here = prepare(document, 0, OPTIONS)
    there = await RenderPool(1).prepare(DocumentFile(letter, "letter.pdf"), 0, OPTIONS)
    assert there == here
    assert OwnWord("Harbour", here.own_text.words[0].box) == here.own_text.words[0]


@settings(max_examples=60)
@given(st.binary(max_size=200), st.binary(max_size=80))
def test_any_text_layer_is_survived(content: bytes, map: bytes) -> None:
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 4 0 R"
        b" /Resources << /Font << /F 6 0 R >> >> >>",
        *(
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
            for data in (b"BT /F 12 Tf 30 300 Td (Total 577) Tj " + content, map)
        ),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>",
    )
    body = b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1)
    )
    data = b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"
    with open_document(Source("a.pdf", data)) as document:
        assert isinstance(prepare(document, 0, OPTIONS).own_text, OwnText)
