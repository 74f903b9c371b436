"""The allow-list of vLLM's routes. The routes of 0.32.0 were taken from its source."""

import asyncio
import json

import httpx2
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from lighton_ocr.catalog import find_model
from lighton_ocr.engines.vllm.allow_list import (
    CAPACITY_VARIABLE,
    KEY_HEADER,
    KEY_VARIABLE,
    OPEN,
    OPEN_WITH_KEY,
    PUBLIC_VARIABLE,
    READ,
    SENDER_HEADER,
    AllowList,
)
from lighton_ocr.engines.vllm.request_headers import MAX_HEADER_BYTES
from lighton_ocr.engines.vllm.version import VERSION_HEADER, VERSION_VARIABLE
from lighton_ocr.engines.vllm.warm_up import warm_up_request

CLOSED = [
    *("/sleep", "/wake_up", "/is_sleeping", "/release_kv_cache_memory"),
    *("/collective_rpc", "/server_info", "/reset_prefix_cache", "/reset_mm_cache"),
    *("/pause", "/resume", "/abort_requests", "/update_weights", "/init_weight_transfer_engine"),
    *("/start_profile", "/v1/load_lora_adapter", "/tokenizer_info", "/invocations", "/docs"),
    *("/v1/completions", "/v1/responses", "/v1/messages", "/v1/chat/completions/batch"),
    *("/tokenize", "/detokenize", "/v1/chat/completions/render", "/inference/v1/generate"),
    *("//sleep", "/v1/../sleep", "/health/", "/Sleep"),
]


async def reached(request: Request) -> PlainTextResponse:
    return PlainTextResponse(b"reached" + await request.body())


APP = Starlette(routes=[Route("/{path:path}", reached, methods=["GET", "POST"])])


@pytest.fixture(params=["the-key", ""], ids=["key", "no key"])
def key(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY_VARIABLE, request.param)
    return str(request.param)


@pytest.fixture
def client(key: str) -> TestClient:
    return TestClient(AllowList(APP))


@pytest.mark.parametrize("path", sorted(OPEN | OPEN_WITH_KEY))
def test_routes_on_the_list_are_open(client: TestClient, path: str) -> None:
    assert client.get(path).text == "reached"


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("given", [None, "", "wrong"])
def test_other_routes_are_closed(client: TestClient, path: str, given: str | None) -> None:
    headers = {} if given is None else {KEY_HEADER: given}
    answer = client.post(f"http://testserver{path}", headers=headers)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


def test_the_key_opens_all_routes(client: TestClient, key: str) -> None:
    answer = client.post("/sleep", headers={KEY_HEADER: key or "none"})
    assert answer.status_code == (200 if key else 404)


@pytest.mark.parametrize("path", ["/health", "/sleep"])
def test_each_response_gives_the_version_that_started_the_server(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv(VERSION_VARIABLE, "1.2.3")
    app = Starlette(routes=[Route("/{path:path}", reached)])
    assert TestClient(AllowList(app)).get(path).headers[VERSION_HEADER] == "1.2.3"


@pytest.mark.parametrize("path", sorted(OPEN | OPEN_WITH_KEY))
def test_a_public_server_tells_nobody_its_versions_and_metrics(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv(PUBLIC_VARIABLE, "1")
    answer = TestClient(AllowList(APP)).get(path)
    assert answer.status_code == (404 if path in OPEN_WITH_KEY else 200)
    assert VERSION_HEADER not in answer.headers


@pytest.mark.parametrize("path", ["/health", READ, "/sleep"])
def test_headers_are_bounded(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"X-Long": "x" * MAX_HEADER_BYTES})
    assert answer.status_code == 431
    assert client.get("/health", headers={"X-Long": "x" * (MAX_HEADER_BYTES // 2)}).is_success


def test_a_page_reaches_vllm_byte_for_byte(client: TestClient) -> None:
    body = json.dumps(warm_up_request(find_model("pocket")), indent=3).encode()
    assert client.post(READ, content=body).content == b"reached" + body


def test_other_requests_are_refused_unless_they_have_the_key(client: TestClient, key: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
    assert client.post(READ, json=body).status_code == 400
    answer = client.post(READ, json=body, headers={KEY_HEADER: key or "none"})
    assert answer.status_code == (200 if key else 400)


def test_a_page_of_a_document_is_checked_and_its_sender_is_believed_with_the_key_alone(
    client: TestClient, key: str
) -> None:
    headers = {KEY_HEADER: key or "none", SENDER_HEADER: "somebody"}
    page = warm_up_request(find_model("pocket"))
    assert client.post(READ, json=page, headers=headers).is_success
    assert client.post(READ, json=page | {"n": 2}, headers=headers).status_code == 400


async def test_pages_wait_for_their_place_in_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAPACITY_VARIABLE, "1")
    reached = asyncio.Semaphore(0)
    release = asyncio.Event()

    async def wait(request: Request) -> PlainTextResponse:
        reached.release()
        await release.wait()
        return PlainTextResponse()

    app = AllowList(Starlette(routes=[Route(READ, wait, methods=["POST"])]))
    page = warm_up_request(find_model("pocket"))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://server") as client:
        tasks = [asyncio.create_task(client.post(READ, json=page)) for _ in range(4)]
        await reached.acquire()
        await reached.acquire()
        for _ in range(100):
            await asyncio.sleep(0)
        assert reached.locked()  # one is read, one waits in vLLM, and two before it
        release.set()
        assert [(await task).status_code for task in tasks] == [200] * 4


def test_a_full_server_says_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAPACITY_VARIABLE, "0")
    answer = TestClient(AllowList(APP)).post(READ, json=warm_up_request(find_model("pocket")))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["message"] == "The queue is full. Try again later."


def test_an_image_that_pillow_refuses_by_its_size_is_answered_with_400(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)

    async def vllm(request: Request) -> PlainTextResponse:
        raise Image.DecompressionBombError("Image size (4294967296 pixels) exceeds limit")

    app = Starlette(routes=[Route(READ, vllm, methods=["POST"])])
    app.add_middleware(AllowList)  # as vLLM does
    answer = TestClient(app).post(READ, json=warm_up_request(find_model("pocket")))
    assert answer.status_code == 400
    assert "more pixels than any page" in answer.json()["error"]["message"]
