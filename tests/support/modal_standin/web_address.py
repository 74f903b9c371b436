"""What Modal has in front of a container's port: proxy authentication, and redirects.

Modal answers a request with 303 that has waited for 150 seconds; here it is `hold_seconds`.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx2
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.modal_standin.control_plane import PROXY_KEY, PROXY_SECRET
from tests.support.scripted_endpoint import serving

KEY = f"{PROXY_KEY}.{PROXY_SECRET}"
_CALL = "__modal_function_call_id"
_METHODS = ["GET", "POST", "PUT", "DELETE"]


class WebAddress:
    """The address of one container; `on_redirect` gets the number of each answer with 303."""

    def __init__(
        self, port: int, hold_seconds: float, on_redirect: Callable[[int], object] = lambda _: None
    ) -> None:
        self.redirects = 0
        self._on_redirect = on_redirect
        self._port = port
        self._hold_seconds = hold_seconds
        self._calls: dict[str, asyncio.Task[httpx2.Response]] = {}

    @contextmanager
    def open(self) -> Iterator[str]:
        """Serve until the end of the `with` block; gives the address."""
        routes = [Route("/{path:path}", self._answer, methods=_METHODS)]
        with serving(Starlette(routes=routes, lifespan=self._client_of)) as url:
            yield url

    @asynccontextmanager
    async def _client_of(self, _: Starlette) -> AsyncIterator[None]:
        base = f"http://127.0.0.1:{self._port}"
        async with httpx2.AsyncClient(base_url=base, timeout=None, trust_env=False) as client:
            self._client = client
            yield

    async def _answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return PlainTextResponse("modal-http: missing or invalid proxy token\n", 401)
        id = request.query_params.get(_CALL)
        if id is None:
            id = f"fc-{secrets.token_hex(8)}"
            self._calls[id] = asyncio.create_task(self._forward(request, await request.body()))
        call = self._calls[id]
        await asyncio.wait([call], timeout=self._hold_seconds)
        if not call.done():
            self.redirects += 1
            self._on_redirect(self.redirects)
            return RedirectResponse(request.url.replace_query_params(**{_CALL: id}), 303)
        answer = call.result()
        return StreamingResponse(
            answer.aiter_raw(),
            answer.status_code,
            dict(answer.headers),
            background=BackgroundTask(answer.aclose),
        )

    async def _forward(self, request: Request, body: bytes) -> httpx2.Response:
        headers = dict(request.headers)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        sent = self._client.build_request(request.method, path, headers=headers, content=body)
        return await self._client.send(sent, stream=True)
