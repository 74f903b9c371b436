"""Check that the container's command starts, serves and reads on a real GPU, and how soon.

    python benchmarks/vllm_gpu.py GPU MODEL=FOLDER… > benchmarks/results/vllm-h200.json

GPU is the catalog's name for this machine's GPU, MODEL a name from the catalog, and FOLDER contains
the weights to load instead of the hub's. For each model the server is started as in the container,
twice: without compiled code in vLLM's cache and with it. Then `lighton-ocr check` runs and, if it
passes, the examples are read.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lighton_ocr.catalog import DEFAULT_MODEL, find_gpu, find_model
from lighton_ocr.engines.vllm.command import PORT, VllmOptions, vllm_command
from lighton_ocr.engines.vllm.server import VllmServer

ROOT = Path(__file__).parents[1]
URL = f"http://127.0.0.1:{PORT}"
CACHE = Path.home() / ".cache" / "vllm"
# The client may need other versions of packages than vLLM: the variable names their folder.
CLIENT = "CLIENT_PYTHONPATH"


def client(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `lighton-ocr` against the server."""
    environment = os.environ | {"PYTHONPATH": os.environ.get(CLIENT, "")}
    command = [sys.executable, "-m", "lighton_ocr", *map(str, arguments), "--url", URL]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def start(options: VllmOptions, folder: str) -> tuple[VllmServer, float]:
    """Return a server that has read its first page, and how many seconds that took."""
    began = time.monotonic()
    server = VllmServer(options, weights=folder)
    server.wait_until_ready()
    return server, round(time.monotonic() - began, 1)


def measure(options: VllmOptions, folder: str) -> dict[str, Any]:
    """Start twice, check, and read."""
    shutil.rmtree(CACHE, ignore_errors=True)
    server, cold = start(options, folder)
    server.stop()
    server, warm = start(options, folder)
    try:
        checked = client("check", "--model", options.model.id, "--json")
        readable = (
            checked.returncode == 0
        )  # with random weights, every answer goes on to the token limit
        texts = {
            path.name: client("read", path, "--model", options.model.id).stdout
            for path in sorted((ROOT / "examples").glob("*.pdf"))
            if readable
        }
    finally:
        server.stop()
    return {
        "command": [*vllm_command(options, weights="FOLDER")],
        "first_page_s_without_compiled_code": cold,
        "first_page_s_with_compiled_code": warm,
        "check": json.loads(checked.stdout) if checked.stdout else checked.stderr,
        "texts": texts,
    }


def main() -> None:
    sys.stdout, out = sys.stderr, sys.stdout  # keeps vLLM's output apart from the result
    options = VllmOptions(find_model(DEFAULT_MODEL), find_gpu(sys.argv[1]))
    report: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "gpu": options.gpu.name,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("vllm", "torch", "transformers")},
    }
    for argument in sys.argv[2:]:
        name, _, folder = argument.partition("=")
        report[name] = measure(replace(options, model=find_model(name)), folder)
    print(json.dumps(report, indent=1), file=out)


if __name__ == "__main__":
    main()
