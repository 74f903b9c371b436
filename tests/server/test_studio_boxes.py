"""Boxes in the studio, with a recorded answer of a model that gives them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lighton_ocr.engines.remote import connect
from tests.support.box_answers import LAYOUT
from tests.support.browser import browser
from tests.support.scripted_endpoint import ScriptedEndpoint, says
from tests.support.studio import complaints, panel, read, studio, wait_until_read

pytestmark = pytest.mark.slow
__all__ = ["browser"]


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@contextmanager
def letter_with_boxes(browser: Browser, **context: Any) -> Iterator[Page]:
    letter = Path(__file__).parents[2] / "examples" / "letter.pdf"
    model = ScriptedEndpoint(default=says(LAYOUT, pieces=50), model="lightonai/LightOnOCR-3-1B")
    with model as server, studio(browser, connect(server.url), **context) as page:
        read(page, letter)
        wait_until_read(page)
        yield page


@pytest.fixture(scope="module")
def boxed(browser: Browser) -> Iterator[Page]:
    with letter_with_boxes(browser) as page:
        yield page


def test_boxes_lie_where_the_model_says(boxed: Page) -> None:
    sheet = boxed.locator("#sheet").bounding_box()
    title = boxed.locator("#boxes .box").nth(1)
    expect(title).to_have_accessible_name("title: Tides and the Timing of Ferries")
    box = title.bounding_box()
    assert sheet
    assert box
    assert (box["x"] - sheet["x"]) / sheet["width"] == pytest.approx(0.113, abs=0.003)
    assert (box["y"] - sheet["y"]) / sheet["height"] == pytest.approx(0.108, abs=0.003)
    assert box["width"] / sheet["width"] == pytest.approx(0.35, abs=0.003)
    assert complaints(boxed) == []


@pytest.mark.parametrize("view", ["rendered", "markdown"])
def test_a_box_lights_up_its_text_and_the_text_its_box(boxed: Page, view: str) -> None:
    boxed.locator(f"#view-{view}").click()
    boxed.locator("#boxes .box").nth(1).hover()
    expect(panel(boxed).locator(".lit")).to_contain_text("Tides")
    panel(boxed).locator("[data-block='1']").hover()
    expect(boxed.locator("#boxes .lit")).to_have_accessible_name(
        "title: Tides and the Timing of Ferries"
    )


def test_the_keyboard_goes_from_box_to_box(boxed: Page) -> None:
    boxed.locator("#view-rendered").click()
    boxed.locator("#boxes .box").first.focus()
    boxed.keyboard.press("ArrowDown")
    expect(boxed.locator("#boxes .box").nth(1)).to_be_focused()
    expect(panel(boxed).locator(".lit")).to_contain_text("Tides")
    boxed.keyboard.press("Enter")
    expect(panel(boxed).locator(".lit")).to_be_in_viewport()


def test_boxes_can_be_hidden(boxed: Page) -> None:
    boxed.get_by_role("button", name="Show boxes").click()
    expect(boxed.locator("#boxes")).to_be_hidden()
    boxed.get_by_role("button", name="Show boxes").click()
    expect(boxed.locator("#boxes")).to_be_visible()


def test_a_correction_keeps_figures_and_boxes(boxed: Page) -> None:
    boxed.get_by_role("button", name="Correct the text").click()
    editor = boxed.get_by_label("Markdown of this page")
    editor.fill(editor.input_value().replace("ferry", "boat"))
    boxed.get_by_role("button", name="Keep").click()
    expect(panel(boxed).locator("article p").first).to_be_visible()
    expect(panel(boxed)).to_contain_text("A boat that crosses")
    expect(panel(boxed).locator("article img")).to_have_count(2)
    expect(panel(boxed).locator("[data-block='1']")).to_contain_text("Tides")
    boxed.get_by_role("button", name="Correct the text").click()
    boxed.get_by_role("button", name="Restore the original text").click()


def test_fingers_zoom_the_page_and_tap_its_boxes(browser: Browser) -> None:
    with letter_with_boxes(browser, **PHONE) as page:
        fingers = page.context.new_cdp_session(page)

        def touch(kind: str, *places: tuple[int, int]) -> None:
            points = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(places)]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        page.get_by_role("button", name="Page", exact=True).tap()
        touch("touchStart", (170, 400), (220, 400))
        touch("touchMove", (145, 400), (245, 400))
        touch("touchEnd")
        expect(page.locator("#zoom-fit")).to_have_text("200 %")
        assert page.evaluate("visualViewport.scale") == 1
        sheet = page.locator("#sheet").bounding_box()
        assert sheet
        assert sheet["x"] + sheet["width"] / 2 == pytest.approx(195, abs=3)  # between the fingers
        page.locator("#zoom-fit").tap()
        page.locator("#boxes .box").nth(1).tap()
        expect(panel(page).locator(".lit")).to_be_in_viewport()
        expect(panel(page).locator(".lit")).to_contain_text("Tides")
