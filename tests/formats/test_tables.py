"""Tables from Markdown to HTML and back, and as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighton_ocr.formats.tables import convert_tables, table_of_html
from lighton_ocr.formats.txt import plain_text

HTML = (
    "Prices:\n<table><thead><tr><th rowspan=2>Name</th><th colspan=2>Size $x|y$</th></tr>"
    "<tr><th>a*b</th><th>c &lt; d<br>e</th></tr></thead>\n"
    "<tr><td>Oak</td><td>2<sup>3</sup></td><td>|</td></tr></table>\nEnd"
)
MARKDOWN = (
    "Prices:\n\n| Name | Size $x\\|y$ |  |\n| --- | --- | --- |\n|  | a\\*b | c &lt; d<br>e |\n"
    "| Oak | 2<sup>3</sup> | \\| |\n\nEnd"
)


def test_merged_cells_formulas_and_signs_survive_in_markdown() -> None:
    assert convert_tables(HTML, "md") == MARKDOWN


def test_a_markdown_table_becomes_html_with_its_alignment() -> None:
    text = "One\n\n| a | b |\n|--:|---|\n| **1** | $x<1$ \\| 2 |\n\nTwo"
    assert convert_tables(text, "html") == (
        'One\n\n<table>\n<tr><th style="text-align:right">a</th><th>b</th></tr>\n'
        '<tr><td style="text-align:right">1</td><td>$x&lt;1$ | 2</td></tr>\n</table>\n\nTwo'
    )


def test_back_and_forth_gives_the_same_cells() -> None:
    html = convert_tables(MARKDOWN, "html")
    assert convert_tables(html, "md") == MARKDOWN


@pytest.mark.parametrize("text", ["<table><tr><td><table></table></td></tr></table>", "<table>"])
def test_what_has_no_place_in_markdown_stays_html(text: str) -> None:
    assert convert_tables(text, "md") == text


def test_code_is_no_table() -> None:
    text = "```\n| a | b |\n|---|---|\n<table>\n```"
    assert convert_tables(text, "html") == convert_tables(text, "md") == text


MARKS = (
    '<table>,</table>,<tr>,<td rowspan=3>,<th colspan="2">,</td>,<caption>,$x$,a | b,<br>,\n,\n\n,'
    "| a | b |,|---|---|"
)
TAGS = st.sampled_from(MARKS.split(","))


@given(st.lists(TAGS).map("".join))
def test_nothing_that_a_model_writes_is_an_error(text: str) -> None:
    for part in (convert_tables(text, "md"), convert_tables(text, "html"), plain_text(text)):
        assert part is not None
    table = table_of_html(text)
    assert table is None or len({len(row) for row in table.rows}) == 1


def test_plain_text_has_no_markup() -> None:
    text = (
        "# Head *x*\n\nMr A  \nStreet 1\nTown $5\n\n- a\n- **b**\n  - c\n\n3. x\n4. y\n\n"
        "```\ncode  here\n```\n\n![image](image_1.png)\n\n| Item | Price |\n|---|--:|\n"
        "| Oak `shell` | 12 |\n\n$$x^2$$\n\n<table><tr><td>a</td><td>b</td></tr></table>"
    )
    assert plain_text(text) == (
        "Head x\n\nMr A\nStreet 1\nTown $5\n\n- a\n- b\n  - c\n\n3. x\n4. y\n\ncode  here\n\n"
        "Item       Price\nOak shell  12\n\nx^2\n\na  b"
    )


def test_merged_cells_do_not_multiply() -> None:
    """Each row begins behind the cells that reach into it, and has a wide one of its own."""
    rows = '<tr><td colspan="100" rowspan="100">a</td></tr>' * 100
    text = convert_tables(f"<table>{rows}</table>", "md")
    assert text.count("a") == 100
    assert text.count("|") < 30_000
