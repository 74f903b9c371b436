"""vLLM on a GPU of this machine: the server of the deployment, as a child of ours."""

import os
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
from lighton_ocr.engines.vllm.command import VllmOptions, uses_page_scheduler
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.errors import EngineFailed, UsageError

_BFLOAT16 = 8.0  # the first compute capability that has it
_OLDEST = Version("0.32")  # that the server's flags and scheduler were tried with


class VllmEngine(AbstractContextManager[Endpoint]):
    """Serves one model from this machine's first GPU, inside a `with` block.

    vLLM is a program of its own, found on the PATH or beside this Python. Its limits are those of
    the catalog's GPU that is most like the one found here.
    """

    def __init__(self, model: Model, on_notice: Callable[[str], None] = lambda _: None) -> None:
        self.model = model
        self._on_notice = on_notice
        self._server: VllmServer | None = None

    def start(self) -> Endpoint:
        """Start the server and wait until it has read a first page.

        Raises:
            UsageError: the model is on no hub, so vLLM cannot load it.
            EngineFailed: there is no vLLM or no GPU here, vLLM is too old, or it ended; with its
                last lines.
        """
        if self.model.id == POCKET:
            raise UsageError("The pocket model runs on the embedded engine: leave --engine out.")
        program = _find_program()
        if uses_page_scheduler(self.model):
            _check_version(program)
        gpu = find_own_gpu()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._on_notice(f"Starting vLLM with {self.model.id}; this takes some minutes.")
        self._server = VllmServer(VllmOptions(self.model, gpu), port=port, dies_with_parent=True)
        self._server.wait_until_ready()
        endpoint = connect(f"http://127.0.0.1:{port}", model=self.model)
        return replace(endpoint, slots=gpu.max_num_seqs, managed=True)

    def stop(self) -> None:
        """End the server; harmless when there is none."""
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


def find_own_gpu() -> Gpu:
    """The catalog's GPU most like this machine's first one: by bfloat16, memory, architecture.

    Raises:
        EngineFailed: there is none, or its driver does not answer.
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
            "There is no NVIDIA GPU here that nvidia-smi knows, and vLLM needs one. Leave --engine "
            "out to read on the processor, or read on Modal (`make deploy`, --url)."
        ) from None

    def difference(gpu: Gpu) -> tuple[bool, float, bool]:
        memory = abs(gpu.memory_gb - memory_gb)
        return gpu.bfloat16 != bfloat16, memory, gpu.capability != capability

    return min(gpus(), key=difference)


def _find_program() -> Path:
    beside = str(Path(sys.executable).parent)
    if shutil.which("vllm") is None and shutil.which("vllm", path=beside):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), beside])
    program = shutil.which("vllm")
    if program is None:
        raise EngineFailed(
            "vLLM is not installed here: `pip install vllm`, where there is an NVIDIA GPU. Leave "
            "--engine out to read on the processor."
        )
    return Path(program)


def _check_version(program: Path) -> None:
    version = _installed(program)
    # One built from vLLM's sources may call itself 0.1.dev1.
    if version and not version.is_devrelease and version.release < _OLDEST.release:
        raise EngineFailed(
            f"vLLM {version} is too old for --engine vllm, which needs {_OLDEST}: `pip install "
            "--upgrade vllm`. A server that you start yourself may be older: --url."
        )


def _installed(program: Path) -> Version | None:
    """The version that stands beside the program, which need not be of this Python; None if none.

    Asking vLLM itself takes half a minute.
    """
    environment = program.resolve().parent.parent
    found = environment.glob("lib/python*/site-packages/vllm-*.dist-info")
    return next(
        (Version(folder.name.split("-")[1].removesuffix(".dist")) for folder in found), None
    )
