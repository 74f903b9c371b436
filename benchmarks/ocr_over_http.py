"""Many documents at once through `/v1/ocr` inside vLLM, beside a batch of the same documents.

    python -m benchmarks.ocr_over_http MANUAL.pdf… > benchmarks/results/ocr-over-http.json

The manuals' pages become documents of four pages. Both ways read them through a server in another
process that answers as vLLM does, with 475 tokens of the page's own text: SLOTS pages at a time,
each in SECONDS, or at once. The first shows whether the slots stay full (pages/s), the second what
a page takes of the processor: in the server's own process, and in those that render.
"""

import asyncio
import json
import os
import platform
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import pypdfium2
import uvicorn
from benchmarks.client import TOKENS_EACH, answer_events, list_models, wait_for
from benchmarks.processes import processor_seconds
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.engines.vllm.allow_list import CAPACITY_VARIABLE, AllowList
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import child_environment, document_settings
from lighton_ocr.server.inside_vllm import DocumentRoutes

DOCUMENTS, PAGES_EACH = 64, 4
SLOTS, SECONDS = 16, 2.0  # eight pages/s, and a processor that is busy renders more


def serve_endpoint(port: int, seconds: float) -> None:
    """Answer as vLLM does."""
    slots = asyncio.Semaphore(SLOTS)

    async def answer(request: Request) -> StreamingResponse:
        body = await request.json()

        async def events() -> AsyncIterator[str]:
            if seconds:
                async with slots:
                    await asyncio.sleep(seconds)
            async for event in answer_events(body):
                yield event

        return StreamingResponse(events(), media_type="text/event-stream")

    routes = [
        Route("/v1/models", list_models),
        Route("/v1/chat/completions", answer, methods=["POST"]),
    ]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="error")


def serve_documents(port: int, endpoint_port: int) -> None:
    """Serve what runs inside vLLM's API server, in front of that endpoint."""
    options = VllmOptions(find_model("1b"), find_gpu("L4"), documents=True)
    os.environ |= child_environment(options, "key") | document_settings(options, endpoint_port)
    os.environ[CAPACITY_VARIABLE] = str(SLOTS)
    uvicorn.run(
        DocumentRoutes(AllowList(Starlette())), port=port, log_level="error", access_log=False
    )


def split(paths: Sequence[str], folder: Path, count: int = DOCUMENTS) -> list[Path]:
    """Write `count` documents of PAGES_EACH pages each; the manuals may come more than once."""
    found: list[Path] = []
    for path in cycle(paths):
        manual = pypdfium2.PdfDocument(path)
        for start in range(0, len(manual) - PAGES_EACH + 1, PAGES_EACH):
            if len(found) == count:
                return found
            part = pypdfium2.PdfDocument.new()
            part.import_pages(manual, list(range(start, start + PAGES_EACH)))
            found.append(folder / f"{len(found):03}.pdf")
            part.save(found[-1])
    raise AssertionError  # cycle does not end


def over_http(url: str, pid: int, documents: list[Path]) -> dict[str, float]:
    """Read all documents at once; as in a batch, one document's time and pages do not count."""
    _ocr(url, documents[0])  # starts the renderers
    start = time.perf_counter()
    _ocr(url, documents[0])
    start_seconds = time.perf_counter() - start
    before = processor_seconds(pid)
    start = time.perf_counter()
    with ThreadPoolExecutor(len(documents)) as clients:
        pages = sum(clients.map(lambda path: _ocr(url, path), documents))
    seconds = time.perf_counter() - start
    own, renderers = (
        1000 * (after - earlier) / pages
        for after, earlier in zip(processor_seconds(pid), before, strict=True)
    )
    return {
        "pages": pages,
        "pages_s": (pages - PAGES_EACH) / (seconds - start_seconds),
        "server_ms_a_page": own,
        "renderers_ms_a_page": renderers,
        "processor_ms_a_page": own + renderers,
    }


def _ocr(url: str, path: Path) -> int:
    answer = httpx2.post(f"{url}/v1/ocr", files={"file": path.read_bytes()}, timeout=600)
    pages = answer.raise_for_status().json()["pages"]
    assert not any(page.get("error") for page in pages)
    return len(pages)


def batch(url: str, documents: list[Path]) -> dict[str, float]:
    """Read all documents as a batch; what it takes to start is measured with one document."""
    start_up, start_seconds, _ = _batch(url, documents[:1])
    processor, seconds, pages = _batch(url, documents)
    return {
        "pages": pages,
        "pages_s": (pages - PAGES_EACH) / (seconds - start_seconds),
        "processor_ms_a_page": 1000 * (processor - start_up) / (pages - PAGES_EACH),
    }


def _batch(url: str, documents: list[Path]) -> tuple[float, float, int]:
    """Return processor seconds, seconds and pages."""
    before, start = _children_seconds(), time.perf_counter()
    pages = read_batch(url, documents)["pages_read"]
    seconds = time.perf_counter() - start
    return _children_seconds() - before, seconds, pages


def read_batch(url: str, documents: list[Path]) -> dict[str, int]:
    """Read documents through that endpoint with `lighton-ocr batch`, and return its counts."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "lighton_ocr", "batch", *map(str, documents)]
        done = subprocess.run(
            [*command, "--out", out, "--url", url, "--json"],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    stats: dict[str, int] = json.loads(done.stdout)
    return stats


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def _process(*arguments: object) -> Iterator[tuple[str, int]]:
    """Serve in another process; gives the address, and the process's id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kind, *rest = map(str, arguments)
    command = [sys.executable, "-m", "benchmarks.ocr_over_http", kind, str(port), *rest]
    with subprocess.Popen(command) as server:
        try:
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            server.terminate()


def compare(documents: list[Path], seconds: float) -> dict[str, dict[str, float]]:
    """Return what both ways take with an endpoint that reads a page in that many seconds."""
    with _process("endpoint", seconds) as (endpoint, _):
        wait_for(f"{endpoint}/v1/models")
        with _process("documents", endpoint.rpartition(":")[2]) as (url, pid):
            wait_for(url)
            rows = {"over_http": over_http(url, pid, documents)}
        rows["batch"] = batch(endpoint, documents)
    return {
        way: {name: round(value, 2) for name, value in row.items()} for way, row in rows.items()
    }


def main(paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        documents = split(paths, Path(folder))
        report: dict[str, Any] = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "command": "python -m benchmarks.ocr_over_http MANUAL.pdf…",
            "machine": f"{platform.machine()}, {os.cpu_count()} threads",
            "python": platform.python_version(),
            "versions": {name: version(name) for name in ("fastapi", "httpx2", "pypdfium2")},
            "documents": len(documents),
            "tokens_a_page": TOKENS_EACH,
            "slots": SLOTS,
            "seconds_a_page": SECONDS,
            "slots_in_use": compare(documents, SECONDS),
            "at_once": compare(documents, 0),
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    if sys.argv[1] == "endpoint":
        serve_endpoint(int(sys.argv[2]), float(sys.argv[3]))
    elif sys.argv[1] == "documents":
        serve_documents(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main(sys.argv[1:])
