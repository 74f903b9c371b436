"""How a request that does not reach vLLM is answered: in the shape of OpenAI's errors."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_CLOSING = (408, 413)  # the rest of the body is not waited for
_BUSY = (429, 503)
_RETRY_AFTER = b"1"  # seconds; some pages are finished by then


class Refused(Exception):
    """A request that is answered here; `field` is the one that is at fault."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field

    async def answer(self, send: Send) -> None:
        """Send the error."""
        kind = "server_busy" if self.status in _BUSY else "invalid_request_error"
        error = {"message": self.message, "type": kind, "param": self.field, "code": self.status}
        body = json.dumps({"error": error}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        if self.status in _CLOSING:
            headers.append((b"connection", b"close"))
        if self.status in _BUSY:
            headers.append((b"retry-after", _RETRY_AFTER))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
