"""The embedded engine: llama.cpp in a child process that ends with this one."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, suppress
from typing import IO

from lighton_ocr._cores import free_cores
from lighton_ocr.catalog import Model
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.llama_cpp.weights import PRECISION, Weights, find_weights
from lighton_ocr.errors import EngineFailed

_SLOTS = 1  # llama.cpp encodes one image at a time: more slots would only wait for each other
_STOP_SECONDS = 5


class EmbeddedEngine(AbstractContextManager[Endpoint]):
    """Serves one model on this machine's CPU, inside a `with` block.

    The server listens on loopback with a key of its own, so two engines share only the model's
    files. `threads` defaults to the cores that are free to use. `weights` replace the model's own,
    for a model that is still being trained.
    """

    def __init__(
        self, model: Model, threads: int | None = None, weights: Weights | None = None
    ) -> None:
        self.model = model
        self._threads = threads or free_cores()
        self._weights = weights
        self._process: subprocess.Popen[str] | None = None
        # Without a name, so that it is removed with the last process that has it open.
        self._log = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115

    def start(self) -> Endpoint:
        """Find the weights, start the child and wait until it serves.

        Raises:
            WeightsMissing: the model's files are not here and cannot be downloaded.
            EngineFailed: the child ended instead of serving; the message has its last lines.
        """
        weights = self._weights or find_weights(self.model)
        key = secrets.token_urlsafe(24)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "lighton_ocr.engines.llama_cpp.server"],
            # How long threads spin before they sleep while they wait for one another. With OpenMP's
            # default a page takes ten times as long on a busy machine; without spinning it takes
            # twice as long on an idle one.
            env={"GOMP_SPINCOUNT": "500"} | os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,  # Ctrl-C is for us: pages that were read are written first
        )
        settings = {
            "model": str(weights.model),
            "mmproj": str(weights.mmproj),
            "name": self.model.id,
            "key": key,
            "slots": _SLOTS,
            "context": self.model.context,
            "threads": self._threads,
        }
        return Endpoint(
            base_url=self._handshake(self._process, settings) + "/v1",
            model=self.model,
            served_name=self.model.id,
            api_key=key,
            slots=_SLOTS,
            software="llama.cpp",
            managed=True,
            precision=None if self._weights else PRECISION,
        )

    def stop(self) -> None:
        """End the child; does nothing if there is none."""
        if self._process is not None:
            _close(self._process.stdin)  # this tells the child to end
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            _close(self._process.stdout)
            self._process = None
        self._log.close()

    def __enter__(self) -> Endpoint:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _handshake(self, process: subprocess.Popen[str], settings: dict[str, object]) -> str:
        answer = ""
        if process.stdin and process.stdout:  # always; both are pipes
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(settings) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
        if not answer:
            status = process.wait()
            raise EngineFailed(
                f"The embedded engine could not start {self.model.id} (exit status {status})."
                f"{self._last_lines()}"
            )
        return str(json.loads(answer)["url"])

    def _last_lines(self) -> str:
        self._log.seek(0)
        lines = self._log.read().strip().splitlines()[-5:]
        return " Its last lines:\n  " + "\n  ".join(lines) if lines else ""


def _close(pipe: IO[str] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()
