"""One or more vLLM servers with a configuration, and what their log tells."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from threading import Timer
from unittest.mock import patch

from benchmarks.vllm_study.configurations import Configuration

from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.errors import EngineFailed

Server = tuple[VllmServer, str]  # a server and its base URL

ROOT = Path(__file__).parents[2]
MAX_START_SECONDS = 240
_MPS = "nvidia-cuda-mps-control"
_HOLD = """
import sys, torch
free, _ = torch.cuda.mem_get_info()
held = torch.empty(free - int(sys.argv[1]), dtype=torch.uint8, device="cuda")
print("held", flush=True)
sys.stdin.read()
"""
_NOTABLE = re.compile(
    r"KV cache size|oncurrency for|ttention back|vit attention|FlashAttention|Model Runner"
    r"|took [\d.]+ (s|GiB)|takes [\d.]+ s|Graph capturing|[Cc]ompil|quantiz|fp8|layout"
)
_PREFIX = re.compile(r"^\(.*?\) ?|(INFO|WARNING) \S+ \S+ \[\S+\] ")
# What a start has done once such a line is written.
_MILESTONES = {
    "API server imported": "vLLM API server version",
    "engine imported": "Initializing a V1 LLM engine",
    "weights loaded": "Model loading took",
    "encoder and decoder compiled": "torch.compile took",
    "memory measured": "GPU KV cache size",
    "graphs captured": "Graph capturing finished",
    "engine ready": "init engine (profile",
}
_WRITTEN_AT = re.compile(r"(?:INFO|WARNING) (\d\d-\d\d \d\d:\d\d:\d\d) ")
_ERROR = re.compile(r"Error|Exception|error:")


@contextmanager
def servers(
    options: VllmOptions, weights: str, chosen: Configuration, log: Path
) -> Iterator[list[Server]]:
    """Start `chosen.engines` servers; their output goes to `log`.

    Raises:
        EngineFailed: the GPU cannot be shared, or its memory cannot be limited, as `chosen` asks.
    """
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(stack.enter_context(log.open("w"))))
        extra = stack.enter_context(_sharing()) if chosen.shared else {}
        if chosen.mib is not None:
            stack.enter_context(_limited_memory(chosen.mib))
        started: list[Server] = []
        with patch.dict(os.environ, {**chosen.environment, **extra, **search_path()}):
            for _ in range(chosen.engines):
                with socket.create_server(("127.0.0.1", 0)) as free:
                    port = free.getsockname()[1]
                server = VllmServer(options, weights=weights, port=port, flags=chosen.flags)
                stack.callback(server.stop)
                started.append((server, f"http://127.0.0.1:{port}/v1"))
        yield started


def search_path() -> Mapping[str, str]:
    """Return a PYTHONPATH with which vLLM's processes find modules of this folder."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {"PYTHONPATH": path}


def wait_for(started: list[Server]) -> None:
    """Wait until all servers have read a page.

    A server that takes more than MAX_START_SECONDS is stopped.

    Raises:
        EngineFailed: a server ended or was stopped; the message has its last lines.
    """
    for server, _ in started:
        watchdog = Timer(MAX_START_SECONDS, server.stop)
        watchdog.start()
        try:
            server.wait_until_ready()
        finally:
            watchdog.cancel()


def notes(log: Path) -> list[str]:
    """Lines of the log about backends, caches and times of the start, each once."""
    lines = (_PREFIX.sub("", line) for line in log.read_text("utf-8", "replace").splitlines())
    found = dict.fromkeys(line.strip()[:200] for line in lines if _NOTABLE.search(line))
    return list(found)[:100]


def milestones(log: Path, began: datetime) -> dict[str, int]:
    """Whole seconds from `began` (local time) until the log last told of each step of a start."""
    reached: dict[str, int] = {}
    for line in log.read_text("utf-8", "replace").splitlines():
        written = _WRITTEN_AT.search(line)
        for step, words in _MILESTONES.items():
            if written and words in line:
                at = datetime.strptime(f"{began.year}-{written[1]}", "%Y-%m-%d %H:%M:%S")
                reached[step] = round((at - began).total_seconds())
    return reached


def errors(log: Path) -> list[str]:
    """The first lines of the log with an error: the cause comes long before the end."""
    lines = log.read_text("utf-8", "replace").splitlines()
    return [line.strip()[:300] for line in lines if _ERROR.search(line)][:12]


@contextmanager
def _limited_memory(mib: int) -> Iterator[None]:
    """Occupy the GPU's memory except for `mib`, as if it had no more."""
    program = [sys.executable, "-c", _HOLD, str(mib << 20)]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as holder:
        if holder.stdout is None or not holder.stdout.readline():
            _, reason = holder.communicate()
            raise EngineFailed(f"The GPU's memory cannot be limited: {reason[-300:]}")
        try:
            yield
        finally:
            holder.communicate()  # the end of its input ends the program


@contextmanager
def _sharing() -> Iterator[Mapping[str, str]]:
    """NVIDIA's Multi-Process Service: kernels of several processes run on the GPU at once."""
    program = shutil.which(_MPS)
    if program is None:
        raise EngineFailed(f"{_MPS} is not on this machine, so engines cannot share the GPU.")
    with tempfile.TemporaryDirectory() as folder:
        extra = {"CUDA_MPS_PIPE_DIRECTORY": folder, "CUDA_MPS_LOG_DIRECTORY": folder}
        environment = os.environ | extra
        subprocess.run([program, "-d"], env=environment, check=True)
        try:
            yield extra
        finally:
            subprocess.run([program], input="quit\n", text=True, env=environment, check=False)
