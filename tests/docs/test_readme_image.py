"""The README's picture shows what `make ocr` prints, and the letter that it reads."""

import base64
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops
from tools.docs import readme_image

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def picture() -> ElementTree.Element:
    return ElementTree.parse(readme_image.TARGET).getroot()  # noqa: S314 - a file of ours


@pytest.mark.slow
def test_the_terminal_shows_what_a_run_prints(picture: ElementTree.Element) -> None:
    shown = [(row.text or "", row.get("fill")) for row in picture.iter(f"{SVG}text")]
    assert shown == readme_image.terminal_lines()


def test_the_page_is_the_letter(picture: ElementTree.Element) -> None:
    image = next(picture.iter(f"{SVG}image"))
    data = image.attrib["href"].partition(",")[2]
    drawn, _ = readme_image.page_image(int(image.attrib["height"]))
    shown, letter = (
        Image.open(BytesIO(base64.b64decode(one))).convert("L") for one in (data, drawn)
    )
    assert shown.size == letter.size
    difference = ImageChops.difference(shown, letter).histogram()
    assert sum(difference[64:]) < 0.001 * shown.width * shown.height
