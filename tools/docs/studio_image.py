"""Draws the README's picture of the studio: the example invoice, read by the pocket model.

    python -m tools.docs.studio_image

It needs Chromium, and writes docs/studio.webp.
"""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright
from tests.support.scripted_endpoint import serving

from lighton_ocr.catalog import find_model
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.server.app import create_app

PICTURE = Path(__file__).parents[2] / "docs" / "studio.webp"
_READING_MS = 180_000


def draw() -> bytes:
    """Return a screenshot as PNG, once the page is read."""
    with (
        EmbeddedEngine(find_model("pocket")) as endpoint,
        serving(create_app(endpoint)) as url,
        sync_playwright() as playwright,
    ):
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.get_by_role("button", name="An invoice").click()
        expect(page.locator("#progress")).to_have_text("1 page", timeout=_READING_MS)
        picture = page.screenshot()
        browser.close()
    return picture


if __name__ == "__main__":
    Image.open(io.BytesIO(draw())).save(PICTURE, quality=88, method=6)
