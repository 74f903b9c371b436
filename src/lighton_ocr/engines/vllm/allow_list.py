"""What callers may ask of vLLM: which routes, and on the open one, which requests.

vLLM loads `AllowList` with `--middleware`. Sleep mode needs vLLM's development mode, which also
opens routes that change, stop or call into the engine, and each release has different ones. So the
list names the routes that are open, and closes all others.
"""

import hmac
import os

from PIL import Image

from lighton_ocr.engines.vllm.fair_share import FairOrder, FairShare, sender_of
from lighton_ocr.engines.vllm.refusal import App, Message, Receive, Refused, Send
from lighton_ocr.engines.vllm.request_body import BodyReader, ClientGone, replay
from lighton_ocr.engines.vllm.request_fields import check_request
from lighton_ocr.engines.vllm.request_headers import check_headers
from lighton_ocr.engines.vllm.version import (
    GPU_HEADER,
    GPU_VARIABLE,
    VERSION_HEADER,
    lighton_ocr_version,
)

KEY_VARIABLE = "LIGHTON_OCR_ROUTE_KEY"
KEY_HEADER = "x-lighton-ocr-route-key"
SENDER_HEADER = "x-lighton-ocr-sender"
CAPACITY_VARIABLE = "LIGHTON_OCR_CAPACITY"  # pages that an API server's part of the engine reads
PUBLIC_VARIABLE = "LIGHTON_OCR_PUBLIC"  # set where nobody checks keys
READ = "/v1/chat/completions"
OPEN = frozenset({"/health", "/ping", "/v1/models", READ})
OPEN_WITH_KEY = frozenset({"/version", "/metrics"})  # closed on a public server
_DEFAULT_CAPACITY = 64
_TOO_LARGE = "By its header, the image has more pixels than any page: send a smaller one."


class AllowList:
    """ASGI middleware: passes on the requests of a reader, and answers all others itself.

    Routes that are not open get 404, unless a header holds the key. Whoever starts vLLM passes a
    new random key in KEY_VARIABLE; without one, those routes stay closed to everyone. Requests to
    read a page are counted (fair_share.py), bounded (request_body.py) and checked
    (request_fields.py); the same bytes are then passed on. A page of a document that is read inside
    vLLM (server/inside_vllm.py) comes with the key and names its document's sender: it is checked
    as well, and waits for that sender's share. Each response says in VERSION_HEADER which
    lighton-ocr started the server, and in GPU_HEADER on which GPU, except on a public one.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._key = os.environ.get(KEY_VARIABLE, "").encode()
        self._is_public = not checks_keys()
        self._open = OPEN if self._is_public else OPEN | OPEN_WITH_KEY
        self._about = [(VERSION_HEADER.encode(), lighton_ocr_version().encode())]
        if gpu := os.environ.get(GPU_VARIABLE):
            self._about.append((GPU_HEADER.encode(), gpu.encode("ascii", "replace")))
        self._bodies = BodyReader()
        self._share = FairShare(own_capacity())
        self._order = FairOrder(own_capacity())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._answer_websocket(scope, receive, send)
        else:
            send = send if self._is_public else self._with_headers(send)
            try:
                await self._answer(scope, receive, send)
            except Refused as refusal:
                await refusal.answer(send)
            except ClientGone:
                pass

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        check_headers(scope)
        has_key = self._has_key(scope)
        sender = dict(scope["headers"]).get(SENDER_HEADER.encode()) if has_key else None
        if sender is not None:
            name = sender.decode("latin-1")
            async with self._share.turn(name):
                await self._read_page(name, scope, receive, send)
        elif has_key:
            await self.app(scope, receive, send)
        elif scope["path"] not in self._open:
            await _not_found(send)
        elif (scope["method"], scope["path"]) == ("POST", READ):
            name = sender_of(scope, self._is_public)
            with self._share.admit(name):
                await self._read_page(name, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _read_page(self, sender: str, scope: Message, receive: Receive, send: Send) -> None:
        body = await self._bodies.read(scope, receive)
        check_request(body)
        try:
            async with self._order.place(sender):
                await self.app(scope, replay(body, receive), send)
        except Image.DecompressionBombError:
            # vLLM answers an image beyond its own limit with 400, but one beyond Pillow's with 500.
            raise Refused(400, _TOO_LARGE, "messages") from None

    async def _answer_websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        if self._has_key(scope):
            await self.app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _has_key(self, scope: Message) -> bool:
        given = dict(scope["headers"]).get(KEY_HEADER.encode(), b"")
        return bool(self._key) and hmac.compare_digest(given, self._key)

    def _with_headers(self, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._about]
            await send(message)

        return send_with_headers


def own_capacity() -> int:
    """Return how many pages this API server's part of the engine reads at once."""
    return int(os.environ.get(CAPACITY_VARIABLE, _DEFAULT_CAPACITY))


def checks_keys() -> bool:
    """Whether a proxy in front of this server checks keys, so that a key identifies its sender."""
    return os.environ.get(PUBLIC_VARIABLE) != "1"


async def _not_found(send: Send) -> None:
    body = b'{"detail":"Not Found"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
