"""Each check against a server that is right, and against one that is wrong in that one thing."""

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.responses import JSONResponse, PlainTextResponse, Response

from lighton_ocr.catalog import find_model
from lighton_ocr.check import CheckReport, Outcome, run_checks
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from tests.support.scripted_endpoint import Answer, ScriptedEndpoint, garbage, says, status

KEY = "a key"
PASSED, FAILED, NOT_APPLICABLE = Outcome


class VllmLike:
    """Answers as vLLM does with one page a request, the processor at the model's edge."""

    def __init__(self, text: str, edge: int = 1540, images: int = 1, whole: str = "") -> None:
        self.text, self.edge, self.images, self.whole = text, edge, images, whole

    def __call__(self, body: dict[str, Any]) -> Response:
        parts = body["messages"][0]["content"]
        if len(parts) > self.images:
            return status(400, "At most 1 image(s) may be provided in one prompt.")(body)
        if body["max_tokens"] == 1:
            tokens = self._tokens(parts[0]["image_url"]["url"]) + 12
            usage = {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}
            choice = {"index": 0, "message": {"content": "x"}, "finish_reason": "length"}
            return JSONResponse({"choices": [choice], "usage": usage})
        return says(self.text if body.get("stream") else self.whole or self.text)(body)

    def _tokens(self, url: str) -> int:
        image = Image.open(BytesIO(base64.b64decode(url.split(",")[1])))
        width, height = Geometry(self.edge, 28).fit(*image.size)
        return width * height // 28**2


@pytest.fixture
def letter_text(letter: Path) -> str:
    with open_document(load_source(str(letter))) as document:
        return document.text_layer(0)


@pytest.fixture
def deployment(letter_text: str) -> Iterator[ScriptedEndpoint]:
    """A deployment of the 1B model that is as it should be."""
    model = find_model("1b")
    with ScriptedEndpoint(
        key=KEY,
        card={"root": model.id, "max_model_len": model.context},
        default=VllmLike(letter_text),
        pages={
            "/health": lambda _: PlainTextResponse(""),
            "/version": lambda _: JSONResponse({"version": "0.32.0"}),
        },
    ) as server:
        yield server


def check(server: ScriptedEndpoint, letter: Path, **options: Any) -> CheckReport:
    endpoint = connect(server.url, server.key)
    with open_document(load_source(str(letter))) as document:
        return run_checks(endpoint, document, **options)


def outcome(report: CheckReport, name: str) -> tuple[Outcome, str]:
    return next((row.outcome, row.found) for row in report.results if row.check == name)


def test_a_deployment_that_is_right(deployment: ScriptedEndpoint, letter: Path) -> None:
    report = check(deployment, letter)
    assert {row.outcome for row in report.results} == {PASSED}
    assert report.passed
    assert report.text.startswith("Harbour Museum")
    assert report.seconds_to_first_token
    assert report.tokens_per_second


def test_the_embedded_engine_is_right(pocket: Endpoint, letter: Path) -> None:
    with open_document(load_source(str(letter))) as document:
        report = run_checks(pocket, document)
    assert report.passed
    open_questions = [row.check for row in report.results if row.outcome is NOT_APPLICABLE]
    assert open_questions == ["version", "closed routes", "one image"]


def test_without_streaming(deployment: ScriptedEndpoint, letter: Path) -> None:
    report = check(deployment, letter, stream=False)
    assert report.passed
    assert not any(body.get("stream") for body in deployment.bodies)
    assert report.text.startswith("Harbour Museum")


@pytest.mark.parametrize(
    ("path", "answer", "name", "found"),
    [
        ("/health", status(503), "health", "answers 503"),
        ("/version", lambda _: JSONResponse({"version": "0.9.2"}), "version", "too old"),
        ("/server_info", lambda _: JSONResponse({}), "closed routes", "/server_info"),
    ],
)
def test_wrong_pages(
    deployment: ScriptedEndpoint, letter: Path, path: str, answer: Answer, name: str, found: str
) -> None:
    deployment.pages[path] = answer
    report = check(deployment, letter)
    assert [row.check for row in report.results if row.outcome is FAILED] == [name]
    assert found in outcome(report, name)[1]


@pytest.mark.parametrize(
    ("card", "found"),
    [
        ({"root": "Qwen/Qwen3-VL-2B"}, "serves Qwen/Qwen3-VL-2B as lightonai/LightOnOCR-1B-1025"),
        ({"max_model_len": 4096}, "room for 4096 tokens, not 16384"),
    ],
)
def test_another_model_than_asked_for(
    deployment: ScriptedEndpoint, letter: Path, card: dict[str, Any], found: str
) -> None:
    deployment.card |= card
    result, said = outcome(check(deployment, letter), "model")
    assert result is FAILED
    assert found in said


def test_a_deployment_open_to_everyone(deployment: ScriptedEndpoint, letter: Path) -> None:
    endpoint = connect(deployment.url, KEY)
    deployment.key = None
    with open_document(load_source(str(letter))) as document:
        report = run_checks(endpoint, document)
    assert outcome(report, "authentication") == (FAILED, "a request without a key is let in")
    deployment.key = None
    assert outcome(check(deployment, letter), "authentication")[0] is NOT_APPLICABLE


def test_noise_instead_of_text(deployment: ScriptedEndpoint, letter: Path) -> None:
    deployment.default = VllmLike("!!! !!! !!!")
    assert outcome(check(deployment, letter), "text") == (FAILED, "0% of the PDF's own words")


def test_no_text_at_all(deployment: ScriptedEndpoint, letter: Path) -> None:
    deployment.default = VllmLike("")
    assert outcome(check(deployment, letter), "streaming") == (FAILED, "the answer is empty")


def test_streaming_that_changes_the_text(
    deployment: ScriptedEndpoint, letter: Path, letter_text: str
) -> None:
    deployment.default = VllmLike(letter_text, whole=letter_text.upper())
    assert outcome(check(deployment, letter), "same text")[0] is FAILED


def test_pictures_without_a_limit(
    deployment: ScriptedEndpoint, letter: Path, letter_text: str
) -> None:
    deployment.default = VllmLike(letter_text, images=9)
    result = outcome(check(deployment, letter), "one image")
    assert result == (FAILED, "a request with two pages is answered with 200")


@pytest.mark.parametrize(("edge", "found"), [(1024, "were to be expected"), (4000, "but twice")])
def test_pictures_of_another_size(
    deployment: ScriptedEndpoint, letter: Path, letter_text: str, edge: int, found: str
) -> None:
    deployment.default = VllmLike(letter_text, edge=edge)
    result, said = outcome(check(deployment, letter), "image sizes")
    assert result is FAILED
    assert found in said


@pytest.mark.parametrize("answer", [status(500, "out of memory"), garbage])
def test_a_server_that_breaks_fails_every_page_and_ends_nothing(
    deployment: ScriptedEndpoint, letter: Path, answer: Answer
) -> None:
    deployment.default = answer
    report = check(deployment, letter)
    failures = [row.check for row in report.results if row.outcome is FAILED]
    assert failures == ["streaming", "not streaming", "one image", "image sizes"]
    assert report.text == ""
