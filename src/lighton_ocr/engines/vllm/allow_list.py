"""Which of vLLM's routes the outside may call; vLLM loads `RouteAllowList` with `--middleware`.

Sleeping needs vLLM's development mode, which also opens routes that change, stop or call into the
engine, and every release has other ones. So the gate lists what is open, and closes the rest.
"""

import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

KEY_VARIABLE = "LIGHTON_OCR_GATE_KEY"
HEADER = "x-lighton-ocr-gate"
OPEN = frozenset(
    {
        "/health",
        "/ping",
        "/version",
        "/metrics",
        "/v1/models",
        "/v1/chat/completions",
        "/v1/completions",
    }
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class RouteAllowList:
    """ASGI middleware: 404 for every route that is not OPEN, unless the header holds the key.

    The key is drawn anew at each start by whoever starts vLLM and passed in KEY_VARIABLE. Without
    one, nothing opens the other routes.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._key = os.environ.get(KEY_VARIABLE, "").encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404."""
        if scope["type"] == "lifespan" or self._is_open(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _not_found(send)

    def _is_open(self, scope: Message) -> bool:
        if scope["type"] == "http" and scope["path"] in OPEN:
            return True
        given = dict(scope["headers"]).get(HEADER.encode(), b"")
        return bool(self._key) and hmac.compare_digest(given, self._key)


async def _not_found(send: Send) -> None:
    body = b'{"detail":"Not Found"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
