"""Answers that are not what their headers say: the body decides."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse

from lighton_ocr import _http
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.errors import EndpointError
from tests.support.scripted_endpoint import ScriptedEndpoint, says
from tests.support.scripted_reading import results

TEXT = "Zwölf Euro [DONE]\u2028data: ok"  # nothing in it is taken for the end of a line
WHOLE: dict[str, Any] = {
    "choices": [{"index": 0, "message": {"content": TEXT}, "finish_reason": "stop"}]
}
CHUNKS: list[dict[str, Any]] = [
    {"choices": [{"index": 0, "delta": {"content": TEXT}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
]
LINES = [json.dumps(chunk, ensure_ascii=False) for chunk in CHUNKS]
JSON = json.dumps(WHOLE, ensure_ascii=False)
EVENTS = "".join(f"data: {line}\n\n" for line in LINES) + "data: [DONE]\n\n"
KINDS = ["application/json", "text/event-stream", "text/plain; charset=iso-8859-1", None]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)


def answers(
    body: bytes, kind: str | None = None, encoding: str | None = None
) -> Callable[[dict[str, Any]], Response]:
    headers = {"content-type": kind, "content-encoding": encoding}
    named = {name: value for name, value in headers.items() if value}
    return lambda request: Response(body, headers=named)


async def check_read(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    (result,) = await results(endpoint)
    assert (result.text, result.finish, len(result.attempts)) == (TEXT, "stop", 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        JSON,
        f"\ufeff\n {json.dumps(WHOLE, indent=2)}\n",
        EVENTS,
        f"\ufeff{EVENTS}",
        f": busy\n\nevent: message\nid: 1\n{EVENTS}",
        EVENTS.replace("\n\n", "\n"),
        EVENTS.removesuffix("\n\ndata: [DONE]\n\n"),
        EVENTS.replace("\n", "\r\n").replace("data: {", "data:{"),
        "\n".join(LINES),
    ],
    ids=["whole", "printed", "events", "marked", "named", "dense", "endless", "crlf", "lines"],
)
async def test_an_answer_is_taken_whatever_it_is_labelled_as(
    scripted: ScriptedEndpoint, endpoint: Endpoint, kind: str | None, body: str
) -> None:
    scripted.default = answers(body.encode(), kind)
    await check_read(scripted, endpoint)


@pytest.mark.parametrize("body", [JSON, EVENTS], ids=["whole", "events"])
@pytest.mark.parametrize(
    ("pack", "encoding"),
    [
        (gzip.compress, "gzip"),
        (gzip.compress, "GZIP"),
        (gzip.compress, "x-gzip"),
        (gzip.compress, None),
        (zlib.compress, "deflate"),
        (bytes, "gzip"),
        (bytes, "deflate"),
        (bytes, "identity"),
        (lambda body: b"".join(gzip.compress(body[i : i + 9]) for i in range(0, 999, 9)), "gzip"),
    ],
)
async def test_a_packed_answer_is_unpacked_whatever_it_is_labelled_as(
    scripted: ScriptedEndpoint,
    endpoint: Endpoint,
    body: str,
    pack: Callable[[bytes], bytes],
    encoding: str | None,
) -> None:
    scripted.default = answers(pack(body.encode()), "text/event-stream", encoding)
    await check_read(scripted, endpoint)


async def test_a_packed_stream_is_read_while_it_comes(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    def packed(body: dict[str, Any]) -> Response:
        packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)

        async def pieces() -> AsyncIterator[bytes]:
            for byte in packer.compress(EVENTS.encode()) + packer.flush(zlib.Z_SYNC_FLUSH):
                yield bytes([byte])  # and no end of the packed data

        return StreamingResponse(pieces(), headers={"content-encoding": "gzip"})

    scripted.default = packed
    await check_read(scripted, endpoint)


async def test_a_few_packed_bytes_do_not_fill_the_memory(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_http, "MAX_LINE_BYTES", 1 << 18)
    bomb = gzip.compress(b"data: " + b"x" * (1 << 24))
    assert len(bomb) < 1 << 15
    scripted.script = [answers(bomb, "text/event-stream", "gzip")]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 2)
    assert "far longer than a page" in result.attempts[0].outcome


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"upstream request timeout", "the server answers: upstream request timeout"),
        (b"data centre is busy", "the server answers: data centre is busy"),
        (b"no", "the server answers: no"),
        (b'"out of memory"', "the server answers: out of memory"),
        (b'[{"error": {"message": "out of memory"}}]', "the server answers: out of memory"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "the server answers with a web page"),
        (b'{"choices": [', "the answer broke off (JSONDecodeError)"),
        (b"[]", "the answer is no chat completion"),
        (b"", "the answer stopped in the middle"),
    ],
)
async def test_what_is_no_answer_is_passed_on_in_the_servers_words(
    scripted: ScriptedEndpoint, endpoint: Endpoint, kind: str | None, body: bytes, words: str
) -> None:
    scripted.default = answers(body, kind)
    (result,) = await results(endpoint)
    assert result.failed
    assert words in result.warnings[0]


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (b"\x1f\x8b nonsense", "gzip", "the answer is compressed, and cannot be unpacked"),
        (b"...", "br", "the answer is compressed (br), although that was not requested"),
    ],
)
async def test_what_cannot_be_unpacked_is_asked_for_again(
    scripted: ScriptedEndpoint, endpoint: Endpoint, body: bytes, encoding: str, words: str
) -> None:
    scripted.script = [answers(body, "text/event-stream", encoding)]
    scripted.default = says("Hello from the page.")
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 2)
    assert words in result.attempts[0].outcome


async def test_a_packed_refusal_keeps_its_words(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    packed = gzip.compress(b'{"error": {"message": "this image is too large"}}')
    scripted.default = lambda body: Response(packed, 400, {"content-encoding": "gzip"})
    (result,) = await results(endpoint)
    assert "refuses the page: this image is too large" in result.warnings[0]


def test_a_list_of_models_that_is_not_packed_as_it_says_is_not_waited_for(
    scripted: ScriptedEndpoint,
) -> None:
    scripted.pages["/gateway/v1/models"] = answers(b'{"data": []}', None, "gzip")
    with pytest.raises(EndpointError, match="compressed answer that cannot be unpacked"):
        connect(f"{scripted.url}/gateway", on_wait=pytest.fail)
