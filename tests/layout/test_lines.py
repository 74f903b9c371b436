from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document
from lighton_ocr.layout.ink import page_ink
from lighton_ocr.layout.lines import Columns, Node, TextLine, find_lines
from tests.support.drawn_pages import LINES_GEOMETRY, columns_page


@pytest.mark.parametrize("inverted", [False, True])
def test_every_word_of_a_letter_is_a_group_of_one_line(letter: Path, inverted: bool) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        page = document.render(0, LINES_GEOMETRY)
        words = document.own_text(page).words
    image = ImageOps.invert(page.image) if inverted else page.image
    nodes = find_lines(page_ink(image))
    lines = [node for node in nodes if isinstance(node, TextLine)]
    assert len(lines) == len(nodes)
    lost = []
    for word in words:
        middle = (word.box[1] + word.box[3]) / 2
        (line,) = [line for line in lines if line.box[1] - 2 <= middle <= line.box[3] + 2]
        if not any(abs(box[0] - word.box[0]) < 3 for box in line.words):
            lost.append(word.text)
    assert len(lost) <= 0.1 * len(words)  # an f reaches over the space behind it


def test_columns_can_be_read_in_both_ways() -> None:
    left = [f"left column number {row} of some" for row in range(9)]
    right = [f"right column number {row} of some" for row in range(9)]
    (node,) = find_lines(page_ink(columns_page(left, right)))
    assert isinstance(node, Columns)
    by_column, by_row = (
        [line.box[0] < 500 for line in nodes if isinstance(line, TextLine)]
        for nodes in (node.by_column, node.by_row)
    )
    assert by_column == [True] * 9 + [False] * 9
    assert by_row == [True, False] * 9


def test_a_box_holds_its_own_lines_alone() -> None:
    image = columns_page(["one", "two", "three"], ["four", "five"])
    assert len(find_lines(page_ink(image), (500, 0, 1000, 1000))) == 2


def test_letters_of_one_width() -> None:
    file = BytesIO()
    canvas = Canvas(file, (600, 800))
    canvas.setFont("Courier", 11)
    canvas.drawString(50, 700, "if (ill) { fill( till ); }")
    canvas.save()
    with open_document(Source("a.pdf", file.getvalue())) as document:
        (line,) = find_lines(page_ink(document.render(0, LINES_GEOMETRY).image))
    assert isinstance(line, TextLine)
    assert line.is_monospaced
    assert line.pitch == pytest.approx(11, rel=0.05)  # 6.6 of 600 points


@pytest.mark.parametrize("shade", [255, 0, 128])
def test_an_empty_page_has_no_lines(shade: int) -> None:
    assert find_lines(page_ink(Image.new("L", (800, 1100), shade))) == ()


@pytest.mark.parametrize(("end", "parts"), [(860, [TextLine, Columns]), (300, [Columns])])
def test_a_rule_as_long_as_a_table_parts_it_from_the_heading_above(
    end: int, parts: list[type[Node]]
) -> None:
    image = columns_page(["Amounts", "", "Item", "Paper", "Ink"], ["", "", "Price", "20", "45"])
    ImageDraw.Draw(image).line((100, 156, end, 156), fill=0, width=3)
    assert list(map(type, find_lines(page_ink(image)))) == parts


def test_a_row_of_a_table_between_two_rules_is_no_columns() -> None:
    image = columns_page(["Item", "", "Paper"], ["Price", "", "20"])
    ImageDraw.Draw(image).line((100, 145, 860, 145), fill=0, width=3)
    assert list(map(type, find_lines(page_ink(image)))) == [TextLine] * 4
