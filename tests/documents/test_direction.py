"""Pages that lie on their side or on their head are found by their print."""

from pathlib import Path

import pytest
from PIL import Image

from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.direction import find_turn, turn_image, turn_upright
from lighton_ocr.documents.pages import Encoding, Geometry, decode, encode
from tests.support.examples import EXAMPLES


@pytest.mark.parametrize("name", ["letter.pdf", "paper.pdf", "scan.jpg"])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_print_tells_its_direction(name: str, degrees: int) -> None:
    with open_document(load_source(EXAMPLES / name)) as document:
        image = document.render(0, Geometry(1288, 28)).image
    assert find_turn(turn_image(image, degrees)) == (360 - degrees) % 360


BLANK, NOISE = Image.new("L", (700, 900), 255), Image.effect_noise((700, 900), 60)


@pytest.mark.parametrize("image", [BLANK, NOISE])
def test_a_picture_without_print_stays_as_it_is(image: Image.Image) -> None:
    assert find_turn(image) == 0


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_an_encoded_page_is_turned(letter: Path, encoding: Encoding) -> None:
    with open_document(load_source(letter)) as document:
        page = document.render(0, Geometry(1288, 28))
    upright = encode(page, encoding)
    assert turn_upright(upright) is None
    aside = encode(type(page)(0, turn_image(page.image, 90), (1, 1), 0), encoding)
    found = turn_upright(aside)
    assert found is not None
    assert (found.turned, found.media_type, found.size) == (270, upright.media_type, upright.size)
    assert encoding == "jpeg" or decode(found).tobytes() == decode(upright).tobytes()
