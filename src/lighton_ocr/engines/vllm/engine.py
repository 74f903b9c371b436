"""vLLM on a GPU of this machine, in a child process."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from packaging.version import Version

from lighton_ocr.catalog import Gpu, Model, gpus
from lighton_ocr.catalog.models import POCKET
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.engines.vllm.version import PINNED_VLLM, TESTED_VLLM, installed_vllm, is_tested
from lighton_ocr.errors import EngineFailed, UsageError

_BFLOAT16 = 8.0  # the first compute capability that has it


class VllmEngine(AbstractContextManager[Endpoint]):
    """Serves one model from this machine's first GPU, inside a `with` block.

    The program `vllm` is searched for on the PATH and next to this Python. Its limits are those of
    the catalog's GPU that is most like the one found here. `on_notice` gets sentences for the user.
    """

    def __init__(self, model: Model, on_notice: Callable[[str], None] = lambda _: None) -> None:
        self.model = model
        self._on_notice = on_notice
        self._server: VllmServer | None = None

    def start(self) -> Endpoint:
        """Start the server and wait until it has read its first page.

        Raises:
            UsageError: the model is not on the model hub, so vLLM cannot load it.
            EngineFailed: vLLM or a GPU is missing, vLLM is too old for the model, or it ended; then
                the message has its last lines.
        """
        if self.model.id == POCKET:
            raise UsageError("The pocket model runs on the embedded engine: leave --engine out.")
        program = _find_program()
        options = VllmOptions(
            self.model, find_own_gpu(), page_scheduler=self._check_version(installed_vllm(program))
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._on_notice(f"Starting vLLM with {self.model.id}; this takes some minutes.")
        self._server = VllmServer(options, program=program, port=port, dies_with_parent=True)
        self._server.wait_until_ready()
        endpoint = connect(f"http://127.0.0.1:{port}", model=self.model)
        precision = "bf16" if options.gpu.bfloat16 else "fp16"
        return replace(endpoint, slots=options.gpu.max_num_seqs, managed=True, precision=precision)

    def stop(self) -> None:
        """End the server; does nothing if there is none."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Endpoint:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _check_version(self, found: Version | None) -> bool:
        """Whether our scheduler can run in this vLLM; the user is told if it cannot."""
        least = self.model.min_vllm
        if found and not found.is_devrelease and least and found < Version(least):
            raise EngineFailed(
                f"vLLM {found} is too old for {self.model.id}, which needs {least} or newer: "
                f"`pip install vllm=={PINNED_VLLM}`."
            )
        if VllmOptions(self.model, gpus()[0]).uses_page_scheduler and not is_tested(found):
            self._on_notice(
                f"This vLLM ({found or 'of unknown version'}) is not one that lighton-ocr's "
                f"scheduler was tested with ({TESTED_VLLM}), so vLLM starts without it and without "
                f"draft tokens, and reads more slowly. For full speed: `pip install "
                f"vllm=={PINNED_VLLM}`."
            )
            return False
        return True


def find_own_gpu() -> Gpu:
    """Return the catalog's GPU most like this machine's first: by bfloat16, memory, architecture.

    Raises:
        EngineFailed: there is no GPU, or its driver does not answer.
    """
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=compute_cap,memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            check=True,
        )
        capability, mebibytes = done.stdout.splitlines()[0].split(",")
        memory_gb, bfloat16 = float(mebibytes) * 2**20 / 1e9, float(capability) >= _BFLOAT16
    except (OSError, subprocess.CalledProcessError, LookupError, ValueError):
        raise EngineFailed(
            "vLLM needs an NVIDIA GPU, and nvidia-smi finds none here. Leave --engine out to read "
            "on the CPU, or read on Modal (`make deploy`, --url)."
        ) from None

    def difference(gpu: Gpu) -> tuple[bool, float, bool]:
        memory = abs(gpu.memory_gb - memory_gb)
        return gpu.bfloat16 != bfloat16, memory, gpu.capability != capability

    return min(gpus(), key=difference)


def _find_program() -> Path:
    own = str(Path(sys.executable).parent)  # an environment that is not activated
    program = shutil.which("vllm") or shutil.which("vllm", path=own)
    if program is None:
        raise EngineFailed(
            f"vLLM is not installed here. On a machine with an NVIDIA GPU: `pip install "
            f"vllm=={PINNED_VLLM}`. Leave --engine out to read on the CPU."
        )
    return Path(program).absolute()
