"""An OpenAI-compatible server on loopback whose answers are scripted, faults included."""

import asyncio
import json
import signal
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

Answer = Callable[[dict[str, Any]], Response]


def says(text: str, finish: str | None = "stop", pieces: int = 4, logprob: float = -0.01) -> Answer:
    """An answer, streamed in some pieces if that is asked for; `finish` None leaves out its end.

    Each piece counts as one token of that log probability, for whoever wants to know.
    """

    def answer(body: dict[str, Any]) -> Response:
        if body.get("stream"):
            sure = logprob if body.get("logprobs") else None
            return _stream(text, finish, pieces, broken=False, logprob=sure)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return JSONResponse({"choices": [choice], "usage": _usage(text)})

    return answer


def uncounted(text: str) -> Answer:
    """An answer of a server that does not count tokens."""
    return lambda body: _stream(text, "stop", 4, broken=False, counted=False)


def breaks(text: str) -> Answer:
    """An answer whose connection is closed in the middle."""
    return lambda body: _stream(text, None, 2, broken=True)


def status(code: int, message: str = "", headers: dict[str, str] | None = None) -> Answer:
    """An error as OpenAI-compatible servers send it."""
    return lambda body: JSONResponse({"error": {"message": message}}, code, headers)


def never_ends() -> Response:
    """An answer that begins and is never finished."""

    async def events() -> AsyncIterator[str]:
        yield _event({"content": "And "}, None)
        await asyncio.Event().wait()

    return StreamingResponse(events(), media_type="text/event-stream")


def garbage(body: dict[str, Any]) -> Response:
    """A stream of what is no JSON."""
    return Response("data: {nonsense\n\n", media_type="text/event-stream")


def error_event(body: dict[str, Any]) -> Response:
    """A stream that ends in an error event."""
    event = {"error": {"message": "engine died"}}
    return Response(f"data: {json.dumps(event)}\n\n", media_type="text/event-stream")


@dataclass
class ScriptedEndpoint:
    """Serves until the `with` block ends; the first entries of `script` answer first."""

    script: list[Answer] = field(default_factory=list)
    default: Answer = field(default_factory=lambda: says("Hello from the page."))
    model: str = "lightonai/LightOnOCR-1B-1025"
    owner: str = "vllm"
    key: str | None = None
    card: dict[str, Any] = field(default_factory=dict)  # what else /v1/models says of the model
    pages: dict[str, Answer] = field(default_factory=dict)  # what GET answers elsewhere
    starting: int = 0  # how many first looks at /v1/models get 503
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)  # one for each connection that pages came by

    def __enter__(self) -> Self:
        routes = [
            Route("/v1/models", self._models),
            Route("/v1/chat/completions", self._completions, methods=["POST"]),
            Route("/later", self._later),
            Route("/{path:path}", self._page),
        ]
        self._serving = serving(Starlette(routes=routes))
        self.url = self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.__exit__(None, None, None)

    def _models(self, request: Request) -> Response:
        if self.starting > 0:
            self.starting -= 1
            return JSONResponse({"error": {"message": "starting"}}, 503)
        if not self._authorised(request):
            return JSONResponse({"error": {"message": "no"}}, 401)
        row = {"id": self.model, "object": "model", "created": 0, "owned_by": self.owner}
        return JSONResponse({"object": "list", "data": [row | self.card]})

    async def _completions(self, request: Request) -> Response:
        if not self._authorised(request):
            return JSONResponse({"error": {"message": "no"}}, 401)
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.ports.append(request.client.port if request.client else 0)
        answer = self.script.pop(0) if self.script else self.default
        return answer(body)

    def _later(self, request: Request) -> Response:
        return self.default({"stream": True})

    def _page(self, request: Request) -> Response:
        answer = self.pages.get(request.url.path)
        return answer({}) if answer else JSONResponse({"detail": "Not Found"}, 404)

    def _authorised(self, request: Request) -> bool:
        return self.key is None or request.headers.get("authorization") == f"Bearer {self.key}"


def redirects(body: dict[str, Any]) -> Response:
    """What Modal answers when a request has waited for 150 s."""
    return RedirectResponse("/later", 303)


@contextmanager
def serving(app: Starlette, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve an application on a free port of loopback; gives its address."""
    config = uvicorn.Config(app, port=0, log_level="critical")
    config.load()
    config.ssl = tls
    server = _Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.ready.wait(10)
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def interrupted(
    command: Sequence[str | Path], endpoint: "ScriptedEndpoint"
) -> subprocess.CompletedProcess[bytes]:
    """Run a program, and press Ctrl-C while it reads an answer that never ends."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as process:

        def interrupt(body: dict[str, Any]) -> Response:
            process.send_signal(signal.SIGINT)
            return never_ends()

        endpoint.default = interrupt
        try:
            printed, said = process.communicate(timeout=60)
        finally:
            process.kill()
    return subprocess.CompletedProcess(command, process.returncode, printed, said)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _stream(
    text: str,
    finish: str | None,
    pieces: int,
    broken: bool,
    logprob: float | None = None,
    counted: bool = True,
) -> Response:
    logprobs = None if logprob is None else {"content": [{"token": "x", "logprob": logprob}]}

    async def events() -> AsyncIterator[str]:
        size = max(1, -(-len(text) // pieces))
        for start in range(0, len(text), size):
            yield _event({"content": text[start : start + size]}, None, logprobs)
            await asyncio.sleep(0)  # as a model's server would notice that nobody listens
        if broken:
            raise ConnectionResetError
        if finish:
            yield _event({}, finish)
        if finish and counted:
            yield _data({"choices": [], "usage": _usage(text)})
        yield "data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


def _usage(text: str) -> dict[str, int]:
    words = len(text.split())
    return {"prompt_tokens": 2145, "completion_tokens": words, "total_tokens": 2145 + words}


def _event(delta: dict[str, str], finish: str | None, logprobs: object = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": logprobs}
    return _data({"choices": [choice]})


def _data(chunk: dict[str, Any]) -> str:
    base = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return f"data: {json.dumps(base | chunk)}\n\n"
