"""A searchable PDF in the studio: made of a document that was read, when it is downloaded."""

import sys
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pypdfium2 import PdfDocument

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from tests.support.browser import browser
from tests.support.corpus import pdf
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, says, serving
from tests.support.studio import complaints, opened, page, read, studio, wait_until_read

pytestmark = pytest.mark.slow
__all__ = ["browser", "page"]
SCAN = EXAMPLES / "scan.jpg"
_MAKING_MS = 60_000  # on a busy machine


def offer(page: Page) -> Locator:
    """Open the menu and return the searchable PDF in it."""
    page.get_by_role("button", name="Download").click()
    return page.locator("#download-menu").get_by_role("button", name="Searchable PDF")


def download(page: Page, path: Path) -> str:
    """Download the searchable PDF, and return the text in it."""
    with page.expect_download(timeout=_MAKING_MS) as downloaded:
        offer(page).click()
    assert downloaded.value.suggested_filename == path.name
    downloaded.value.save_as(path)
    with closing(PdfDocument(path)) as document:
        return " ".join(document[0].get_textpage().get_text_bounded().split())


def test_a_scan_that_was_read_becomes_a_searchable_pdf(
    browser: Browser, pocket: Endpoint, tmp_path: Path
) -> None:
    with studio(browser, pocket) as page:
        read(page, SCAN)
        wait_until_read(page)
        assert "Harbour Museum" in download(page, tmp_path / "scan.pdf")
        expect(page.locator("#notices")).to_be_empty()


def test_its_pages_are_not_read_again(
    page: Page, scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    scripted.default = says("Words of the model.")
    read(page, SCAN)
    wait_until_read(page)
    asked = len(scripted.bodies)
    assert "Words of the model." in download(page, tmp_path / "scan.pdf")
    made = (tmp_path / "scan.pdf").read_bytes()
    download(page, tmp_path / "scan.pdf")
    assert (tmp_path / "scan.pdf").read_bytes() == made  # kept
    assert len(scripted.bodies) == asked


def test_a_document_that_holds_text_stays_as_it_is_and_a_notice_says_so(
    page: Page, letter: Path, tmp_path: Path
) -> None:
    read(page, letter)
    wait_until_read(page)
    download(page, tmp_path / "letter.pdf")
    assert (tmp_path / "letter.pdf").read_bytes() == letter.read_bytes()
    expect(page.locator("#notices")).to_have_text(
        "letter.pdf is already searchable: it stays as it is."
    )


def test_why_none_can_be_made_is_said(page: Page, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    locked.write_bytes(pdf("Page", 1, password="sesame"))
    read(page, locked)
    page.get_by_role("dialog").get_by_label("Password").fill("sesame")
    page.keyboard.press("Enter")
    wait_until_read(page)
    offer(page).click()
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(
        "The searchable PDF could not be made. locked.pdf is encrypted, and no text can be added "
        "to it. Save it without protection (qpdf --decrypt) and try again.",
        timeout=_MAKING_MS,
    )
    expect(offer(page)).to_be_enabled()
    assert complaints(page) == []


def test_the_key_is_asked_for_if_it_was_forgotten(
    browser: Browser, endpoint: Endpoint, letter: Path, tmp_path: Path
) -> None:
    with serving(create_app(endpoint, api_key="sesame")) as url, opened(browser, url) as page:
        read(page, letter)
        key = page.get_by_label("API key")
        key.fill("sesame")
        page.keyboard.press("Enter")
        wait_until_read(page)
        page.get_by_role("button", name="Forget key").click()
        offer(page).click()
        key.fill("sesame")
        with page.expect_download(timeout=_MAKING_MS):
            page.keyboard.press("Enter")


def test_a_server_without_ocrmypdf_says_what_to_install(
    page: Page, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ocrmypdf", None)
    page.reload()
    read(page, letter)
    wait_until_read(page)
    expect(offer(page)).to_have_count(0)
    expect(page.locator("#download-menu")).to_contain_text(
        "For a searchable PDF, install lighton-ocr[pdf] on the server."
    )
    assert complaints(page) == []
