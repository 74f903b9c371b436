import base64
from io import BytesIO

import pytest
from PIL import Image

from lighton_ocr.catalog import find_model
from lighton_ocr.engines.vllm.warm_up import warm_up_request


@pytest.mark.parametrize("name", ["1b", "3-0.8b"])
def test_the_first_page_is_blank_and_as_large_as_an_a4_page(name: str) -> None:
    model = find_model(name)
    body = warm_up_request(model)
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    with Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        assert image.getextrema() == (255, 255)
        assert (image.height, image.width % model.grid) == (model.edge, 0)
        assert image.height / image.width == pytest.approx(2**0.5, rel=0.02)
    assert body["model"] == model.id
