"""What a page prints stays text in HTML: prices, placeholders and tags that the page shows."""

import re
from html import unescape
from pathlib import Path

import pytest

from lighton_ocr.formats import html
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.page_html import render_page
from lighton_ocr.reading.results import PageResult

CASES = Path(__file__).parents[1] / "cases"


def body(text: str) -> str:
    return render_page(PageResult(1, text, "stop"))


def document(*texts: str, source: str = "a.pdf") -> DocumentResult:
    pages = tuple(PageResult(number, text, "stop") for number, text in enumerate(texts, 1))
    return DocumentResult(source, pages, "m", "embedded", len(pages))


def test_prices_in_a_table_stay_in_their_cells() -> None:
    shown = body((CASES / "prices-table.md").read_text())
    assert "<math" not in shown
    number = '<td class="number">'
    assert f"<td>Rope</td>{number}$5</td>{number}$10</td>" in shown
    assert f"<td>Oar</td>{number}$7</td>{number}$21</td>" in shown


@pytest.mark.parametrize(
    "text",
    [
        (CASES / "prices-prose.md").read_text().strip(),
        "Between $5 and $10, or $1.50/$2.50.",
        "A $5–$10 fare; 5$ or 10$ elsewhere.",
    ],
)
def test_prices_in_prose_stay_text(text: str) -> None:
    assert body(text) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x$ and $y_1$", 2),
        ("2$\\pi$r, 3$\\times$4", 2),
        ("<table><tr><td>$a$</td><td>3$\\times$4 for $5</td></tr></table>", 2),
        ("$$\\frac{1}{2}$$", 1),
        ("It is $$x$$ here", 1),
        ("$\\$5$", 1),
        ("\\$5 and $x$", 1),
        ("from $5<br>to 10$", 0),
        ("$ x $", 0),
        ("a `$x$` b", 0),
    ],
)
def test_formulas(text: str, formulas: int) -> None:
    assert body(text).count("<math") == formulas


@pytest.mark.parametrize("number", [1, 2, 3])
def test_printed_markup_is_shown(number: int) -> None:
    text = (CASES / f"printed-markup-{number}.md").read_text()
    shown = body(text)
    for paragraph in text.split("\n\n"):
        assert paragraph.strip() in unescape(shown)
    assert "<script" not in shown
    assert "<style" not in shown
    assert shown.count("<p>") == len(text.strip().split("\n\n"))


def test_printed_markup_in_a_table_and_in_code() -> None:
    shown = body(
        "<table><tr><td>Type <name>, a<b</td><td>x &lt; y &amp; z</td></tr></table>\n\n`<name>`"
    )
    assert "<td>Type &lt;name&gt;, a&lt;b</td>" in shown
    assert "<td>x &lt; y &amp; z</td>" in shown
    assert "<code>&lt;name&gt;</code>" in shown


def test_the_tags_that_models_write_are_markup() -> None:
    assert body("H<sub>2</sub>O, 10<sup>3</sup><br/>next") == (
        "<p>H<sub>2</sub>O, 10<sup>3</sup><br>next</p>\n"
    )
    table = "Totals:\n<table>\n<tr><td>a</td></tr>\n\n<tr><td>b</td></tr>\n</table>\n\nAfter **it**"
    shown = body(table)
    assert "<p>Totals:</p>\n<div" in shown
    assert shown.count("<td>") == 2
    assert shown.rstrip().endswith("<p>After <strong>it</strong></p>")


def test_a_table_without_an_end_does_not_take_the_rest() -> None:
    shown = body("<table><tr><td>a</td>\n\nAfter **it**")
    assert "<strong>it</strong>" in shown
    assert "<td>a</td>" in shown


def test_ends_of_lines_are_kept() -> None:
    assert body("Harbour Museum\n12 Quay Street") == ("<p>Harbour Museum<br>\n12 Quay Street</p>\n")


def test_columns_of_numbers_are_aligned_with_their_headers() -> None:
    rows = "<tr><td colspan=2>Item</td><td>Net</td><td>Date</td></tr>"
    rows += "<tr><td rowspan=2>Rope</td><td>red</td><td>$1,200.50</td><td>9 May</td></tr>"
    rows += "<tr><td>blue</td><td>–</td><td>10</td></tr>"
    shown = body(f"<table>{rows}</table>")
    assert re.findall(r'class="number">([^<]*)', shown) == ["Net", "$1,200.50", "–"]
    assert 'class="center">x' in body("| a |\n|:-:|\n| x |")
    assert "style=" not in body("| a |\n|--:|\n| x |")


@pytest.mark.parametrize(
    ("texts", "source", "title"),
    [
        (("", "Page two\n\n## The *first* heading"), "/home/me/a.pdf", "The first heading"),
        (("No heading", "# Too late"), "/home/me/a b.pdf", "a b.pdf"),
        (("No heading",), "https://example.org/x/report%201.pdf?key=1", "report 1.pdf"),
        (("# a < b & c",), "a.pdf", "a &lt; b &amp; c"),
    ],
)
def test_the_title_is_a_heading_or_a_name_without_its_folder(
    texts: tuple[str, ...], source: str, title: str
) -> None:
    shown = html.render(document(*texts, source=source))
    assert f"<title>{title}</title>" in shown
    assert "/home/me" not in shown


def test_what_is_to_be_said_of_a_page_is_folded_away() -> None:
    page = PageResult(2, "text", "loop", warnings=("Page 2: <the> model repeated itself.",))
    shown = html.render(DocumentResult("a.pdf", (page,), "m", "embedded", 1))
    assert "<summary>1 note on this page</summary>" in shown
    assert "<li>Page 2: &lt;the&gt; model repeated itself.</li>" in shown
