"""Limits on what is received, in size and time; answers to whatever goes wrong in a request.

Connections without a request, and clients that do not read, are limited in connection.py.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from starlette.requests import ClientDisconnect

from lighton_ocr.engines.vllm.fair_share import sender_of
from lighton_ocr.engines.vllm.refusal import App, Message, Receive, Refused, Send
from lighton_ocr.engines.vllm.request_headers import check_declared_length, too_large
from lighton_ocr.server.faults import log_fault
from lighton_ocr.server.limits import ServerLimits

_LINGER_SECONDS = 2.0
_STOPS = Refused(503, "The server is being stopped. Send the request again when it is back.")
_SHARE = 0.75  # of the bytes of all requests that one sender's may have


class Traffic:
    """ASGI middleware that bounds the bodies of requests while they arrive, one and all."""

    def __init__(self, app: App, limits: ServerLimits, on_response: Callable[[int], None]) -> None:
        self._app = app
        self._limits = limits
        self._on_response = on_response  # gets the status
        self._bytes: Counter[str] = Counter()  # of requests that are being answered, by sender

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._counted(send)
        request = _Request(self, scope, receive, send, self._limits)
        try:
            check_declared_length(scope, self._limits.body_bytes)
            with suppress(ClientDisconnect):
                await self._app(scope, request.receive, request.send)
        except Refused as refusal:
            await refusal.answer(request.send)
        except asyncio.CancelledError:  # uvicorn would answer 500 and log where the request was
            if not request.is_answered:
                await _STOPS.answer(send)  # without waiting for the rest of the request
        except Exception as error:
            answer = log_fault(error)
            if not request.is_answered:
                await answer.answer(request.send)
        finally:
            self._bytes[request.sender] -= request.bytes
            self._bytes += Counter()  # forgets senders without any

    def count(self, sender: str, size: int) -> None:
        """Count bytes that have arrived.

        Raises:
            Refused: there are too many of all requests together, or of this sender's.
        """
        self._bytes[sender] += size
        if self._bytes.total() > self._limits.all_bodies_bytes:
            raise Refused(503, "The server is receiving too much at once. Try again later.")
        if self._bytes[sender] > self._limits.all_bodies_bytes * _SHARE:
            raise Refused(429, "You are sending too much at once. Try again later.")

    def _counted(self, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._on_response(message["status"])
            await send(message)

        return counted


class _Request:
    """One request's `receive` and `send`, within the limits."""

    def __init__(
        self,
        traffic: Traffic,
        scope: Message,
        receive: Receive,
        send: Send,
        limits: ServerLimits,
    ) -> None:
        self.bytes = 0
        self.sender = sender_of(scope, is_public=True)
        self.is_answered = False
        self._traffic = traffic
        self._headers = dict(scope["headers"])
        self._receive = receive
        self._send = send
        self._limits = limits
        self._end = time.monotonic() + limits.upload_seconds
        self._is_complete = False

    async def receive(self) -> Message:
        """Receive a message; the body within its limits."""
        if self._is_complete:
            return await self._receive()
        seconds = min(self._limits.stall_seconds, self._end - time.monotonic())
        try:
            async with asyncio.timeout(seconds):
                message = await self._receive()
        except TimeoutError:
            raise Refused(408, "The request arrives too slowly. Send it again.") from None
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self.bytes += size
            self._traffic.count(self.sender, size)
            if self.bytes > self._limits.body_bytes:
                raise too_large(self._limits.body_bytes)
            self._is_complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send a message, an error once its client can read it."""
        if message["type"] == "http.response.start":
            self.is_answered = True
            if message["status"] >= 400:
                await self._discard_rest()
        await self._send(message)

    async def _discard_rest(self) -> None:
        """Take what is still arriving: a client that is cut off would not see the answer."""
        if not self.bytes and b"expect" in self._headers:
            return  # it waits for a word before it sends the body
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while not self._is_complete:
                    message = await self._receive()
                    self._is_complete = not message.get("more_body", False)
