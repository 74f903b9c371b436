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
_RETRY_AFTER = "1"  # seconds; some pages are finished by then


class Refused(Exception):
    """A request that is answered here; `field` is the one that is at fault."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field

    @property
    def body(self) -> dict[str, Any]:
        """The error as OpenAI's clients read it."""
        kind = "server_busy" if self.status in _BUSY else "invalid_request_error"
        error = {"message": self.message, "type": kind, "param": self.field, "code": self.status}
        return {"error": error}

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's headers say, besides its type and length."""
        if self.status in _CLOSING:
            return {"connection": "close"}
        return {"retry-after": _RETRY_AFTER} if self.status in _BUSY else {}

    async def answer(self, send: Send) -> None:
        """Send the error."""
        body = json.dumps(self.body).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers += [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
