"""Receive a request's body, bounded in size and time, and replay it for vLLM."""

import asyncio

from lighton_ocr.engines.vllm.refusal import Message, Receive, Refused
from lighton_ocr.engines.vllm.request_headers import check_declared_length, too_large

MAX_BODY_BYTES = 32 << 20  # a page of noise at the largest edge, as PNG in base64, is half of that
MAX_PENDING_BYTES = 1 << 30  # of all bodies that are being received
BODY_SECONDS = 60.0  # from the headers to the end of the body


class ClientGone(Exception):
    """The client disconnected before its request was complete."""


class BodyReader:
    """Receives bodies, one `read` per request; all of them together are bounded too."""

    def __init__(self) -> None:
        self._pending_bytes = 0

    async def read(self, scope: Message, receive: Receive) -> bytes:
        """Return the body.

        Raises:
            Refused: it is too large (413), takes too long (408), or too many bytes are pending
                (503).
            ClientGone: the client disconnected.
        """
        check_declared_length(scope, MAX_BODY_BYTES)
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while await self._receive_chunk(body, receive):
                    pass
        except TimeoutError:
            raise Refused(
                408, f"The request did not arrive within {BODY_SECONDS:.0f} seconds."
            ) from None
        finally:
            self._pending_bytes -= len(body)
        return bytes(body)

    async def _receive_chunk(self, body: bytearray, receive: Receive) -> bool:
        """Append a chunk to `body`, and return whether more follow."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        body += chunk
        self._pending_bytes += len(chunk)
        if len(body) > MAX_BODY_BYTES:
            raise too_large(MAX_BODY_BYTES)
        if self._pending_bytes > MAX_PENDING_BYTES:
            raise Refused(503, "Too many requests are arriving at once. Try again later.")
        return bool(message.get("more_body", False))


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` first, and then what the client does afterwards."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again
