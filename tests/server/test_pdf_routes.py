"""`POST /v1/pdf`: a document and its result in JSON become a searchable PDF."""

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest
from pypdfium2 import PdfDocument

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from tests.support.error_answers import error_sentence
from tests.support.examples import EXAMPLES
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow  # renderers are processes
SCAN = ("scan.jpg", (EXAMPLES / "scan.jpg").read_bytes())
PAPER = ("paper.pdf", (EXAMPLES / "paper.pdf").read_bytes())


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[httpx2.Client]:
    with (
        running(create_app(endpoint)) as url,
        httpx2.Client(base_url=url, timeout=120) as client,
    ):
        yield client


def result(page: int = 1, **block: Any) -> dict[str, Any]:
    blocks = [{"text": "word", "box_from": "model"} | block] if block else []
    return {"pages": [{"page": page, "text": "Some words.", "blocks": blocks}]}


def post(client: httpx2.Client, result: Any, file: tuple[str, bytes] = SCAN) -> httpx2.Response:
    return client.post("/v1/pdf", files={"file": file, "result": json.dumps(result)})


def words(pdf: bytes) -> list[str]:
    with closing(PdfDocument(pdf)) as document:
        text: str = document[0].get_textpage().get_text_bounded()
    return text.split()


def test_the_pdf_is_that_of_a_document_that_is_read(
    client: httpx2.Client, scripted: ScriptedEndpoint
) -> None:
    scripted.default = says("Words of the model.")
    ocr, form = "/v1/ocr", {"file": SCAN}
    at_once = client.post(ocr, files=form, data={"format": "pdf"}).content
    read = client.post(ocr, files=form, data={"format": "json"}).json()
    asked = len(scripted.bodies)
    answer = post(client, read).json()
    made = answer["outputs"]["pdf"]
    assert made["name"] == "scan.pdf"
    assert made["media_type"] == "application/pdf"
    assert (
        words(base64.b64decode(made["base64"])) == words(at_once) == "Words of the model.".split()
    )
    assert answer["warnings"] == []
    assert len(scripted.bodies) == asked
    warnings = post(client, read, PAPER).json()["warnings"]
    assert warnings == ["paper.pdf is already searchable: it stays as it is."]


def test_what_is_no_result_of_the_document_is_refused(client: httpx2.Client) -> None:
    beyond = "`result` has a page 9: send the result of this document."
    for wrong, status, sentence in (
        ([], 422, "`result` must be a JSON object."),
        ({}, 422, "The field `result.pages` is missing."),
        (result(page=0), 422, "`result.pages.0.page`"),
        (result(page=9), 422, f"scan.jpg has 1 page, and {beyond}"),
        (result(box=(0, 0, 10**9, 10)), 422, "from 0 to 1000"),
        (result(box=(900, 0, 100, 10)), 422, "left, top, right and bottom"),
        (result(text="\ud800", box=None), 422, "result.pages.0.blocks.0.text"),
        ([[]] * 1_000_001, 400, "more than 1,000,000 parts"),
    ):
        answer = post(client, wrong)
        assert (answer.status_code, str(wrong)[:80]) == (status, str(wrong)[:80])
        assert sentence in error_sentence(answer)


def test_boxes_without_a_size_are_taken(client: httpx2.Client) -> None:
    for box in ((0, 0, 0, 0), (500, 500, 500, 500), (1000, 1000, 1000, 1000), (0, 500, 1000, 500)):
        assert post(client, result(box=box)).status_code == 200


def test_what_is_no_form_with_two_files_is_refused(client: httpx2.Client) -> None:
    for request, status, sentence in (
        ({"json": {}}, 415, "as a form: curl -F file=@scan.pdf -F result=@scan.json."),
        ({"files": {"file": SCAN}}, 422, "The form has no file `result`"),
        ({"files": {"result": "{}"}}, 422, "The form has no file `file`"),
        ({"files": {"file": SCAN, "result": "no"}}, 400, "not valid JSON"),
        ({"files": {"file": ("a.txt", b"text"), "result": json.dumps(result())}}, 415, "a.txt is"),
    ):
        answer = client.post("/v1/pdf", **request)
        assert (answer.status_code, sentence) == (status, sentence)
        assert sentence in error_sentence(answer)


def test_a_server_without_ocrmypdf_says_what_to_install(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ocrmypdf", None)
    answer = post(client, result())
    assert answer.status_code == 422
    assert "install lighton-ocr[pdf] there." in error_sentence(answer)


def test_it_needs_the_key(endpoint: Endpoint) -> None:
    with running(create_app(endpoint, api_key="right")) as url:
        assert httpx2.post(f"{url}/v1/pdf", files={"file": SCAN}).status_code == 401
