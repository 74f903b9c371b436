"""The page in a browser: on a narrow screen, in the dark, and on paper."""

from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser

from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.reading.results import PageResult
from tests.support.browser import browser

pytestmark = pytest.mark.slow
__all__ = ["browser"]
ROW = "| Region | 1.50 |" + " Administrationsgebäude |" * 8
TABLE = "| Name | Net |" + " Ort |" * 8 + "\n" + "|---" * 10 + f"|\n{ROW}"
LONG = "\n\n".join(["A paragraph of a dense page. " * 12] * 12)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = ("Harbour Museum\n12 Quay Street", TABLE, "```\n" + "x " * 200 + "\n```", LONG)
    pages = tuple(PageResult(number, text, "stop") for number, text in enumerate(texts, 1))
    file = tmp_path_factory.mktemp("html") / "a.html"
    DocumentResult("a.pdf", pages, "m", "embedded", len(pages)).save(file)
    return file


def test_a_telephone_shows_it_without_scrolling_sideways(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator(".table")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    lines = page.locator("td:last-child").first.evaluate(
        """cell => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getClientRects().length;
        }"""
    )
    assert lines == 1  # the word is whole
    page.close()


def test_it_is_dark_where_the_reader_wants_it(browser: Browser, page_file: Path) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(page_file.as_uri())
        color = page.locator("section").first.evaluate(
            "sheet => [getComputedStyle(sheet).backgroundColor, getComputedStyle(sheet).color]"
        )
        shades[scheme] = [sum(map(int, shade[4:-1].split(", "))) for shade in color]
        page.close()
    assert shades["light"][0] > 3 * 240 > 3 * 60 > shades["light"][1]
    assert shades["dark"][0] < 3 * 60 < 3 * 200 < shades["dark"][1]


def test_each_page_is_one_sheet_of_paper(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(page_file.as_uri())
    with pypdfium2.PdfDocument(page.pdf(format="A4")) as printed:
        assert len(printed) == 4
        first = printed[0].get_textpage().get_text_bounded()
    page.close()
    assert first.split() == ["Harbour", "Museum", "12", "Quay", "Street"]
