import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.own_text import OwnWord
from lighton_ocr.formats.pdf.ocr_engine import PrintedText, place_text, printed_text
from lighton_ocr.layout.ink import page_ink
from lighton_ocr.layout.lines import find_lines
from lighton_ocr.layout.matching import Group, Matching, match
from lighton_ocr.layout.placing import PlacedLine, place, spread_over
from lighton_ocr.layout.words import PrintedWord, printed_words
from lighton_ocr.reading.blocks import Block
from lighton_ocr.reading.results import PageResult
from tests.support.drawn_pages import LICENSE_LINES, LINES_GEOMETRY, columns_page

LEFT = "Those who walk along the shore in winter find glass among the stones".split()
RIGHT = "Most of it is green or brown because bottles were of these colours".split()


def lines_of(words: list[str]) -> list[str]:
    return [" ".join(words[start : start + 4]) for start in range(0, len(words), 4)]


def test_words_stand_where_the_file_has_them(letter: Path) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        page = document.render(0, LINES_GEOMETRY)
        own = document.own_text(page).words
        text = document.text_layer(0).replace("\r\n", "\n")
    placed = place_text(PrintedText(text), page.image)
    assert placed.is_placed
    assert wrong(own, placed.lines) <= 0.03


def wrong(own: tuple[OwnWord, ...], lines: list[PlacedLine]) -> float:
    placed = [(word.text, word.box) for line in lines for word in line.words]
    lost = 0
    for word in own:
        middle, height = (word.box[1] + word.box[3]) / 2, word.box[3] - word.box[1]
        lost += not any(
            text == word.text
            and abs((box[1] + box[3]) / 2 - middle) < max(6, height)
            and abs(box[0] - word.box[0]) < 10
            for text, box in placed
        )
    return lost / len(own)


def test_columns_are_read_as_the_text_has_them() -> None:
    image = columns_page(lines_of(LEFT), lines_of(RIGHT))
    nodes = find_lines(page_ink(image))
    by_column = printed_words(" ".join(LEFT) + "\n\n" + " ".join(RIGHT))
    assert [line.text for line in place(by_column, nodes)] == lines_of(LEFT) + lines_of(RIGHT)
    rows = [row for pair in zip(lines_of(LEFT), lines_of(RIGHT), strict=True) for row in pair]
    by_row = printed_words("\n".join(rows))
    assert [line.text for line in place(by_row, nodes)] == rows


@pytest.mark.parametrize("dots", [". " * 40, ".." * 40, ""])
def test_rows_of_dots_are_not_looked_for_in_the_text(dots: str) -> None:
    titles = [(title, str(7 * page)) for page, title in enumerate(lines_of(LEFT + RIGHT), 12)]
    image = columns_page([f"{title} {'. ' * 40}{page}" for title, page in titles])
    text = "\n\n".join(f"{title} {dots}{page}" for title, page in titles)
    lines = place_text(PrintedText(text), image).lines
    assert [line.text for line in lines] == [f"{title} {page}" for title, page in titles]
    # The dots are 267 of the page's 600 points wide.
    assert all(line.words[-1].box[0] - line.words[-2].box[2] > 430 for line in lines)


def test_text_goes_past_a_figure_with_words_that_were_not_read() -> None:
    words = [line for line in LICENSE_LINES if len(line.split()) > 8]
    figure, caption, paragraph = words[:8], "Figure 23: The tab", words[8:18]
    nodes = find_lines(page_ink(columns_page(["2.5 Settings", *figure, caption, *paragraph])))
    text = "\n\n".join(["2.5 Settings", caption, "\n".join(paragraph)])
    assert [line.text for line in place(printed_words(text), nodes)][-8:] == paragraph[-8:]


def test_a_matching_must_cost_less_than_what_it_is_to_better() -> None:
    words = printed_words(" ".join(LEFT))
    groups = [Group(5.0 * k, 5.0 * k + 4, k // 4, k % 4 == 0, False) for k in range(16)]
    best = match(words, groups)
    assert match(words, groups, most=best.cost + 0.01) == best
    assert match(words, groups, most=best.cost) == Matching((), math.inf)
    assert match(words, groups, most=best.cost / 9) == Matching((), math.inf)


def test_a_word_on_two_lines_has_a_hyphen() -> None:
    nodes = find_lines(page_ink(columns_page(["He gave us an extraor-", "dinary account of it"])))
    lines = place(printed_words("He gave us an extraordinary account of it"), nodes)
    assert [line.text for line in lines] == ["He gave us an extraor-", "dinary account of it"]


def test_the_text_of_another_page_lies_over_the_whole_page(letter: Path) -> None:
    image = columns_page(["17"], ["3"])
    placed = place_text(PrintedText(letter.name + " and many other words" * 9), image)
    assert not placed.is_placed
    assert sum(len(line.words) for line in placed.lines) == 37


NODES = find_lines(page_ink(columns_page(lines_of(LEFT), lines_of(RIGHT))))


@settings(max_examples=60)
@given(
    st.lists(st.builds(PrintedWord, st.text(min_size=1, max_size=12), st.booleans()), max_size=30)
)
def test_no_word_is_lost(words: list[PrintedWord]) -> None:
    placed = place(words, NODES)
    assert letters(placed) == [letter for word in words for letter in word.text if letter != "-"]
    for line in placed:
        for word in line.words:
            left, top, right, bottom = word.box
            assert 0 <= left <= right <= 1000
            assert 0 <= top <= bottom <= 1000
    if words:
        spread = spread_over(words)
        assert [word.text for line in spread for word in line.words] == [w.text for w in words]


def letters(lines: list[PlacedLine]) -> list[str]:
    """Return all letters but hyphens, some of which are ours."""
    found: list[str] = []
    for line in lines:
        found += "".join(word.text for word in line.words).replace("-", "")
    return found


def test_words_go_into_their_blocks_if_each_block_with_text_has_a_box() -> None:
    boxed, figure = Block("text", (10, 20, 500, 40), "Words"), Block("image", None, "", figure=1)
    page = PageResult(1, "Words", "stop", blocks=(boxed, figure))
    assert printed_text(page) == PrintedText("Words", (((10, 20, 500, 40), "Words"),))
    loose = Block("text", None, "before the first marker")
    assert printed_text(replace(page, blocks=(loose, boxed))) == PrintedText("Words")


def test_a_block_s_words_stay_in_its_box() -> None:
    image = columns_page(lines_of(LEFT), lines_of(RIGHT))
    box = (500, 0, 1000, 1000)
    lines = place_text(PrintedText("", ((box, " ".join(RIGHT)),)), image).lines
    assert [line.text for line in lines] == lines_of(RIGHT)
    assert all(word.box[0] >= box[0] for line in lines for word in line.words)
