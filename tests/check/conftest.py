"""A scripted deployment of the 1B model that works; tests change one thing of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from lighton_ocr.catalog import find_model
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.engines.vllm.version import lighton_ocr_version
from tests.support.checked_server import KEY, VllmLike, health
from tests.support.scripted_endpoint import ScriptedEndpoint


@pytest.fixture
def letter_text(letter: Path) -> str:
    with open_document(load_source(str(letter))) as document:
        return document.text_layer(0)


@pytest.fixture
def deployment(letter_text: str) -> Iterator[ScriptedEndpoint]:
    model = find_model("1b")
    with ScriptedEndpoint(
        key=KEY,
        card={"root": model.id, "max_model_len": model.context},
        default=VllmLike(letter_text),
        pages={
            "/health": lambda _: health(lighton_ocr_version()),
            "/version": lambda _: JSONResponse({"version": "0.32.0"}),
        },
    ) as server:
        yield server
