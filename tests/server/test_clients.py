"""Many clients: turns, clients that leave or do not read, bounds on what they may have."""

import asyncio
import hashlib
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.responses import Response, StreamingResponse

from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.pages import PageOptions
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.app import create_app
from lighton_ocr.server.fair_queue import FairQueue, QueuedRequest
from lighton_ocr.server.limits import ServerLimits
from tests.support.corpus import answer_by_image, pdf, text_of
from tests.support.error_answers import error_sentence
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint, never_ends, says
from tests.support.server_events import read_events

pytestmark = pytest.mark.slow  # renderers are processes


@pytest.fixture
def one_slot(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, slots=1)


def send(url: str, file: bytes, **options: str) -> httpx2.Response:
    form = {"file": ("file.pdf", file)}
    return httpx2.post(f"{url}/v1/ocr", files=form, data=options, timeout=60)


@pytest.mark.parametrize("stream", ["true", "false"])
def test_a_client_that_leaves_frees_the_slot(
    scripted: ScriptedEndpoint, one_slot: Endpoint, letter: Path, stream: str
) -> None:
    asked = threading.Event()

    def hangs(_: object) -> Response:
        asked.set()
        return never_ends()

    scripted.script = [hangs]
    with running(create_app(one_slot)) as url:
        body = letter.read_bytes()
        head = (
            f"POST /v1/ocr?stream={stream} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/pdf\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(head.encode() + body)
            assert asked.wait(60)
        assert "Hello" in send(url, letter.read_bytes(), format="md").text


def test_a_short_document_is_not_read_behind_a_long_one(
    scripted: ScriptedEndpoint, one_slot: Endpoint, letter: Path
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def held(body: dict[str, Any]) -> Response:
        async def events() -> AsyncIterator[bytes]:
            await asyncio.to_thread(go_on.wait)
            async for event in says("first")(body).body_iterator:  # type: ignore[attr-defined]
                yield event

        asked.set()
        return StreamingResponse(events(), media_type="text/event-stream")

    scripted.script = [held, says("second")]
    form = {"file": ("letter.pdf", letter.read_bytes())}
    with running(create_app(one_slot)) as url, ThreadPoolExecutor(1) as other:
        long = other.submit(send, url, pdf("long", 5), format="md")
        assert asked.wait(60)
        with httpx2.stream("POST", f"{url}/v1/ocr?stream=true", files=form, timeout=60) as answer:
            events = read_events(answer)
            assert next(events)[0] == "document"  # it has taken its place in the queue
            go_on.set()
            (done,) = [data for name, data in events if name == "page_done"]
        assert done["markdown"] == "second"
        assert long.result().text.count("Hello from the page.") == 4


def test_nobody_gets_a_page_of_another(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    """Forty clients at once: some send what is no document, some leave in the middle."""
    scripted.default = answer_by_image
    options = PageOptions.of(endpoint)

    def expected(data: bytes) -> list[str]:
        with open_document(Source("a.pdf", data)) as document:
            pages = [prepare(document, index, options) for index in range(3)]
        return [text_of(hashlib.sha256(page.pieces[0].data).hexdigest()) for page in pages]

    def client(number: int) -> None:
        data = pdf(f"d{number}", 3)
        if number % 4 == 1:
            assert send(url, b"no document").status_code == 415
        elif number % 4 == 2:
            form = {"file": ("a.pdf", data)}
            with httpx2.stream("POST", f"{url}/v1/ocr?stream=true", files=form, timeout=60) as left:
                assert next(read_events(left))[0] == "document"
        else:
            pages = send(url, data).json()["pages"]
            assert [page["markdown"] for page in pages] == expected(data)

    with running(create_app(endpoint)) as url, ThreadPoolExecutor(40) as clients:
        list(clients.map(client, range(40)))
        metrics = httpx2.get(f"{url}/metrics").text
    assert "lighton_ocr_pages_in_flight 0.0" in metrics
    assert "lighton_ocr_requests_in_progress 0.0" in metrics


async def test_senders_take_turns() -> None:
    queue = FairQueue(slots=1, requests=10, requests_per_sender=10)
    greedy = [QueuedRequest("greedy", f"g{number}") for number in range(4)]
    other = QueuedRequest("other", "o")
    await queue.take(greedy[0])
    order: list[str] = []

    async def page(queued: QueuedRequest) -> None:
        async with queue.slot(queued):
            order.append(queued.id)

    waiting = [asyncio.create_task(page(queued)) for queued in [*greedy[1:], other]]
    await asyncio.sleep(0)
    assert queue.waiting == 4
    queue.release(greedy[0])
    await asyncio.gather(*waiting)
    assert order.index("o") == 0
    assert not queue.is_busy
    assert queue.in_flight == 0


async def test_a_page_that_is_cancelled_while_it_waits_leaves_the_queue() -> None:
    queue = FairQueue(slots=1, requests=10, requests_per_sender=10)
    queued = QueuedRequest("a", "1")
    await queue.take(queued)
    waiting = asyncio.create_task(queue.take(QueuedRequest("b", "2")))
    await asyncio.sleep(0)
    queue.release(queued)  # grants the slot in the same step in which the page is cancelled
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not queue.is_busy


def test_one_sender_cannot_fill_the_queue() -> None:
    queue = FairQueue(slots=1, requests=3, requests_per_sender=2)
    with queue.admit(QueuedRequest("a", "1")), queue.admit(QueuedRequest("a", "2")):
        with pytest.raises(Refused, match="of your requests"), queue.admit(QueuedRequest("a", "3")):
            pass
        full = pytest.raises(Refused, match="queue is full")
        with queue.admit(QueuedRequest("b", "4")), full, queue.admit(QueuedRequest("c", "5")):
            pass
    assert queue.admitted == 0


def test_past_the_queue_clients_are_asked_to_come_later(endpoint: Endpoint, letter: Path) -> None:
    with running(create_app(endpoint, ServerLimits(requests=0))) as url:
        answer = send(url, letter.read_bytes())
    assert answer.status_code == 429
    assert float(answer.headers["retry-after"]) > 0


def test_a_document_that_takes_too_long_ends(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path
) -> None:
    scripted.default = lambda _: never_ends()
    limits = ServerLimits(document_seconds=1.0)
    with running(create_app(endpoint, limits)) as url:
        assert send(url, letter.read_bytes()).status_code == 503
        form = {"file": ("a.pdf", letter.read_bytes())}
        with httpx2.stream("POST", f"{url}/v1/ocr?stream=true", files=form) as response:
            name, data = list(read_events(response))[-1]
    assert name == "error"
    assert "took longer" in data["error"]["message"]


def test_who_waits_when_the_server_is_stopped_is_told_so(
    scripted: ScriptedEndpoint,
    endpoint: Endpoint,
    letter: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = threading.Semaphore(0)

    def hangs(_: object) -> Response:
        asked.release()
        return never_ends()

    scripted.default = hangs
    monkeypatch.setattr("lighton_ocr.server.run._GRACE_SECONDS", 0)
    with ThreadPoolExecutor(2) as clients:
        with running(create_app(endpoint)) as url:
            plain = clients.submit(send, url, letter.read_bytes())
            stream = clients.submit(send, url, letter.read_bytes(), stream="true")
            for _ in range(2):
                assert asked.acquire(timeout=60)
        assert plain.result().status_code == 503
        assert "is being stopped" in error_sentence(plain.result())
        with pytest.raises(httpx2.RemoteProtocolError):
            stream.result()
    assert not [record for record in caplog.records if record.exc_info]


def test_a_retry_voids_the_text(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path
) -> None:
    scripted.script = [says("again and again. " * 400)]
    form = {"file": ("a.pdf", letter.read_bytes())}
    with (
        running(create_app(endpoint)) as url,
        httpx2.stream("POST", f"{url}/v1/ocr?stream=true", files=form, timeout=60) as response,
    ):
        events = list(read_events(response))
    names = [name for name, _ in events]
    retry = names.index("retry")
    assert events[retry][1] | {"reason": ""} == {"index": 0, "attempt": 2, "reason": ""}
    assert (
        "".join(data["delta"] for name, data in events[retry:] if name == "text")
        == "Hello from the page."
    )
