"""The whole client compared with a simple script: from a PDF's page to its text.

    python benchmarks/client.py MANUAL.pdf… > benchmarks/results/client.json

Compares processor time per page. Each client runs in its own process and reads the same pages from
a server in another process, which answers at once with 475 tokens, in vLLM's format. The script
("old") opens the document for each page, renders it with pypdfium2 at scale 2.77, saves a PNG with
Pillow, sends it with `requests`, and loops over the lines of a stream of single tokens. Ours is
`Reader` with 16 pages in flight, which checks what it reads against the file's own text. So our
answers are that text, which comes with each request as a draft, misread in places; the script,
which sends none, gets as many tokens of another text. Each page is asked for once.
"""

import asyncio
import base64
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pypdfium2
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.endpoint import DRAFT_FIELD
from lighton_ocr.engines.remote import connect
from lighton_ocr.reading.attempts import PageBudget
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.results import PageResult

MODEL = "lightonai/LightOnOCR-1B-1025"
PAGES_EACH = 8
TOKENS_EACH = 475
MISREAD = 50  # one word in so many
LICENSE = Path(__file__).parents[1] / "LICENSE"
OTHER_TEXT = " ".join(LICENSE.read_text("utf-8").split()[:TOKENS_EACH])
_DOTS = re.compile(r"(?: ?\.){4,}")  # which a model would not write one by one
CLIENTS = ("old", "png", "jpeg")
ROUNDS = 3


async def list_models(_: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": [{"id": MODEL, "owned_by": "vllm"}]})


async def _answer(request: Request) -> StreamingResponse:
    body = await request.json()
    return StreamingResponse(answer_events(body), media_type="text/event-stream")


async def answer_events(body: dict[str, Any]) -> AsyncIterator[str]:
    """A stream as vLLM 0.32 writes it."""
    step = body.get("stream_interval", 1)
    options = body.get("stream_options") or {}
    tokens = _tokens(_reading((body.get("vllm_xargs") or {}).get(DRAFT_FIELD)))
    for start in range(0, len(tokens), step):
        done = min(start + step, len(tokens))
        finish = "stop" if done == len(tokens) else None
        delta = {"content": "".join(tokens[start:done])}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = _usage(done) if options.get("continuous_usage_stats") else None
        yield _event([choice | {"token_ids": None}], usage)
    if options.get("include_usage"):
        yield _event([], _usage(len(tokens)))
    yield "data: [DONE]\n\n"


def _reading(draft: str | None) -> str:
    """Return a page's own text as a model might read it; another text without one."""
    if not draft:
        return OTHER_TEXT
    words = _DOTS.sub(" ...", draft).split(" ")
    words[MISREAD - 1 :: MISREAD] = [word[:-1] for word in words[MISREAD - 1 :: MISREAD]]
    return " ".join(words)


def _tokens(text: str) -> list[str]:
    """Divide a text into as many parts as a page has tokens."""
    cuts = [len(text) * number // TOKENS_EACH for number in range(TOKENS_EACH + 1)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _event(choices: list[dict[str, Any]], usage: dict[str, int] | None) -> str:
    head = {"id": "chatcmpl-0123456789abcdef", "object": "chat.completion.chunk", "created": 1}
    rest = {"model": MODEL, "choices": choices} | ({"usage": usage} if usage else {})
    return f"data: {json.dumps(head | rest)}\n\n"


def _usage(done: int) -> dict[str, int]:
    return {"prompt_tokens": 2161, "total_tokens": 2161 + done, "completion_tokens": done}


def serve(port: int) -> None:
    paths = [
        Route("/v1/models", list_models),
        Route("/v1/chat/completions", _answer, methods=["POST"]),
    ]
    uvicorn.run(Starlette(routes=paths), port=port, log_level="error")


def chosen_pages(paths: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield pages spread over each document."""
    for path in paths:
        with open_document(load_source(path)) as document:
            step = max(1, document.page_count // PAGES_EACH)
            yield path, list(range(0, document.page_count, step))[:PAGES_EACH]


def old(url: str, wanted: list[tuple[str, list[int]]]) -> list[str]:
    return [_old_page(url, path, index) for path, indices in wanted for index in indices]


def _old_page(url: str, path: str, index: int) -> str:
    document = pypdfium2.PdfDocument(path)
    image = document[index].render(scale=2.77).to_pil()
    image.thumbnail((1540, 1540))
    file = BytesIO()
    image.save(file, format="PNG")
    url_of_image = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url_of_image}}]
    messages = [{"role": "user", "content": content}]
    body: dict[str, Any] = {
        "model": MODEL,
        "messages": messages,
        "temperature": 0.2,
        "stream": True,
    }
    answer = requests.post(f"{url}/v1/chat/completions", json=body, stream=True, timeout=60)
    pieces = []
    for line in answer.iter_lines():
        if line.startswith(b"data: ") and line != b"data: [DONE]":
            choices = json.loads(line[6:]).get("choices") or [{}]
            pieces.append(choices[0].get("delta", {}).get("content") or "")
    return "".join(pieces)


async def ours(
    url: str, wanted: list[tuple[str, list[int]]], encoding: Encoding
) -> list[PageResult]:
    endpoint = connect(url)
    documents = {path: open_document(load_source(path)) for path, _ in wanted}

    async def pages() -> AsyncIterator[tuple[Document, int]]:
        for path, indices in wanted:
            for index in indices:
                yield documents[path], index

    async with Reader(endpoint, encoding=encoding, budget=PageBudget(attempts=1)) as reader:
        return [result async for _, result in reader.read_pages(pages())]


def measure(client: str, url: str, paths: list[str]) -> dict[str, float]:
    """Measure processor seconds without imports; runs in its own process."""
    wanted = list(chosen_pages(paths))
    start, began = time.process_time(), time.perf_counter()
    if client == "old":
        texts, alike = old(url, wanted), 0
    else:
        results = asyncio.run(ours(url, wanted, "png" if client == "png" else "jpeg"))
        assert not any(result.failed for result in results)
        texts = [result.text for result in results]
        alike = sum(one.own_text is not None and one.own_text.trust == "high" for one in results)
    seconds, wall_s = time.process_time() - start, time.perf_counter() - began
    return {"pages": len(texts), "alike": alike, "processor_s": seconds, "wall_s": wall_s}


def wait_for(url: str) -> None:
    """Wait until a server that has just been started answers at `url`."""
    while True:
        with suppress(httpx2.HTTPError):
            if httpx2.get(url).is_success:
                return
        time.sleep(0.1)


@contextmanager
def _serving(port: int) -> Iterator[None]:
    with subprocess.Popen([sys.executable, __file__, "serve", str(port)]) as server:
        try:
            yield
        finally:
            server.terminate()


def _in_a_process(client: str, url: str, paths: list[str]) -> dict[str, float]:
    command = [sys.executable, __file__, client, url, *paths]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _summary(rows: list[dict[str, float]], slowest: float) -> dict[str, float]:
    """Summarise the best of the rounds, since other work on the machine only adds time."""
    best = min(row["processor_s"] / row["pages"] for row in rows)
    return {
        "processor_ms_a_page": round(1000 * best, 1),
        "pages_s_a_core": round(1 / best, 1),
        "times_the_old_client": round(slowest / best, 2),
    }


def main(paths: list[str]) -> None:
    port = 18_231
    url = f"http://127.0.0.1:{port}"
    with _serving(port):
        wait_for(f"{url}/v1/models")
        rows = {client: [_in_a_process(client, url, paths)] for client in CLIENTS}
        for _ in range(ROUNDS - 1):
            for client in CLIENTS:
                rows[client].append(_in_a_process(client, url, paths))
    slowest = min(row["processor_s"] / row["pages"] for row in rows["old"])
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python benchmarks/client.py MANUAL.pdf…",
        "machine": f"{platform.machine()}, {os.cpu_count()} threads, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("pypdfium2", "pillow", "httpx2", "requests")},
        "documents": [Path(path).name for path in paths],
        "pages": rows["old"][0]["pages"],
        "pages_like_their_own_text": rows["png"][0]["alike"],
        "tokens_a_page": TOKENS_EACH,
        "rounds": ROUNDS,
        "clients": {client: _summary(rows[client], slowest) for client in CLIENTS},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    elif sys.argv[1] in CLIENTS:
        print(json.dumps(measure(sys.argv[1], sys.argv[2], sys.argv[3:])))
    else:
        main(sys.argv[1:])
