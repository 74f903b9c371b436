"""One vLLM server as a child process: start, wait, warm up, sleep, wake, stop."""

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
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

from lighton_ocr.engines.vllm.allow_list import HEADER, KEY_VARIABLE
from lighton_ocr.engines.vllm.command import PORT, VllmOptions, vllm_command
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from lighton_ocr.errors import EngineFailed

# No proxy lies between us and our own child, whatever the environment says.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
LAST_LINES = 40
STOP_SECONDS = 20
START_SECONDS = 15 * 60
REQUEST_SECONDS = 5 * 60


class VllmServer:
    """A running `vllm serve`; its output goes through to ours.

    `weights` is a folder to load in place of the model hub's repository, `flags` come after ours.
    The server is stopped by `stop`, and in any case when this process ends. One that
    `dies_with_parent` is silent, and ends also if this process is killed, or the thread that
    started it ends (Linux).
    """

    def __init__(
        self,
        options: VllmOptions,
        *,
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
            _tie(dies_with_parent)
            + vllm_command(options, weights=weights, host=host, port=port, flags=flags),
            env=child_environment(options, self._key),
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

    def wait_until_ready(self) -> None:
        """Return when vLLM answers /health and has read one page.

        Raises:
            EngineFailed: vLLM ended, with its last lines; or it is not up after START_SECONDS.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._is_healthy():
                self.call("/v1/chat/completions", warm_up_request(self.options.model))
                return
            self._watch_for_a_second()
        self.stop()
        raise EngineFailed(f"vLLM did not answer within {START_SECONDS} s. {self._tail()}")

    def sleep(self) -> None:
        """Move the weights to main memory and drop the KV cache: what a snapshot can hold."""
        self.call("/sleep?level=1")

    def wake(self) -> None:
        """Undo `sleep`, in the same or in a restored process."""
        self.call("/wake_up")

    def call(self, path: str, body: object = None) -> None:
        """POST to one of vLLM's routes, also one that the gate closes, and wait for its answer.

        Raises:
            EngineFailed: it failed; the server is stopped.
        """
        request = urllib.request.Request(  # noqa: S310
            self._address + path,
            data=json.dumps(body).encode() if body else b"",
            headers={HEADER: self._key, "Content-Type": "application/json"},
            method="POST",
        )
        try:
            with _OPENER.open(request, timeout=REQUEST_SECONDS) as answer:
                answer.read()
        except OSError as error:
            self.stop()
            raise EngineFailed(f"vLLM failed at {path}: {error}. {self._tail()}") from error

    def stop(self) -> None:
        """End vLLM and its workers; does nothing when that has been done."""
        if self._stopped:
            return
        self._stopped = True
        atexit.unregister(self.stop)
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        # Workers outlive a front end that broke, with all the memory of the GPU.
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _is_healthy(self) -> bool:
        try:
            with _OPENER.open(f"{self._address}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _watch_for_a_second(self) -> None:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return
        self.stop()
        raise EngineFailed(f"vLLM ended with exit code {code} before it was up. {self._tail()}")

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


def _tie(dies_with_parent: bool) -> list[str]:
    # A server that outlives us would keep the GPU's memory from the next one.
    program = shutil.which("setpriv") if dies_with_parent else None
    return [program, "--pdeathsig", "TERM", "--"] if program else []


def child_environment(options: VllmOptions, key: str) -> dict[str, str]:
    """The variables that vLLM is started with; `key` opens the gate's closed routes."""
    # vLLM is a program of its own, which must find this package to load the gate from it.
    package_home = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [package_home, os.environ.get("PYTHONPATH")]))
    child = os.environ | {"PYTHONPATH": path, KEY_VARIABLE: key}
    # Else each of several API servers gives up after 600 s, while the weights are still loading.
    child["VLLM_ENGINE_READY_TIMEOUT_S"] = str(START_SECONDS)
    return child | {"VLLM_SERVER_DEV_MODE": "1"} if options.snapshot else child
