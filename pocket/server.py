"""Read pages with a GGUF model through llama.cpp, in a child process that dies with its parent.

llama.cpp ends the whole process when an assertion fails, so it never runs in the caller's.
"""

import base64
import io
import json
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from urllib.request import Request, urlopen

from PIL import Image

EDGE, GRID, MOST_TOKENS = 1288, 28, 2600


def fitted(image: Image.Image) -> Image.Image:
    """The page at the model's geometry: longest edge 1288 pixels, sides multiples of 28."""
    scale = EDGE / max(image.size)
    width, height = (max(GRID, round(side * scale / GRID) * GRID) for side in image.size)
    return image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)


class PageReader:
    """`with PageReader(folder) as read: text, seconds = read(image)`; greedy, page by page."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        spawn = get_context("spawn")
        mine, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(folder, threads, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.address: str = mine.recv()

    def __enter__(self) -> "PageReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.join()

    def __call__(self, image: Image.Image) -> tuple[str, float]:
        buffer = io.BytesIO()
        fitted(image).save(buffer, "PNG", compress_level=1)
        url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
        content = [{"type": "image_url", "image_url": {"url": url}}]
        body = {
            "messages": [{"role": "user", "content": content}],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        request = Request(  # noqa: S310 (our own child's address)
            f"{self.address}/v1/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        began = time.monotonic()
        with urlopen(request, timeout=600) as answer:  # noqa: S310
            text = json.load(answer)["choices"][0]["message"]["content"]
        return text or "", time.monotonic() - began


def _serve(folder: Path, threads: int, ready: Connection) -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(folder / "model.gguf")
    parameters.mmproj.path = str(folder / "mmproj.gguf")
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.n_ctx, parameters.n_parallel = 8192, 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.cache_prompt, parameters.cache_ram_mib = False, 0
    parameters.verbosity, parameters.use_jinja = 0, True
    server = xllamacpp.Server(parameters)
    ready.send(server.listening_address)
    sys.stdin.close()
    while True:
        time.sleep(3600)
