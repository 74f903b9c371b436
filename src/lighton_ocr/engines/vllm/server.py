"""A vLLM server as a child process: start, wait, warm up, sleep, wake, stop."""

import atexit
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

from lighton_ocr.catalog import models
from lighton_ocr.engines.vllm.allow_list import (
    CAPACITY_VARIABLE,
    KEY_HEADER,
    KEY_VARIABLE,
    PUBLIC_VARIABLE,
)
from lighton_ocr.engines.vllm.command import PORT, VllmOptions, vllm_command
from lighton_ocr.engines.vllm.documents import DOCUMENTS_VARIABLE, DocumentSettings
from lighton_ocr.engines.vllm.version import (
    GPU_VARIABLE,
    VERSION_VARIABLE,
    lighton_ocr_version,
    own_gpu_name,
)
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from lighton_ocr.errors import EngineFailed

# Our own child is on loopback, so proxies from the environment do not apply.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
LAST_LINES = 40
STOP_SECONDS = 20
START_SECONDS = 15 * 60
WAKE_SECONDS = 60
REQUEST_SECONDS = 5 * 60
# Sleep mode needs development mode. Modal asks for one compile thread: a pool of processes that
# compile would be part of the snapshot.
SNAPSHOT_ENVIRONMENT = {"VLLM_SERVER_DEV_MODE": "1", "TORCHINDUCTOR_COMPILE_THREADS": "1"}
# vLLM reduces larger pages; `check` sends one of twice the edge.
MAX_IMAGE_PIXELS = (2 * max(model.edge for model in models())) ** 2


class VllmServer:
    """A running `vllm serve`; its output is passed on to our standard output.

    `program` is the path of `vllm`, by default looked up on the PATH. `weights` is a folder to load
    instead of the model hub's repository; `flags` come after ours. The server ends with `stop`, or
    when this interpreter exits normally; it outlives a process that is ended by a signal. With
    `dies_with_parent` its output is not passed on, and it also ends if this process is killed, or
    the thread that started it ends (Linux).
    """

    def __init__(
        self,
        options: VllmOptions,
        *,
        program: Path = Path("vllm"),
        weights: str | None = None,
        host: str = "127.0.0.1",
        port: int = PORT,
        flags: Sequence[str] = (),
        dies_with_parent: bool = False,
    ) -> None:
        self.options = options
        self._dies_with_parent = dies_with_parent
        self._stopped = False
        self._address = f"http://127.0.0.1:{port}"
        self._key = secrets.token_hex(32)
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process = subprocess.Popen(
            _death_signal(dies_with_parent)
            + vllm_command(
                options, program=str(program), weights=weights, host=host, port=port, flags=flags
            ),
            env=child_environment(options, self._key, program) | document_settings(options, port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = Thread(target=self._pass_output_on, daemon=True)
        self._reader.start()
        atexit.register(self.stop)

    def on_death(self, callback: Callable[[int], object]) -> None:
        """Call `callback` with the exit code, from another thread, if vLLM ends without `stop`."""

        def watch() -> None:
            code = self._process.wait()
            if not self._stopped:
                callback(code)

        self._watch = Thread(target=watch, daemon=True)
        self._watch.start()

    def wait_until_ready(self) -> None:
        """Wait until vLLM answers /health and has read one page.

        Raises:
            EngineFailed: vLLM ended, or is not ready after START_SECONDS; the message has its last
                lines.
        """
        self._wait_until_healthy(START_SECONDS)
        self.call("/v1/chat/completions", warm_up_request(self.options.model))

    def sleep(self) -> None:
        """Move the weights to main memory and drop the KV cache, so that a snapshot stays small."""
        self.call("/sleep?level=1")

    def wake(self) -> None:
        """Undo `sleep`, in the same process or in a restored one, and wait for /health.

        Raises:
            EngineFailed: vLLM does not wake or ended; the server is stopped.
        """
        self.call("/wake_up")
        self._wait_until_healthy(WAKE_SECONDS)

    @property
    def key_headers(self) -> dict[str, str]:
        """The header that opens what the allow-list closes, for whoever started the server."""
        return {KEY_HEADER: self._key}

    def call(self, path: str, body: object = None) -> None:
        """POST to any of vLLM's routes, open or not, and wait for the answer.

        Raises:
            EngineFailed: the request failed; the server is stopped.
        """
        request = urllib.request.Request(  # noqa: S310
            self._address + path,
            data=json.dumps(body).encode() if body else b"",
            headers=self.key_headers | {"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with _OPENER.open(request, timeout=REQUEST_SECONDS) as answer:
                answer.read()
        except OSError as error:
            self.stop()
            raise EngineFailed(f"vLLM failed at {path}: {error}. {self._tail()}") from error

    def stop(self) -> None:
        """End vLLM and its workers; does nothing the second time."""
        if self._stopped:
            return
        self._stopped = True
        atexit.unregister(self.stop)
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        # Workers outlive an API server that crashed, and hold the GPU's memory.
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    def _wait_until_healthy(self, seconds: int) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._is_healthy():
                return
            self._check_for_a_second()
        self.stop()
        raise EngineFailed(f"vLLM did not answer within {seconds} s. {self._tail()}")

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _is_healthy(self) -> bool:
        try:
            with _OPENER.open(f"{self._address}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _check_for_a_second(self) -> None:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return
        self.stop()
        raise EngineFailed(f"vLLM ended with exit code {code} before it was ready. {self._tail()}")

    def _pass_output_on(self) -> None:
        assert self._process.stdout  # noqa: S101
        with self._process.stdout as lines:
            for line in lines:
                self._last_lines.append(line)
                if not self._dies_with_parent:
                    sys.stdout.write(line)
                    sys.stdout.flush()

    def _tail(self) -> str:
        return "Its last lines:\n" + "".join(self._last_lines)


def _death_signal(dies_with_parent: bool) -> list[str]:
    # A server that outlives us would hold the GPU's memory.
    program = shutil.which("setpriv") if dies_with_parent else None
    return [program, "--pdeathsig", "TERM", "--"] if program else []


def child_environment(
    options: VllmOptions, key: str, program: Path = Path("vllm")
) -> dict[str, str]:
    """Return the environment that vLLM starts with; `key` opens the routes that are closed."""
    child = os.environ | {
        KEY_VARIABLE: key,
        VERSION_VARIABLE: lighton_ocr_version(),
        GPU_VARIABLE: own_gpu_name(),
        # By default, API servers give up after 600 s, while the weights may still be loading.
        "VLLM_ENGINE_READY_TIMEOUT_S": str(START_SECONDS),
        # It would compile its kernels at each cold start: two to three minutes, and no page faster.
        "VLLM_USE_FLASHINFER_SAMPLER": "0",
        # A new process would import everything again: 25 s of a start on an H200. vLLM itself does
        # without if CUDA is already in use.
        "VLLM_WORKER_MULTIPROC_METHOD": "fork",
        CAPACITY_VARIABLE: str(-(-options.gpu.max_num_seqs // options.api_servers)),
        PUBLIC_VARIABLE: str(int(options.public)),
        # A small file may hold an image of gigabytes, and one request may ask for many answers.
        "VLLM_MAX_IMAGE_PIXELS": str(MAX_IMAGE_PIXELS),
        "VLLM_MAX_N_SEQUENCES": "1",
        "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
    }
    # vLLM may run in another Python, and loads our scheduler and allow-list from this package.
    _extend(child, "PYTHONPATH", [str(Path(__file__).parents[3]), child.get("PYTHONPATH")])
    if program.is_absolute():  # its environment may not be activated; vLLM calls ninja from there
        _extend(child, "PATH", [child.get("PATH"), str(program.parent)])
    return child | SNAPSHOT_ENVIRONMENT if options.snapshot else child


def document_settings(options: VllmOptions, port: int) -> dict[str, str]:
    """Return the variable that sets up reading documents inside vLLM; none if it does not."""
    if not options.documents:
        return {}
    return {DOCUMENTS_VARIABLE: DocumentSettings(options.model, port).to_json()}


def _extend(environment: dict[str, str], name: str, folders: Sequence[str | None]) -> None:
    environment[name] = os.pathsep.join(filter(None, folders))
