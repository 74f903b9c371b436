"""A real vLLM on this machine's processor, with the pocket model; run with `make test-vllm`."""

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import pytest
from pocket.restore_checkpoint import MODEL, restore

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import VllmServer
from tests.support.real_vllm import CLEAN, SLOW, read

ROOT = Path(__file__).parents[2]
# Draft tokens on a processor: the container's method needs Triton, and more tokens take longer.
DRAFTING: dict[str, object] = {"method": "ngram", "num_speculative_tokens": 3}
DRAFTING |= {"prompt_lookup_min": 1, "prompt_lookup_max": 3}


def _multiplies_bfloat16() -> bool:
    """Whether products of bfloat16 are faster than those of float32: without AVX-512 far slower."""
    return "avx512" in Path("/proc/cpuinfo").read_text(encoding="utf8")


@pytest.fixture(scope="session")
def options() -> VllmOptions:
    """The default deployment, with the pocket model instead of the one from the hub."""
    return VllmOptions(find_model("pocket"), find_gpu("L4"), documents=True)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pocket model in the format of vLLM and transformers."""
    folder = tmp_path_factory.mktemp("weights") / "pocket"
    restore(MODEL, folder)
    return folder


@pytest.fixture(scope="session")
def scheduler_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of the server's scheduler, a line per step (watched_scheduler.py)."""
    return tmp_path_factory.mktemp("scheduler") / "log"


@pytest.fixture(scope="session")
def vllm_server(
    options: VllmOptions, checkpoint: Path, scheduler_log: Path
) -> Iterator[VllmServer]:
    """A server that was started, waited for and warmed up as in the container.

    It has our scheduler, set for few pages, and two API servers, as on large GPUs.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = os.pathsep.join((str(ROOT), os.environ["PYTHONPATH"]))
    with patch.dict(os.environ, PYTHONPATH=path, WATCHED_SCHEDULER_LOG=str(scheduler_log)):
        flags = (
            *("--scheduler-cls", "tests.support.watched_scheduler.Watched"),
            *("--speculative-config", json.dumps(DRAFTING)),
            *("--api-server-count", "2", "--gpu-memory-utilization", "0.5"),  # of main memory
            *(() if _multiplies_bfloat16() else ("--dtype", "float32")),
        )
        server = VllmServer(options, weights=str(checkpoint), port=port, flags=flags)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def vllm(vllm_server: VllmServer) -> Endpoint:
    """Its endpoint, as any client sees it."""
    return connect(vllm_server._address)


@pytest.fixture(scope="session")
def texts(vllm: Endpoint) -> dict[str, list[str]]:
    """Its text of the clean pages, at temperature 0, each read alone."""
    return {name: read(vllm, name) for name in CLEAN}


@pytest.fixture(scope="session")
def half_sent(vllm: Endpoint) -> Iterator[Future[int]]:
    """The status of a request that stays half sent, for a minute, while other tests run."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(SLOW.send, vllm)


@pytest.fixture(scope="session")
def route_key(vllm_server: VllmServer) -> dict[str, str]:
    """The header that opens what the allow-list closes: for tests of what lies behind it."""
    return vllm_server.key_headers


@pytest.fixture(scope="session")
def embedded_texts(pocket: Endpoint) -> dict[str, list[str]]:
    """The embedded engine's text of the clean pages, at temperature 0."""
    return {name: read(pocket, name) for name in CLEAN}
