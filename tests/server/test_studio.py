"""The studio as a reader uses it, on the embedded engine: one document, read once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.formats import FORMATS
from tests.support.browser import browser
from tests.support.studio import complaints, panel, studio, wait_until_read

pytestmark = pytest.mark.slow
__all__ = ["browser"]
FIRST_PAINT_BYTES = 200_000


@pytest.fixture(scope="module")
def invoice(browser: Browser, pocket: Endpoint) -> Iterator[Page]:
    """The example invoice, read by the embedded engine."""
    with studio(browser, pocket, viewport={"width": 1440, "height": 900}) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="An invoice").click()
        wait_until_read(page)
        yield page


@pytest.fixture
def shown(invoice: Page) -> Iterator[Page]:
    """That document in the rendered view, fitted, with nothing open."""
    invoice.locator("#view-rendered").click()
    yield invoice
    invoice.keyboard.press("Escape")


def test_the_first_paint_is_light_and_everything_comes_from_the_server(
    browser: Browser, endpoint: Endpoint
) -> None:
    with studio(browser, endpoint) as page:
        page.wait_for_load_state("networkidle")
        sizes = page.evaluate(
            "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
            ".map(entry => entry.encodedBodySize)"
        )
        assert all(sizes)
        assert sum(sizes) < FIRST_PAINT_BYTES


def test_the_page_stands_beside_its_rendered_text(shown: Page) -> None:
    image = shown.get_by_role("img", name="Image of page 1")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") > 500
    expect(panel(shown).get_by_role("heading", name="Invoice 2026-0417")).to_be_visible()
    expect(panel(shown).get_by_role("cell", name="248.00")).to_be_visible()
    expect(shown.get_by_role("button", name="Page 1: read")).to_be_visible()


def test_boxes_are_over_the_blocks_of_the_page(shown: Page) -> None:
    table = shown.locator("#boxes").get_by_role("button", name="table: Item Quantity")
    sheet, box = shown.locator("#sheet").bounding_box(), table.bounding_box()
    assert sheet
    assert box
    assert (box["y"] - sheet["y"]) / sheet["height"] == pytest.approx(0.195, abs=0.005)
    table.hover()
    expect(panel(shown).locator(".lit")).to_contain_text("Acid-free folder")


def test_the_views_are_tabs_for_the_keyboard_too(shown: Page) -> None:
    shown.get_by_role("tab", name="Rendered").focus()
    shown.keyboard.press("ArrowRight")
    expect(shown.get_by_role("tab", name="Markdown")).to_be_focused()
    expect(panel(shown)).to_contain_text("# Invoice 2026-0417")
    shown.keyboard.press("ArrowRight")
    expect(panel(shown)).to_contain_text("No word differs from the PDF's own text.")


def test_attempts_and_time_are_shown_on_demand(shown: Page) -> None:
    summary = shown.locator("#attempts summary")
    expect(summary).to_contain_text("1 attempt, confidence")
    expect(shown.locator("#attempts table")).to_be_hidden()
    summary.click()
    expect(shown.locator("#attempts table")).to_contain_text("complete")
    summary.click()


def test_zoom_keeps_the_middle_and_the_page_can_be_moved(shown: Page) -> None:
    sheet = shown.locator("#sheet")
    fitted = sheet.bounding_box()
    shown.locator("#viewer").focus()
    for _ in range(4):
        shown.keyboard.press("+")
    expect(shown.locator("#zoom-fit")).to_have_text("244 %")
    zoomed = sheet.bounding_box()
    assert fitted
    assert zoomed
    assert zoomed["width"] == pytest.approx(fitted["width"] * 1.25**4, rel=0.01)
    middle = fitted["x"] + fitted["width"] / 2
    assert zoomed["x"] + zoomed["width"] / 2 == pytest.approx(middle, abs=2)
    shown.mouse.move(middle, 400)
    shown.mouse.down()
    shown.mouse.move(middle - 50, 300)
    shown.mouse.up()
    moved = sheet.bounding_box()
    assert moved
    assert moved["x"] < zoomed["x"]
    assert moved["y"] < zoomed["y"]
    shown.locator("#viewer").focus()
    shown.keyboard.press("0")
    assert sheet.bounding_box() == fitted


def test_words_are_found_and_counted(shown: Page) -> None:
    shown.keyboard.press("Control+f")
    shown.get_by_label("Find in all pages").fill("date")
    count = shown.locator("#find-count")
    expect(count).to_have_text("1 of 2")
    shown.keyboard.press("Enter")
    expect(count).to_have_text("2 of 2")
    shown.keyboard.press("Enter")
    expect(count).to_have_text("1 of 2")
    painted = "[...CSS.highlights.get('found')].map(range => range.toString().toLowerCase())"
    assert shown.evaluate(painted) == ["date", "date"]
    shown.get_by_label("Find in all pages").fill("zeppelin")
    expect(count).to_have_text("Nothing found")
    shown.keyboard.press("Escape")
    expect(shown.locator("#find")).to_be_hidden()


def test_copies_the_page_as_markdown(shown: Page) -> None:
    shown.get_by_role("button", name="Copy this page").click()
    expect(shown.locator("#announcement")).to_have_text("Page copied")
    copied = shown.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("# Invoice 2026-0417\n")
    assert "Archive box" in copied


def test_downloads_every_format_that_the_server_has(shown: Page, tmp_path: Path) -> None:
    contents: dict[str, bytes] = {}
    for name in (format.name for format in FORMATS.values() if not format.needs_original):
        shown.get_by_role("button", name="Download").click()
        suffix = shown.get_by_text(f".{name}", exact=True)
        with shown.expect_download() as download:
            shown.locator("#download-menu button").filter(has=suffix).last.click()
        assert download.value.suggested_filename == f"invoice.{name}"
        download.value.save_as(tmp_path / name)
        contents[name] = (tmp_path / name).read_bytes()
    assert contents["md"].startswith(b"# Invoice 2026-0417")
    assert contents["html"].startswith(b"<!doctype html>")
    assert json.loads(contents["json"])["pages"][0]["page"] == 1


def test_a_correction_is_shown_copied_and_downloaded(shown: Page, tmp_path: Path) -> None:
    shown.get_by_role("button", name="Correct the text").click()
    editor = shown.get_by_label("Markdown of this page")
    editor.fill(editor.input_value().replace("Archive box", "Archive crate"))
    shown.get_by_role("button", name="Keep").click()
    expect(panel(shown).get_by_role("cell", name="Archive crate, grey")).to_be_visible()
    expect(shown.locator("#page-notes")).to_contain_text("Corrected by hand")
    expect(shown.get_by_role("button", name="Page 1: read, corrected")).to_be_visible()
    shown.get_by_role("button", name="Download").click()
    with shown.expect_download() as download:
        shown.get_by_role("button", name="Markdown with your corrections").click()
    download.value.save_as(tmp_path / "corrected.md")
    assert "Archive crate" in (tmp_path / "corrected.md").read_text()
    shown.get_by_role("tab", name="Differences").click()
    expect(panel(shown).locator("td ins")).to_have_text("crate,")
    shown.get_by_role("button", name="Correct the text").click()
    shown.get_by_role("button", name="Restore the original text").click()
    shown.get_by_role("tab", name="Rendered").click()
    expect(panel(shown).get_by_role("cell", name="Archive box, grey")).to_be_visible()


def test_prints_the_text_of_all_pages_and_nothing_else(shown: Page) -> None:
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown.emulate_media(media="print")
    expect(shown.locator("#print")).to_contain_text("Invoice 2026-0417")
    expect(shown.locator("header.bar")).to_be_hidden()
    shown.emulate_media(media="screen")
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(shown.locator("#print")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440, 2560])
def test_nothing_is_in_the_way_of_anybody(shown: Page, width: int, scheme: str) -> None:
    shown.set_viewport_size({"width": width, "height": 900})
    shown.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    expect(shown.locator(".toast")).to_have_count(0)  # it fades, and is read aloud elsewhere
    for view in ("rendered", "markdown", "differences"):
        shown.locator(f"#view-{view}").click()
        assert complaints(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    shown.set_viewport_size({"width": 1440, "height": 900})


def test_a_narrow_screen_shows_one_side_at_a_time(shown: Page) -> None:
    shown.set_viewport_size({"width": 390, "height": 844})
    expect(panel(shown)).to_be_visible()
    expect(shown.locator("#viewer")).to_be_hidden()
    expect(shown.locator(".sides")).to_be_in_viewport(ratio=1)
    shown.get_by_role("button", name="Page", exact=True).click()
    expect(shown.locator("#viewer")).to_be_visible()
    expect(panel(shown)).to_be_hidden()
    viewer, sides = shown.locator("#viewer").bounding_box(), shown.locator(".sides").bounding_box()
    assert viewer
    assert sides
    assert viewer["height"] > 5 * sides["height"]
    shown.get_by_role("button", name="Text", exact=True).click()
    shown.set_viewport_size({"width": 1440, "height": 900})
