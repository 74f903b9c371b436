"""What is wrong with a request gets the right status and one sentence, in OpenAI's shape."""

import base64
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from lighton_ocr.server.limits import ServerLimits
from tests.support.corpus import pdf
from tests.support.error_answers import error_sentence
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow  # renderers are processes
PDF = {"Content-Type": "application/pdf"}


def document(data: bytes) -> dict[str, str]:
    url = "data:application/pdf;base64," + base64.b64encode(data).decode()
    return {"type": "document_url", "document_url": url}


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[httpx2.Client]:
    limits = ServerLimits(body_bytes=1 << 20, pages=100, stall_seconds=1.0)
    with (
        running(create_app(endpoint, limits)) as url,
        httpx2.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_fields(client: httpx2.Client) -> None:
    good = {"document": document(pdf("a", 2))}
    for change, status, words in (
        ({"document": None}, 422, "`document` must be a JSON object."),
        (
            {"document": {"type": "document_url"}},
            422,
            "The field `document.document_url` is missing.",
        ),
        ({"document": {"type": "document_url", "document_url": "data:,%"}}, 415, "plain text"),
        (
            {"document": {"type": "document_url", "document_url": "data:;base64,="}},
            422,
            "base64",
        ),
        ({"document": {"type": "file", "file_id": "none"}}, 404, "no file none"),
        (
            {"document": {"type": "image_url", "image_url": "http://127.0.0.1/"}},
            422,
            "--allow-urls",
        ),
        ({"model": "mistral-ocr-latest"}, 404, "mistral-ocr-latest"),
        ({"no_such_field": 1}, 422, "There is no field `no_such_field`: leave it out."),
        ({"include_page_image": True}, 422, "did you mean `include_page_images`?"),
        ({"extract_header": True}, 422, "extract_header"),
        ({"image_limit": 3}, 422, "image_limit"),
        ({"table_format": "html", "stream": True}, 422, "table_format"),
        ({"confidence_scores_granularity": "word"}, 422, "confidence_scores_granularity"),
        ({"document_annotation_format": {"type": "text"}}, 422, "document_annotation_format"),
        ({"pages": [2]}, 422, "counts from 0"),
        ({"pages": "0-2"}, 422, "there is no 2"),
        ({"pages": "x"}, 422, "0,2-4"),
        ({"pages": "1-0"}, 422, "backwards"),
        ({"pages": []}, 422, "empty"),
        ({"formats": ["docx"]}, 422, "docx"),
    ):
        answer = client.post("/v1/ocr", json=good | change)
        assert (answer.status_code, change) == (status, change)
        assert words in error_sentence(answer)


def test_bodies(client: httpx2.Client, tmp_path: Path) -> None:
    locked = pdf("a", 1, password="secret")
    for content, headers, status, words in (
        (b"{", {"Content-Type": "application/json"}, 400, "JSON"),
        (b"[" * 100_000, {"Content-Type": "application/json"}, 400, "JSON"),
        (b"[]", {"Content-Type": "application/json"}, 422, "The request must be a JSON object."),
        (b"[" + b"{}," * 50_000, {"Content-Type": "application/json"}, 400, "parts"),
        (b"<html>", {"Content-Type": "text/html"}, 415, "text/html"),
        (b"", PDF, 422, "empty"),
        (b"hello", PDF, 415, "neither a PDF nor an image"),
        (b"%PDF-1.7 and no more", PDF, 422, "damaged"),
        (locked, PDF, 422, "encrypted"),
        (bytes(2 << 20), PDF, 413, "1 MiB"),
        (pdf("a", 101), PDF, 422, "101 pages"),
        (b"--", {"Content-Type": "multipart/form-data; boundary=x"}, 422, "file"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
            + 2 * b'--x\r\nContent-Disposition: form-data; name="pages"\r\n\r\n1\r\n'
            + b"--x--\r\n",
            {"Content-Type": "multipart/form-data; boundary=x"},
            422,
            "The field `pages` is there more than once.",
        ),
        (b"", {"Content-Type": "multipart/form-data"}, 400, "boundary"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na.pdf\r\n--x--\r\n',
            {"Content-Type": "multipart/form-data; boundary=x"},
            422,
            "curl -F file=@report.pdf",
        ),
    ):
        answer = client.post("/v1/ocr", content=content, headers=headers)
        assert (answer.status_code, content[:20]) == (status, content[:20])
        assert words in error_sentence(answer)


def test_an_encrypted_document_names_the_field_that_opens_it(client: httpx2.Client) -> None:
    locked = pdf("a", 1, password="secret")
    for query, status, field in (("", 422, "password"), ("?password=guess", 422, "password")):
        answer = client.post(f"/v1/ocr{query}", content=locked, headers=PDF)
        assert (answer.status_code, answer.json()["error"]["param"]) == (status, field)
    asked = client.post("/v1/ocr", content=locked, headers=PDF).text
    assert "it needs a password (field `password`)" in asked
    assert client.post("/v1/ocr?password=secret", content=locked, headers=PDF).status_code == 200


def test_forms(client: httpx2.Client) -> None:
    file = {"file": ("a.pdf", pdf("a", 2))}
    for fields, status, words in (
        ({"pages": "3"}, 422, "no page 3"),
        ({"pages": "1-"}, 200, ""),
        ({"password": "unused"}, 200, ""),
        ({"format": "docx"}, 422, "docx"),
        ({"format": "md", "stream": "true"}, 422, "formats"),
        ({"streem": "true"}, 422, "There is no field `streem`: did you mean `stream`?"),
        ({"Page": "1"}, 422, "did you mean `pages`?"),
        ({"language": "de"}, 422, "There is no field `language`: leave it out."),
        ({"format": "md", "table_format": "html"}, 422, "table_format"),
        ({"format": "md", "include_blocks": "true"}, 422, "include_blocks"),
        ({"include_blocks": "true"}, 200, ""),
        ({"model": "pocket-2"}, 404, "pocket-2"),
    ):
        answer = client.post("/v1/ocr", data=fields, files=file)
        assert (answer.status_code, fields) == (status, fields)
        assert status == 200 or words in error_sentence(answer)


def test_a_format_whose_library_is_missing_is_refused_before_a_page_is_read(
    client: httpx2.Client, scripted: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ocrmypdf", None)
    for query in ("format=pdf", "stream=true&formats=all,pdf"):
        answer = client.post(f"/v1/ocr?{query}", content=pdf("a", 1), headers=PDF)
        assert answer.status_code == 422
        assert "This server cannot write pdf, because OCRmyPDF is not installed" in error_sentence(
            answer
        )
    assert not scripted.bodies


def test_a_body_of_unknown_length_is_bounded_while_it_arrives(client: httpx2.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield bytes(1 << 16)

    answer = client.post("/v1/ocr", content=endless(), headers=PDF)
    assert answer.status_code == 413


def test_an_upload_that_stalls_ends(client: httpx2.Client) -> None:
    address = urlsplit(str(client.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(
            b"POST /v1/ocr HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/pdf\r\n"
            b"Content-Length: 1000\r\n\r\n%PDF"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")


def test_routes(client: httpx2.Client) -> None:
    missing = client.get("/v1/nothing")
    assert missing.status_code == 404
    assert "POST /v1/ocr" in missing.text
    other_method = client.put("/v1/ocr")
    assert other_method.status_code == 405
    assert "Use POST." in other_method.text
    assert client.get("/health").json() == {"status": "ok"}
    assert "lighton_ocr_pages_in_flight 0.0" in client.get("/metrics").text
    assert client.get("/openapi.json").json()["paths"]["/v1/ocr"]


def test_the_key(endpoint: Endpoint) -> None:
    with running(create_app(endpoint, api_key="right")) as url:
        for header, status in (
            (None, 401),
            ("Bearer wrong", 401),
            ("Bearer", 401),
            ("right", 401),
            ("Bearer right", 200),
            ("bearer right", 200),
        ):
            headers = {"Authorization": header} if header else {}
            for path in ("/v1/models", "/metrics"):
                assert httpx2.get(url + path, headers=headers).status_code == status
        assert httpx2.get(url + "/health").status_code == 200


def test_without_a_key_only_loopback_names_and_own_pages(client: httpx2.Client) -> None:
    for headers, status in (
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[bad"}, 403),
        ({"Origin": "https://evil.example"}, 200),
    ):
        answer = client.get("/v1/models", headers=headers)
        assert answer.status_code == status
        assert "access-control-allow-origin" not in answer.headers
    cross = {"Sec-Fetch-Site": "cross-site"} | PDF
    assert client.post("/v1/ocr", content=b"", headers=cross).status_code == 403


def test_files_are_bounded(endpoint: Endpoint) -> None:
    limits = ServerLimits(files=2, file_bytes=100)
    with running(create_app(endpoint, limits)) as url:

        def upload(size: int) -> httpx2.Response:
            return httpx2.post(f"{url}/v1/files", files={"file": ("a", bytes(size))})

        assert upload(101).status_code == 429
        first = upload(10)
        assert upload(10).status_code == 200
        assert upload(10).status_code == 429
        assert httpx2.delete(f"{url}/v1/files/{first.json()['id']}").json()["deleted"]
        assert upload(10).status_code == 200
        wrong = {"purpose": "fine-tune"}
        answer = httpx2.post(f"{url}/v1/files", files={"file": ("a", b"a")}, data=wrong)
        assert answer.status_code == 422


def test_files_expire(endpoint: Endpoint) -> None:
    with running(create_app(endpoint, ServerLimits(file_seconds=-1))) as url:
        id = httpx2.post(f"{url}/v1/files", files={"file": ("a", b"a")}).json()["id"]
        assert httpx2.get(f"{url}/v1/files/{id}").status_code == 404


def test_files_are_taken_after_their_folder_was_removed(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with running(create_app(endpoint)) as url:
        for _ in range(2):
            (folder,) = tmp_path.glob("lighton-ocr-files-*")
            folder.rmdir()  # as systemd does with what was not used for ten days
            id = httpx2.post(f"{url}/v1/files", files={"file": ("a", b"a")}).json()["id"]
            assert httpx2.get(f"{url}/v1/files/{id}").json()["bytes"] == 1
            assert httpx2.delete(f"{url}/v1/files/{id}").json()["deleted"]
    assert not list(tmp_path.iterdir())


def test_no_request_that_the_schema_allows_breaks_the_server(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    with running(create_app(endpoint)) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json")

        seen = set()
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()

            @given(case=operation.as_strategy())
            @settings(max_examples=15, suppress_health_check=list(HealthCheck))
            def check(case: Any) -> None:
                response = case.call(base_url=url)
                assert response.status_code < 500, response.text
                seen.add((case.path, response.status_code))

            check()
    assert ("/v1/ocr", 422) in seen
    assert ("/health", 200) in seen
