"""The allow-list of vLLM's routes. The routes of 0.32.0 were taken from its source."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from lighton_ocr.engines.vllm.allow_list import KEY_HEADER, KEY_VARIABLE, OPEN, RouteAllowList
from lighton_ocr.engines.vllm.version import VERSION_HEADER, VERSION_VARIABLE

CLOSED = [
    *("/sleep", "/wake_up", "/is_sleeping", "/release_kv_cache_memory"),
    *("/collective_rpc", "/server_info", "/reset_prefix_cache", "/reset_mm_cache"),
    *("/pause", "/resume", "/abort_requests", "/update_weights", "/init_weight_transfer_engine"),
    *("/start_profile", "/v1/load_lora_adapter", "/tokenizer_info", "/invocations", "/docs"),
    *("//sleep", "/v1/../sleep", "/health/", "/Sleep"),
]


async def reached(request: Request) -> PlainTextResponse:
    return PlainTextResponse("reached")


@pytest.fixture(params=["the-key", ""], ids=["key", "no key"])
def key(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY_VARIABLE, request.param)
    return str(request.param)


@pytest.fixture
def client(key: str) -> TestClient:
    methods = ["GET", "POST"]
    return TestClient(
        RouteAllowList(Starlette(routes=[Route("/{path:path}", reached, methods=methods)]))
    )


@pytest.mark.parametrize("path", sorted(OPEN))
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
    assert TestClient(RouteAllowList(app)).get(path).headers[VERSION_HEADER] == "1.2.3"
