"""Documents through `/v1/ocr` inside vLLM on a GPU of this machine, beside a batch of the same.

    python -m benchmarks.ocr_on_gpu H200 WEIGHTS MANUAL.pdf… > benchmarks/results/ocr-h200.json

WEIGHTS is the folder of the pocket model's restored checkpoint: a larger model with random weights
never ends an answer by itself. So the GPU is quick, and what prepares pages is the bottleneck, more
than with the models that people deploy. The manuals' pages become documents of four pages. Both
ways read all of them: 64 documents at a time over HTTP, then a batch, which sends chat completions;
then both at the same time, a half each. Each is measured twice.
"""

import json
import platform
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.ocr_over_http import PAGES_EACH, read_batch, split

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import VllmServer

DOCUMENTS, AT_ONCE, ROUNDS = 256, 64, 2
MAX_FAILED = 0.01  # of the pages

Way = Callable[[str, list[Path]], int]


def over_http(url: str, documents: list[Path]) -> int:
    """Read documents, AT_ONCE at a time, and return the number of pages.

    Raises:
        AssertionError: too many pages have no text.
    """
    with ThreadPoolExecutor(AT_ONCE) as clients:
        pages = [page for pages in clients.map(partial(_ocr, url), documents) for page in pages]
    empty = sum(not page["markdown"] for page in pages)
    assert empty <= MAX_FAILED * len(pages), f"{empty} of {len(pages)} pages have no text"
    return len(pages)


def _ocr(url: str, path: Path) -> list[dict[str, Any]]:
    answer = httpx2.post(f"{url}/v1/ocr", files={"file": path.read_bytes()}, timeout=600)
    return list(answer.raise_for_status().json()["pages"])


def batch(url: str, documents: list[Path]) -> int:
    """Read documents as a batch, and return the number of pages."""
    return read_batch(url, documents)["pages_read"]


def both(url: str, documents: list[Path]) -> int:
    """Read half of the documents each way, at the same time."""
    middle = len(documents) // 2
    with ThreadPoolExecutor(1) as other:
        batched = other.submit(batch, url, documents[:middle])
        return over_http(url, documents[middle:]) + batched.result()


def pages_per_second(way: Way, url: str, documents: list[Path]) -> float:
    """Return the throughput without what it takes to start: one document's time is subtracted."""
    start_s, _ = _timed(way, url, documents[:2])
    seconds, pages = _timed(way, url, documents)
    return round((pages - 2 * PAGES_EACH) / (seconds - start_s), 2)


def _timed(way: Way, url: str, documents: list[Path]) -> tuple[float, int]:
    start = time.perf_counter()
    pages = way(url, documents)
    return time.perf_counter() - start, pages


def main(gpu: str, weights: str, *manuals: str) -> None:
    sys.stdout, out = sys.stderr, sys.stdout
    options = VllmOptions(find_model("pocket"), find_gpu(gpu), documents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        documents = split(manuals, Path(folder), DOCUMENTS)
        server = VllmServer(options, weights=weights, port=port)
        try:
            server.wait_until_ready()
            rows: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                for way in (over_http, batch, both):
                    speed = pages_per_second(way, url, documents)
                    rows.setdefault(way.__name__, []).append(speed)
        finally:
            server.stop()
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": f"python -m benchmarks.ocr_on_gpu {gpu} WEIGHTS MANUAL.pdf…",
        "gpu": gpu,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("vllm", "torch", "fastapi", "pypdfium2")},
        "pages": PAGES_EACH * len(documents),
        "documents_at_once": AT_ONCE,
        "pages_per_s": rows,
    }
    print(json.dumps(report, indent=1), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
