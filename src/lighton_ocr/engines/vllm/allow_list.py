"""Which of vLLM's routes are open to callers; vLLM loads `RouteAllowList` with `--middleware`.

Sleep mode needs vLLM's development mode, which also opens routes that change, stop or call into the
engine, and each release has different ones. So the list names the routes that are open, and closes
all others.
"""

import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from lighton_ocr.engines.vllm.version import VERSION_HEADER, lighton_ocr_version

KEY_VARIABLE = "LIGHTON_OCR_ROUTE_KEY"
KEY_HEADER = "x-lighton-ocr-route-key"
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
    """ASGI middleware: answers 404 for routes that are not OPEN, unless a header holds the key.

    Whoever starts vLLM passes a new random key in KEY_VARIABLE; without one, the other routes stay
    closed to everyone. Each response says in VERSION_HEADER which lighton-ocr started the server.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._key = os.environ.get(KEY_VARIABLE, "").encode()
        self._version = (VERSION_HEADER.encode(), lighton_ocr_version().encode())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif self._is_open(scope):
            await self.app(scope, receive, self._with_version(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _not_found(self._with_version(send))

    def _is_open(self, scope: Message) -> bool:
        if scope["type"] == "http" and scope["path"] in OPEN:
            return True
        given = dict(scope["headers"]).get(KEY_HEADER.encode(), b"")
        return bool(self._key) and hmac.compare_digest(given, self._key)

    def _with_version(self, send: Send) -> Send:
        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), self._version]
            await send(message)

        return send_with_version


async def _not_found(send: Send) -> None:
    body = b'{"detail":"Not Found"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
