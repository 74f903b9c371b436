"""Requests and faults that once ended in an answer without words, or in none."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from lighton_ocr.documents.pages import PreparedPage
from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from lighton_ocr.server.document_reader import DocumentReader, OpenedDocument
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint, breaks
from tests.support.server_events import read_events

pytestmark = pytest.mark.slow  # renderers are processes
JSON = {"Content-Type": "application/json"}
SECRET = "what the document says"


@pytest.fixture
def http(endpoint: Endpoint) -> Iterator[httpx2.Client]:
    """A client of a server that has one uploaded file."""
    with (
        running(create_app(endpoint)) as url,
        httpx2.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def signed(http: httpx2.Client, letter: Path) -> str:
    id = http.post("/v1/files", files={"file": ("a.pdf", letter.read_bytes())}).json()["id"]
    return str(http.get(f"/v1/files/{id}/url").json()["url"])


def test_a_signed_address_with_a_name(http: httpx2.Client, letter: Path) -> None:
    url = signed(http, letter)
    document = {"type": "document_url", "document_url": url, "document_name": "mine.pdf"}
    with http.stream("POST", "/v1/ocr", json={"document": document, "stream": True}) as response:
        _, first = next(iter(read_events(response)))
    assert first["name"] == "mine.pdf"


def test_a_signed_address_with_an_endless_number(http: httpx2.Client, letter: Path) -> None:
    path = signed(http, letter).partition("?")[0]
    assert http.get(f"{path}?expires={'1' * 5000}&signature=a").status_code == 401


def test_an_uploaded_file_is_not_copied_for_each_request(
    http: httpx2.Client, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = []
    open_document = DocumentReader.open

    async def look(self: DocumentReader, file: DocumentFile, *rest: Any) -> OpenedDocument:
        links.append(file.path.stat().st_nlink)
        return await open_document(self, file, *rest)

    monkeypatch.setattr(DocumentReader, "open", look)
    id = http.post("/v1/files", files={"file": ("a.pdf", letter.read_bytes())}).json()["id"]
    body = {"document": {"type": "file", "file_id": id}}
    assert http.post("/v1/ocr", json=body).status_code == 200
    assert http.post("/v1/ocr", json=body).status_code == 200
    assert links == [2, 2]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/ocr", r'{"document": {"type": "file", "file_id": "\ud800"}}', 404),
        ("/v1/chat/completions", '{"messages": [{"role": "user", "content": 1}]}', 400),
        ("/v1/chat/completions", '{"messages": [{"role": "user", "content": true}]}', 400),
    ],
)
def test_odd_json(http: httpx2.Client, path: str, body: str, status: int) -> None:
    answer = http.post(path, content=body, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")


@pytest.mark.parametrize("path", ["/v1/ocr", "/v1/chat/completions", "/v1/files"])
def test_a_route_of_another_method(http: httpx2.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert http.get("/no-such-page").status_code == 404
    assert "<title>" in http.get("/").text


def test_a_fault_of_ours_is_told_and_logged_without_the_document(
    http: httpx2.Client,
    letter: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def breaks_down(*_: object) -> PreparedPage:
        raise KeyError(SECRET)

    monkeypatch.setattr("lighton_ocr.server.document_reader.try_to_prepare", breaks_down)
    form = {"file": ("a.pdf", letter.read_bytes())}
    answer = http.post("/v1/ocr", files=form)
    assert answer.status_code == 500
    assert "KeyError" in answer.json()["error"]["message"]
    with http.stream("POST", "/v1/ocr?stream=true", files=form) as response:
        *_, (name, data) = read_events(response)
    assert name == "error"
    assert data["error"]["code"] == 500
    told = caplog.text + answer.text + json.dumps(data)
    assert "breaks_down" in caplog.text
    assert SECRET not in told


@pytest.mark.parametrize("stream", [True, False])
def test_an_engine_that_breaks_off_under_a_chat(
    http: httpx2.Client, scripted: ScriptedEndpoint, letter: Path, stream: bool
) -> None:
    scripted.default = breaks("Half of it")
    part = {"type": "image_url", "image_url": {"url": signed(http, letter)}}
    body = {"messages": [{"role": "user", "content": [part]}], "stream": stream}
    answer = http.post("/v1/chat/completions", json=body)
    assert answer.status_code == (200 if stream else 503)
    last = answer.text.strip().rpartition("data: ")[2]
    assert json.loads(last)["error"]["code"] == 503
