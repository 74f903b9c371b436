"""Both grammars as the model cards show them, whatever way an answer is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighton_ocr.catalog import BoxGrammar
from lighton_ocr.reading.blocks import (
    Block,
    BlockParser,
    join_blocks,
    parse_blocks,
    renumber_figures,
)
from tests.support.box_answers import FIGURES, LAYOUT

MARKS = (
    "![ ! text + ]( 1,2, 300,4000 12,13,14,15 ) a- 12345 <b> ![image]( image_1.png) "
    "![text+](1,2,3,4) ![image](image_1.png)1,2,3,4"
)
PIECES = st.sampled_from([*MARKS.split(" "), " ", "\n\n"])
ANSWERS = st.one_of(
    st.text(), st.lists(PIECES).map("".join), st.sampled_from([LAYOUT, FIGURES, LAYOUT + FIGURES])
)


def test_a_layout_becomes_markdown_and_blocks() -> None:
    text, blocks = parse_blocks(LAYOUT, "layout")
    assert text == (
        "Harbour Notes\n\n## Tides and the Timing of Ferries\n\n"
        "A ferry that crosses a tidal channel meets a current that turns four times a day.\n\n"
        "It is weakest at slack water.\n\n![image](image_1.jpg)\n\n"
        "![chart](image_2.jpg)\n\nCurrent over a day\n\n"
        "<table><tr><td>1</td></tr></table>\n\n3"
    )
    assert blocks[1] == Block("title", (113, 108, 463, 123), "## Tides and the Timing of Ferries")
    assert blocks[3].continued
    assert [block.kind for block in blocks if block.is_margin] == ["header", "page_number"]
    assert [block.figure for block in blocks] == [0, 0, 0, 0, 1, 2, 0, 0]


def test_figures_lose_their_boxes_and_everything_else_stays() -> None:
    text, blocks = parse_blocks(FIGURES, "figures")
    assert text == "# Map\n\n![image](image_1.jpg)\n\nThe old town, !important.\n"
    assert blocks == (Block("image", (120, 80, 880, 410), "", figure=1),)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("![text](1,1,2,2) cross-\n![text+](3,3,4,4) ing", "cross-ing"),
        ("![list](1,1,2,2) - a\n![list+](3,3,4,4) - b", "- a\n- b"),
        (
            "![text](1,1,2,2) a\n![image](1,1,9,9)\n![text+](3,3,4,4) b",
            "a\n\n![image](image_1.jpg)\n\nb",
        ),
        ("![text](1,1,2,2) a\n![footer](1,1,2,2)\n![text+](3,3,4,4) b", "a b"),
    ],
)
def test_a_continued_block_joins_the_one_of_its_kind_before_it(answer: str, text: str) -> None:
    assert parse_blocks(answer, "layout")[0] == text


def test_text_without_a_marker_is_a_block_without_a_box() -> None:
    assert parse_blocks(" Only text.", "layout") == (
        "Only text.",
        (Block("text", None, "Only text."),),
    )
    assert parse_blocks("", "layout") == ("", ())


def test_a_box_out_of_bounds_or_order_is_put_right() -> None:
    _, (block,) = parse_blocks("![text](900,20,100,4000) a", "layout")
    assert block.box == (100, 20, 900, 1000)


def test_figures_of_a_later_section_get_higher_numbers() -> None:
    text, blocks = renumber_figures(*parse_blocks(FIGURES, "figures"), 2)
    assert "![image](image_3.jpg)" in text
    assert [block.figure for block in blocks] == [3]


@pytest.mark.parametrize("grammar", ["layout", "figures"])
@given(ANSWERS, st.lists(st.integers(min_value=1, max_value=9)))
def test_any_cut_of_an_answer_gives_the_same(
    grammar: BoxGrammar, answer: str, sizes: list[int]
) -> None:
    parser = BlockParser(grammar)
    text, place = "", 0
    for size in [*sizes, len(answer)]:
        text += parser.feed(answer[place : place + size])
        place += size
    text += parser.finish()
    assert (text, parser.blocks) == parse_blocks(answer, grammar)
    if grammar == "layout":
        assert text == join_blocks(parser.blocks)
