"""What a page prints stays text in HTML: prices, placeholders and tags that the page shows."""

from html import unescape
from pathlib import Path

import pytest

from lighton_ocr.formats import html
from lighton_ocr.reading.results import DocumentResult, PageResult

CASES = Path(__file__).parents[1] / "cases"


def body(text: str) -> str:
    page = html.render(DocumentResult("a.pdf", (PageResult(1, text, "stop"),), "m", "embedded"))
    return page.partition("<header>1</header>\n")[2].partition("</section>")[0]


def test_prices_in_a_table_stay_in_their_cells() -> None:
    shown = body((CASES / "prices-table.md").read_text())
    assert "<math" not in shown
    assert "<td>Rope</td><td>$5</td><td>$10</td>" in shown
    assert "<td>Oar</td><td>$7</td><td>$21</td>" in shown


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
    assert "<p>Totals:</p>\n<table>" in shown
    assert shown.count("<td>") == 2
    assert shown.rstrip().endswith("<p>After <strong>it</strong></p>")


def test_a_table_without_an_end_does_not_take_the_rest() -> None:
    shown = body("<table><tr><td>a</td>\n\nAfter **it**")
    assert "<strong>it</strong>" in shown
    assert "<td>a</td>" in shown
