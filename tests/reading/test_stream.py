"""Answers of all kinds of servers, well-formed or not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from lighton_ocr import _http
from lighton_ocr.endpoint import Endpoint
from tests.support.scripted_endpoint import ScriptedEndpoint, says
from tests.support.scripted_reading import results

STOP = {"index": 0, "delta": {}, "finish_reason": "stop"}


def streamed(*chunks: object) -> Callable[[dict[str, Any]], Response]:
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return lambda body: Response(text, media_type="text/event-stream")


def piece(**delta: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


@pytest.mark.parametrize(
    "chunks",
    [
        [piece(content="Hello"), {"choices": [STOP]}],
        [piece(content=[{"type": "text", "text": "Hel"}, {"text": "lo"}]), {"choices": [STOP]}],
        [piece(content="Hello"), {"choices": [STOP | {"delta": None}]}, {"choices": []}],
        [piece(content="Hello"), {"choices": [STOP]}, {"usage": {"completion_tokens": 7}}],
        [piece(content="Hello"), {"choices": [STOP], "usage": None}],
        [piece(content="He\x1bll\x00o"), {"choices": [STOP]}],
        [piece(content="Hello", role=7), {"choices": [STOP], "usage": {"prompt_tokens": "many"}}],
        [piece(content="Hello"), {"choices": [STOP], "usage": {"completion_tokens": 10**400}}],
    ],
)
async def test_streams_of_other_servers_are_understood(
    scripted: ScriptedEndpoint, endpoint: Endpoint, chunks: list[object]
) -> None:
    scripted.default = streamed(*chunks)
    (result,) = await results(endpoint)
    assert (result.text, result.finish, len(result.attempts)) == ("Hello", "stop", 1)


async def test_logprobs_that_are_no_numbers_are_left_out(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    logprobs = {"content": [{"logprob": float("nan")}, {"logprob": "x"}, {"logprob": -0.1}, 3]}
    scripted.default = streamed(
        piece(content="Hello"), {"choices": [STOP | {"logprobs": logprobs}]}
    )
    (result,) = await results(endpoint)
    assert result.confidence == pytest.approx(0.905, abs=0.001)


async def test_a_server_that_does_not_stream_is_understood(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    choice = {"index": 0, "message": {"content": "Hello"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    scripted.default = lambda body: JSONResponse({"choices": [choice], "usage": usage})
    (result,) = await results(endpoint)
    assert (result.text, result.prompt_tokens, result.completion_tokens) == ("Hello", 5, 2)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "out of memory"}},
        {"error": "out of memory"},
        {"detail": "out of memory"},
        {"message": "out of memory"},
        {"errors": [{"message": "out of memory"}]},
        {"error": {"message": "out of memory"}, "choices": []},
        {"detail": [{"loc": ["body"], "msg": "out of memory"}]},
    ],
)
@pytest.mark.parametrize("status", [200, 400, 422])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_the_servers_own_words_are_passed_on(
    scripted: ScriptedEndpoint,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    body: object,
    status: int,
    is_stream: bool,
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)
    kind = "text/event-stream" if is_stream else "application/json"
    line = ("data: %s\n\n" if is_stream else "%s") % json.dumps(body)
    scripted.default = lambda request: Response(line, status, media_type=kind)
    (result,) = await results(endpoint)
    assert result.failed
    assert "out of memory" in result.warnings[0]


@pytest.mark.parametrize("reason", ["abort", "content_filter", "error"])
async def test_an_answer_that_the_server_broke_off_is_asked_for_again(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)
    scripted.script = [says("Hello from", finish=reason)]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 2)
    assert f"broke the answer off ({reason})" in result.attempts[0].outcome


async def test_a_web_page_is_no_answer(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)
    scripted.default = lambda body: Response("<html>Sign in", media_type="text/html")
    (result,) = await results(endpoint)
    assert result.failed
    assert "answers with a web page" in result.warnings[0]


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '"text"', "[1]", "7", "null", '{"choices": 7}', "{}"], ids=len
)
async def test_an_odd_event_is_no_traceback(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)
    scripted.script = [lambda body: Response(f"data: {line}\n\n", media_type="text/event-stream")]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 2)


@pytest.mark.parametrize("separator", [b"", b"\n"])
async def test_an_answer_without_end_is_cut(
    scripted: ScriptedEndpoint,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    separator: bytes,
) -> None:
    monkeypatch.setattr(_http, "MAX_ANSWER_BYTES", 1 << 20)
    monkeypatch.setattr(_http, "MAX_LINE_BYTES", 1 << 18)
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)

    def endless(body: dict[str, Any]) -> Response:
        async def chunks() -> Any:
            for _ in range(1024):  # 16 MiB
                yield b": " + b"x" * (1 << 14) + separator

        return StreamingResponse(chunks(), media_type="text/event-stream")

    scripted.script = [endless]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 2)
    assert "far longer than a page" in result.attempts[0].outcome


async def test_a_page_is_not_sent_to_another_host(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    other = scripted.url.replace("127.0.0.1", "localhost")
    scripted.script = [lambda body: RedirectResponse(f"{other}/v1/chat/completions", 307)]
    (result,) = await results(endpoint)
    assert result.failed
    assert "another host, localhost" in result.warnings[0]
    assert len(scripted.bodies) == 1
