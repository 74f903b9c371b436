"""Access control: the key, the host names of a local server, and requests from other web sites."""

import hmac

from lighton_ocr.endpoint import is_loopback
from lighton_ocr.engines.vllm.refusal import App, Message, Receive, Refused, Send
from lighton_ocr.engines.vllm.request_headers import check_headers

_CLOSED = ("/v1/", "/metrics")  # with a key, these need it


class Access:
    """ASGI middleware: answers what may not be asked, and passes on the rest.

    Without a key, the server answers to loopback names alone: a web page could otherwise give its
    own name this machine's address, and read what the server says.
    """

    def __init__(self, app: App, api_key: str | None) -> None:
        self._app = app
        self._key = api_key.encode() if api_key else None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http":
            try:
                self._check(scope)
            except Refused as refusal:
                await refusal.answer(send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Message) -> None:
        check_headers(scope)
        headers = dict(scope["headers"])
        if self._key is None:
            host = headers.get(b"host", b"").decode("latin-1")
            if not _is_local(host):
                raise Refused(
                    403, "This server has no key, so it accepts only requests to localhost."
                )
            if headers.get(b"sec-fetch-site") == b"cross-site" and scope["method"] != "GET":
                raise Refused(403, "Other web sites may not use this server.")
        elif scope["path"].startswith(_CLOSED) and not self._has_key(headers):
            raise Refused(401, "The key is missing or wrong: send Authorization: Bearer KEY.")

    def _has_key(self, headers: dict[bytes, bytes]) -> bool:
        """Whether the request has the key; the comparison takes the same time for any other."""
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        same = hmac.compare_digest(given.strip(), self._key or b"")
        return same and scheme.lower() == b"bearer"


def _is_local(host: str) -> bool:
    try:
        return is_loopback(f"http://{host}")
    except ValueError:
        return False
