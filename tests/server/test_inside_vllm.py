"""`DocumentRoutes` in front of vLLM: several API servers, senders, and what a public one shows."""

import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import httpx2
import pytest
from starlette.applications import Starlette

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.engines.vllm.allow_list import KEY_HEADER, SENDER_HEADER, AllowList
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.request_headers import MAX_HEADER_BYTES
from lighton_ocr.engines.vllm.server import child_environment, document_settings
from lighton_ocr.server.inside_vllm import DocumentRoutes
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow  # renderers are processes
ROUTE_KEY = "route-key"


def api_server(endpoint: ScriptedEndpoint, public: bool = False) -> Starlette:
    """An API server as VllmServer starts it, whose pages another one reads."""
    options = VllmOptions(find_model("1b"), find_gpu("L4"), public=public, documents=True)
    port = int(endpoint.url.rpartition(":")[2])
    settings = child_environment(options, ROUTE_KEY) | document_settings(options, port)
    with patch.dict("os.environ", settings):
        return DocumentRoutes(AllowList(Starlette()))  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Keep what the middleware takes away from the process that it runs in."""
    with patch.object(sys.modules["__main__"], "__file__", None, create=True):
        yield


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as scripted:
        yield scripted


def test_api_servers_share_the_files_of_clients(endpoint: ScriptedEndpoint, letter: Path) -> None:
    with running(api_server(endpoint)) as one, running(api_server(endpoint)) as other:
        form = {"file": ("letter.pdf", letter.read_bytes())}
        id = httpx2.post(f"{one}/v1/files", files=form, data={"purpose": "ocr"}).json()["id"]
        assert httpx2.get(f"{other}/v1/files/{id}").json()["filename"] == "letter.pdf"
        signed = httpx2.get(f"{other}/v1/files/{id}/url").json()["url"]
        assert httpx2.get(signed.replace(other, one)).content == letter.read_bytes()
        document = {"document": {"type": "file", "file_id": id}}
        answer = httpx2.post(f"{other}/v1/ocr", json=document, timeout=60)
        assert answer.json()["pages"][0]["markdown"] == "Hello from the page."
        assert httpx2.delete(f"{one}/v1/files/{id}").json()["deleted"]
        assert httpx2.get(f"{other}/v1/files/{id}").status_code == 404


def test_pages_are_counted_for_the_sender_of_the_document(
    endpoint: ScriptedEndpoint, letter: Path
) -> None:
    with running(api_server(endpoint)) as url:
        for key in ("one", "two", "two"):
            headers = {"Authorization": f"Bearer {key}"}
            form = {"file": letter.read_bytes()}
            assert httpx2.post(f"{url}/v1/ocr", files=form, headers=headers, timeout=60).is_success
    one, two, again = (headers[SENDER_HEADER] for headers in endpoint.headers)
    assert one != two == again
    assert {headers[KEY_HEADER] for headers in endpoint.headers} == {ROUTE_KEY}
    assert "one" not in one


def test_drafts_go_along(endpoint: ScriptedEndpoint, letter: Path) -> None:
    with running(api_server(endpoint)) as url:
        httpx2.post(f"{url}/v1/ocr", files={"file": letter.read_bytes()}, timeout=60)
    assert "Lindqvist" in endpoint.bodies[0]["vllm_xargs"]["draft"]


def test_a_public_server_has_no_documentation(endpoint: ScriptedEndpoint) -> None:
    with running(api_server(endpoint, public=True)) as url:
        for path in ("/docs", "/redoc", "/openapi.json", "/metrics"):
            assert httpx2.get(url + path).status_code == 404
        assert "<title>" in httpx2.get(url).text


def test_headers_are_bounded(endpoint: ScriptedEndpoint) -> None:
    with running(api_server(endpoint)) as url:
        headers = {"X-Long": "x" * MAX_HEADER_BYTES}
        assert httpx2.post(f"{url}/v1/ocr", headers=headers).status_code == 431
