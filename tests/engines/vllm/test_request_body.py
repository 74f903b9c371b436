"""Bodies are bounded in size and time, alone and together."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lighton_ocr.engines.vllm import request_body
from lighton_ocr.engines.vllm.refusal import Message, Receive, Refused
from lighton_ocr.engines.vllm.request_body import (
    MAX_BODY_BYTES,
    BodyReader,
    ClientGone,
    replay,
)

CHUNK = b"x" * (1 << 20)


def scope(**headers: str) -> Message:
    return {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}


def receives(*chunks: bytes) -> Receive:
    """A client that sends chunks, and then disconnects."""
    last = len(chunks) - 1
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": number < last}
        for number, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive


async def refuse(read: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as refusal:
        await read()
    return refusal.value


async def test_a_body_is_read_whole_and_replayed_once() -> None:
    receive = receives(b"one ", b"two ", b"", b"three")
    body = await BodyReader().read(scope(), receive)
    assert body == b"one two three"
    again = replay(body, receive)
    assert await again() == {"type": "http.request", "body": body, "more_body": False}
    assert (await again())["type"] == "http.disconnect"


async def test_a_body_of_the_largest_size_is_read() -> None:
    count = MAX_BODY_BYTES // len(CHUNK)
    assert len(await BodyReader().read(scope(), receives(*[CHUNK] * count))) == MAX_BODY_BYTES
    refusal = await refuse(lambda: BodyReader().read(scope(), receives(*[CHUNK] * count, b"x")))
    assert refusal.status == 413


@pytest.mark.parametrize("length", [str(MAX_BODY_BYTES + 1), "9" * 5000])
async def test_a_body_that_is_declared_too_large_is_not_read(length: str) -> None:
    async def receive() -> Message:
        pytest.fail("the body is read")

    headers: Message = {"headers": [(b"content-length", length.encode())]}
    assert (await refuse(lambda: BodyReader().read(headers, receive))).status == 413


async def test_a_client_that_stops_sending_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_body, "BODY_SECONDS", 0.01)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert (await refuse(lambda: BodyReader().read(scope(), receive))).status == 408


async def test_a_client_that_disconnects_is_noticed() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    with pytest.raises(ClientGone):
        await BodyReader().read(scope(), receive)


async def test_all_bodies_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "MAX_PENDING_BYTES", 2 * len(CHUNK))
    reader = BodyReader()
    arrived, ends = asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        if arrived.is_set():
            await ends.wait()
            return {"type": "http.request", "body": b"", "more_body": False}
        arrived.set()
        return {"type": "http.request", "body": CHUNK * 2, "more_body": True}

    slow = asyncio.create_task(reader.read(scope(), receive))
    await arrived.wait()
    await asyncio.sleep(0)
    assert (await refuse(lambda: reader.read(scope(), receives(b"x")))).status == 503
    ends.set()
    await slow
    assert await reader.read(scope(), receives(b"x")) == b"x"
