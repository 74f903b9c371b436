"""What stands on the PATH as `vllm`: keeps its argument list, loads its middleware, answers.

Each event is a line of JSON in the file that VLLM_RECORD names. `VLLM_DIES` makes it end at once.
"""

import importlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

if os.environ.get("VLLM_DIES"):
    sys.stderr.write("loading weights\nCUDA out of memory\n")
    sys.exit(3)

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def record(**event: Any) -> None:
    with Path(os.environ["VLLM_RECORD"]).open("a") as file:
        file.write(json.dumps(event) + "\n")


async def answer(request: Request) -> JSONResponse:
    body = await request.body()
    if request.url.path != "/health":
        record(call=request.url.path, query=request.url.query, body=json.loads(body or "null"))
    return JSONResponse({})


@asynccontextmanager
async def until_stopped(_: Starlette) -> AsyncIterator[None]:
    yield
    record(stopped=True)


ENVIRONMENT = ("HF_XET_HIGH_PERFORMANCE", "VLLM_SERVER_DEV_MODE")
record(argv=sys.argv[1:], env={name: os.environ.get(name) for name in ENVIRONMENT})
app = Starlette(
    routes=[Route("/{path:path}", answer, methods=["GET", "POST"])], lifespan=until_stopped
)
module, _, name = sys.argv[sys.argv.index("--middleware") + 1].rpartition(".")
app.add_middleware(getattr(importlib.import_module(module), name))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[sys.argv.index("--port") + 1]))
