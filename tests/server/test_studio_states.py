"""What the studio says and does while something is on its way, wrong, or not to be trusted."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server import event_stream
from lighton_ocr.server.app import create_app
from tests.support.browser import browser
from tests.support.corpus import pdf
from tests.support.scripted_endpoint import (
    ScriptedEndpoint,
    never_ends,
    says,
    serving,
    status,
)
from tests.support.studio import (
    complaints,
    opened,
    page,
    panel,
    read,
    studio,
    wait_until_read,
)

pytestmark = pytest.mark.slow
__all__ = ["browser", "page"]
HOSTILE = """# Title

<script>document.title = "taken"</script>
<img src="https://example.com/pixel.png" onerror="document.title = 'taken'">
![figure](https://example.com/figure.png)
[link](javascript:document.title='taken')

<table><tr><td onclick="document.title='taken'" style="background: url(https://example.com/x)">1</td>
<td style="text-align: right">2</td></tr></table>
"""


@pytest.fixture
def three_pages(tmp_path: Path) -> Path:
    path = tmp_path / "three.pdf"
    path.write_bytes(pdf("Page", 3))
    return path


def test_text_appears_while_it_is_written_and_can_be_stopped(
    page: Page, scripted: ScriptedEndpoint, letter: Path
) -> None:
    scripted.default = lambda body: never_ends()
    read(page, letter)
    expect(panel(page).locator(".growing")).to_contain_text("And")
    expect(page.get_by_role("button", name="Page 1: is being read")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#notices")).to_contain_text("Stopped. The pages that were read are kept.")
    scripted.default = says("Read at last.")
    page.get_by_role("button", name="Try again").click()
    wait_until_read(page)
    expect(panel(page)).to_have_text("Read at last.")
    expect(page.locator("#notices")).to_be_empty()


def test_another_attempt_voids_the_text_so_far_and_says_why(
    page: Page, scripted: ScriptedEndpoint, letter: Path
) -> None:
    scripted.script = [says("Cut", finish="length")]
    scripted.default = lambda body: never_ends()
    read(page, letter)
    note = "Reading the page again: the answer was cut off at the token limit."
    expect(page.locator("#page-notes")).to_have_text(note)
    expect(panel(page).locator(".growing")).to_have_text("And ")


def test_a_wait_says_for_what_and_since_when(
    browser: Browser,
    endpoint: Endpoint,
    scripted: ScriptedEndpoint,
    letter: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_stream, "_KEEP_ALIVE_SECONDS", 0.05)
    scripted.default = lambda body: never_ends()
    with studio(browser, replace(endpoint, slots=1)) as first:
        read(first, letter)
        expect(panel(first).locator(".growing")).to_contain_text("And")
        second = first.context.new_page()
        second.goto(first.url)
        read(second, letter)
        waiting = re.compile(r"Waiting\. Other pages are being read\. For \d+ s\.")
        expect(second.locator("#notices")).to_have_text(waiting)
        assert complaints(second) == []


def test_a_failed_page_is_marked_and_the_others_are_read(
    page: Page, scripted: ScriptedEndpoint, three_pages: Path
) -> None:
    scripted.default = status(400, "too many tokens")
    read(page, three_pages)
    wait_until_read(page)
    expect(page.get_by_role("button", name="Page 2: could not be read")).to_be_visible()
    expect(panel(page)).to_contain_text("This page could not be read:")
    expect(panel(page)).to_contain_text("too many tokens")


def test_a_connection_that_breaks_off_is_told_in_words(
    browser: Browser, endpoint: Endpoint, scripted: ScriptedEndpoint, letter: Path
) -> None:
    scripted.default = lambda body: never_ends()
    server = serving(create_app(endpoint))
    url = server.__enter__()
    ended = False
    try:
        with opened(browser, url, may_fail="net::ERR") as page:
            read(page, letter)
            expect(panel(page).locator(".growing")).to_contain_text("And")
            server.__exit__(None, None, None)
            ended = True
            expect(page.get_by_role("alert")).to_contain_text("connection to the server was lost")
            page.get_by_role("button", name="Try again").click()
            expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    finally:
        if not ended:
            server.__exit__(None, None, None)


def test_a_key_is_asked_for_once_and_kept_in_the_tab(
    browser: Browser, endpoint: Endpoint, letter: Path
) -> None:
    with serving(create_app(endpoint, api_key="open sesame")) as url, opened(browser, url) as page:
        read(page, letter)
        dialog = page.get_by_role("dialog", name="This server requires a key")
        dialog.get_by_label("API key").fill("guess")
        assert complaints(page) == []
        dialog.get_by_role("button", name="Use key").click()
        refused = page.get_by_role("dialog", name="The server did not accept this key")
        refused.get_by_label("API key").fill("open sesame")
        page.keyboard.press("Enter")
        wait_until_read(page)
        page.reload()
        read(page, letter)
        wait_until_read(page)
        page.get_by_role("button", name="Forget key").click()
        read(page, letter)
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("alert")).to_contain_text("The server requires a key.")


def test_nothing_in_a_document_runs_or_is_loaded(
    browser: Browser, endpoint: Endpoint, scripted: ScriptedEndpoint, letter: Path
) -> None:
    scripted.default = says(HOSTILE)
    # Chromium tells of a style that the page's policy refuses.
    with studio(browser, endpoint, may_fail="inline style") as page:
        read(page, letter)
        wait_until_read(page)
        _shows_the_hostile_text(page)


def _shows_the_hostile_text(page: Page) -> None:
    expect(panel(page).get_by_role("heading", name="Title")).to_be_visible()
    expect(page).to_have_title("letter.pdf: lighton-ocr")
    assert panel(page).locator("script, img, a[href^=javascript]").count() == 0
    assert panel(page).locator("[onclick]").count() == 0
    right = panel(page).get_by_role("cell", name="2")
    assert right.evaluate("cell => getComputedStyle(cell).textAlign") == "right"


def test_files_are_dropped_pasted_and_read_one_after_another(
    page: Page, scripted: ScriptedEndpoint, letter: Path
) -> None:
    page.evaluate(
        """(bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "dropped.pdf"));
            for (const kind of ["dragover", "drop"]) {
                const options = { dataTransfer: files, bubbles: true, cancelable: true };
                document.body.dispatchEvent(new DragEvent(kind, options));
            }
            const pasted = new DataTransfer();
            pasted.items.add(new File([new Uint8Array(bytes)], "pasted.pdf"));
            const options = { clipboardData: pasted, bubbles: true };
            document.body.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        list(letter.read_bytes()),
    )
    select = page.get_by_label("Document", exact=True)
    expect(select.locator("option")).to_have_text(["dropped.pdf", "pasted.pdf"])
    wait_until_read(page)
    select.select_option("dropped.pdf")
    wait_until_read(page)
    expect(panel(page).locator("article > p")).to_have_text("Hello from the page.")


def test_pages_are_turned_with_keys_and_thumbnails(
    page: Page, scripted: ScriptedEndpoint, three_pages: Path
) -> None:
    scripted.default = says("The needle is on every page.")
    read(page, three_pages)
    wait_until_read(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#position")).to_have_text("Page 2 of 3")
    page.get_by_role("button", name="Page 2: read").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Page 3: read")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Find in text").click()
    page.get_by_label("Find in all pages").fill("needle")
    expect(page.locator("#find-count")).to_have_text("2 of 3")
    page.keyboard.press("Enter")
    expect(page.locator("#position")).to_have_text("Page 3 of 3")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#position")).to_have_text("Page 2 of 3")


def test_a_page_is_numbered_as_in_its_file(page: Page, tmp_path: Path) -> None:
    (tmp_path / "twelve.pdf").write_bytes(pdf("Page", 12))
    page.get_by_role("textbox", name="Pages").fill("4-7,11")
    read(page, tmp_path / "twelve.pdf")
    wait_until_read(page)
    expect(page.locator("#position")).to_have_text("Page 4 of 12")
    page.get_by_role("button", name="Page 11: read").click()
    expect(page.locator("#position")).to_have_text("Page 11 of 12")


def test_the_page_about_the_api_loads_nothing_from_elsewhere(
    browser: Browser, endpoint: Endpoint
) -> None:
    with studio(browser, endpoint) as page:
        page.goto(f"{page.url}docs")
        expect(page.get_by_text("/v1/ocr").first).to_be_visible()
