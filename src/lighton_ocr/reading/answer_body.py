"""Read the body of an answer. Its bytes say what it is, because headers are wrong at times."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

import httpx2

from lighton_ocr._http import MAX_LINE_BYTES
from lighton_ocr.errors import RequestFailed
from lighton_ocr.reading.client_errors import error_message

_BLANK = b"\xef\xbb\xbf \t\r\n"  # a byte order mark, too
_EVENT = re.compile(rb":|(data|event|id|retry)[:\r\n]")  # how server-sent events begin
_LONGEST_BEGINNING = len("event:")
_END = "[DONE]"
_JSON = json.JSONDecoder()


async def read_values(response: httpx2.Response) -> AsyncGenerator[object]:
    """Yield the data of each event; the whole answer is one if the server ignored `stream`.

    Raises:
        RequestFailed: the answer is neither; the message has the server's own words.
        ValueError, RecursionError: JSON that cannot be read.
    """
    chunks = response.aiter_bytes()
    beginning = await _beginning(chunks)
    if _EVENT.match(beginning):
        async for value in _event_values(_rest(beginning, chunks), response.request):
            yield value
        return
    body = b"".join([chunk async for chunk in _rest(beginning, chunks)])
    text = body.decode(errors="replace")
    if beginning.startswith((b"{", b"[", b'"')):
        for value in _values(text):
            yield value
    elif beginning.startswith(b"<"):
        raise RequestFailed("the server answers with a web page")
    elif words := error_message(text):
        raise RequestFailed(f"the server answers: {words}")


async def _beginning(chunks: AsyncIterator[bytes]) -> bytes:
    """Take chunks until they show what comes, without blanks before it."""
    beginning = b""
    async for chunk in chunks:
        beginning = (beginning + chunk).lstrip(_BLANK)
        if len(beginning) >= _LONGEST_BEGINNING:
            break
    return beginning


async def _rest(beginning: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield beginning
    async for chunk in chunks:
        yield chunk


async def _event_values(
    chunks: AsyncIterator[bytes], request: httpx2.Request
) -> AsyncIterator[object]:
    async def with_end() -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk
        yield b"\n\n"  # some servers leave out the blank line after the last event

    events = httpx2.Response(
        200, headers={"content-type": "text/event-stream"}, content=with_end(), request=request
    )
    is_done = False
    async for event in httpx2.EventSource(events, MAX_LINE_BYTES):
        # What follows the end is read as well, so that the connection can be used again.
        if not is_done:
            for value in _values(event.data):
                yield value
        is_done = is_done or any(line.startswith(_END) for line in event.data.split("\n"))


def _values(data: str) -> Iterator[object]:
    """Yield the JSON values in a text, up to the end mark: some servers leave out blank lines."""
    place = 0
    while True:
        while data[place : place + 1].isspace():
            place += 1
        if place == len(data) or data.startswith(_END, place):
            return
        value, place = _JSON.raw_decode(data, place)
        yield value
