"""What the allow-list costs for a page: CPU time of the whole middleware, and of parsing alone.

The requests are those of our own client, with a page of 135 KB or 2 MB and a draft, in chunks of
64 KiB as uvicorn hands them over. Each figure is the median of five rounds.

    python benchmarks/allow_list.py > benchmarks/results/allow-list.json
"""

import asyncio
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from lighton_ocr.catalog import DEFAULT_MODEL, find_model
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.allow_list import READ, AllowList
from lighton_ocr.engines.vllm.refusal import App, Message, Receive, Send
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest

SIZES = {"135 KB": 135_000, "2 MB": 2_000_000}  # of the request
DRAFT = "Der Text einer Seite, mit Umlauten (äöü) und Kommas, in vielen Zeilen.\n\n" * 40
CHUNK = 65_536
REQUESTS, ROUNDS = 200, 5


def page_request(size: int) -> bytes:
    """A page's request as our client sends it, of about `size` bytes."""
    image = b"\x89PNG\r\n\x1a\n" + os.urandom((size - len(DRAFT.encode())) * 3 // 4)
    page = EncodedPage(0, image, "image/png", (1092, 1540), draft=DRAFT)
    model = find_model(DEFAULT_MODEL)
    endpoint = Endpoint("http://127.0.0.1:8000/v1", model, model.id, software="vllm")
    request = PageRequest(page, AttemptSettings(0.2, 0.9, 4096))
    return json.dumps(PageClient(endpoint)._body(request), separators=(",", ":")).encode()


async def vllm(scope: Message, receive: Receive, send: Send) -> None:
    """Receive a request's body and answer, as any app does."""
    body = b""
    while (message := await receive())["more_body"]:
        body += message["body"]
    body += message["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body[:1]})


async def answer(app: App, body: bytes) -> None:
    chunks = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages[-1]["more_body"] = False
    statuses = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        statuses.append(message.get("status"))

    headers = [(b"content-length", b"%d" % len(body)), (b"authorization", b"Bearer key")]
    scope: Message = {"type": "http", "method": "POST", "path": READ, "headers": headers}
    await app(scope, receive, send)
    assert statuses[0] == 200


async def milliseconds(work: Callable[[], Coroutine[Any, Any, object]]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(REQUESTS):
            await work()
        rounds.append((time.process_time() - start) / REQUESTS * 1000)
    return statistics.median(rounds)


async def measure(size: int) -> dict[str, float | int]:
    body = page_request(size)

    async def parse() -> object:
        return json.loads(body)

    guarded = AllowList(vllm)
    with_list = await milliseconds(lambda: answer(guarded, body))
    without = await milliseconds(lambda: answer(vllm, body))
    parsing = await milliseconds(parse)
    return {
        "request_bytes": len(body),
        "allow_list_ms": round(with_list - without, 3),
        "of_which_parsing_ms": round(parsing, 3),
        "beside_parsing_ms": round(with_list - without - parsing, 3),
    }


async def main() -> None:
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, one core of {platform.system()}, shared with others",
        "python": platform.python_version(),
        "version": version("lighton-ocr"),
        "requests": REQUESTS * ROUNDS,
        "pages": {name: await measure(size) for name, size in SIZES.items()},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
