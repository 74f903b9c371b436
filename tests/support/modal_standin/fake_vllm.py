"""A fake `vllm` program: records its arguments, loads its middleware, and answers requests.

Each event is a line of JSON in the file that VLLM_RECORD names. With `VLLM_DIES` it ends at once,
with `VLLM_DIES_READING` at the first page, with `VLLM_DIES_WAKING` when it is woken. A page's text
depends only on its image, as in tests/support/corpus.py. With `VLLM_GATE`, a named pipe, each page
waits until a line is written to it.
"""

import asyncio
import base64
import ctypes
import hashlib
import importlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

if os.environ.get("VLLM_DIES"):
    sys.stderr.write("loading weights\nCUDA out of memory\n")
    sys.exit(3)

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def record(**event: Any) -> None:
    with Path(os.environ["VLLM_RECORD"]).open("a") as file:
        file.write(json.dumps(event) + "\n")


def value_of(flag: str) -> str:
    return sys.argv[sys.argv.index(flag) + 1]


async def answer(request: Request) -> Response:
    body = json.loads(await request.body() or "null")
    if request.url.path == "/v1/models":
        model = {"id": value_of("--served-model-name"), "object": "model", "created": 0}
        return JSONResponse({"object": "list", "data": [model | {"owned_by": "vllm"}]})
    if request.url.path == "/wake_up" and os.environ.get("VLLM_DIES_WAKING"):
        os._exit(1)
    if request.url.path != "/health":
        record(call=request.url.path, query=request.url.query, body=body)
    if not (body and body.get("stream")):
        return JSONResponse({})
    if gate := os.environ.get("VLLM_GATE"):
        await asyncio.to_thread(wait_at, gate)
    return read_page(body)


def wait_at(gate: str) -> None:
    with Path(gate).open() as pipe:
        pipe.readline()


def read_page(body: dict[str, Any]) -> Response:
    if os.environ.get("VLLM_DIES_READING"):
        os._exit(1)
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    digest = hashlib.sha256(base64.b64decode(url.partition(",")[2])).hexdigest()
    text = f"# {digest[:8]}\n\nThe page says {digest[8:24]} and {digest[24:]}."
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": body["model"]}
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    event = json.dumps(chunk | {"choices": [choice], "usage": usage})
    return Response(f"data: {event}\n\ndata: [DONE]\n\n", media_type="text/event-stream")


@asynccontextmanager
async def until_stopped(_: Starlette) -> AsyncIterator[None]:
    yield
    record(stopped=True)


if os.environ.get("MODAL_IS_REMOTE"):
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG: end with the container, whatever ends that
ENVIRONMENT = (
    "HF_HUB_OFFLINE",
    "HF_XET_HIGH_PERFORMANCE",
    "TORCHINDUCTOR_COMPILE_THREADS",
    "VLLM_SERVER_DEV_MODE",
    "VLLM_USE_FLASHINFER_SAMPLER",
)
record(argv=sys.argv[1:], env={name: os.environ.get(name) for name in ENVIRONMENT})
app = Starlette(
    routes=[Route("/{path:path}", answer, methods=["GET", "POST"])], lifespan=until_stopped
)
for flag, value in pairwise(sys.argv):
    if flag == "--middleware":
        module, _, name = value.rpartition(".")
        app.add_middleware(getattr(importlib.import_module(module), name))
uvicorn.run(app, host="127.0.0.1", port=int(value_of("--port")))
