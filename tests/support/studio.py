"""The studio in a real browser: fixtures and what its tests do again and again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from tests.support.scripted_endpoint import serving

_READING_MS = 180_000  # the embedded engine, on a busy machine


@contextmanager
def studio(browser: Browser, endpoint: Endpoint, **context: Any) -> Iterator[Page]:
    """Open the studio of a server in front of an endpoint; a fault of the page fails the test."""
    with serving(create_app(endpoint)) as url, opened(browser, url, **context) as page:
        yield page


@contextmanager
def opened(
    browser: Browser, url: str, may_fail: str | None = None, **context: Any
) -> Iterator[Page]:
    """Open a studio that is being served; requests may fail with the error that is named."""
    tab: BrowserContext = browser.new_context(**context)
    page = tab.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: None if _is_own(asked.url, url) else faults.append(asked.url))
    page.goto(url)
    yield page
    tab.close()
    # Chromium writes the status of answers to the console; the page says it in words.
    known = tuple(filter(None, ("the server responded with a status", may_fail)))
    assert [fault for fault in faults if not any(part in fault for part in known)] == []


@pytest.fixture
def page(browser: Browser, endpoint: Endpoint) -> Iterator[Page]:
    """A studio whose model answers as the test's scripted endpoint says."""
    with studio(browser, endpoint) as page:
        yield page


def read(page: Page, *files: Path) -> None:
    """Choose files."""
    page.set_input_files("#files", files)


def wait_until_read(page: Page) -> None:
    """Wait until the shown document is done."""
    expect(page.locator("#progress")).to_have_text(re.compile(r"^\d+ pages?$"), timeout=_READING_MS)


def panel(page: Page) -> Locator:
    """The panel that holds the page's text."""
    return page.locator("#panel")


def complaints(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds: rule, impact and elements."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["impact"], [node["html"] for node in one["nodes"]]) for one in found]


def _is_own(asked: str, url: str) -> bool:
    return asked.startswith((url, "data:", f"blob:{url}"))
