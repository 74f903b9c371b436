"""Versions: the vLLM that the container pins, and the headers that name what serves."""

import os
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

PINNED_VLLM = "0.32.0"
# Our scheduler and its draft tokens use vLLM's internals, which change between minor releases.
# 0.33 has no build for processors, so `make test-vllm` runs with 0.32; it was tested on an H200
# (benchmarks/LOG.md).
TESTED_VLLM = ">=0.32,<0.34"
# The response header with the version of lighton-ocr that started the server.
VERSION_HEADER = "x-lighton-ocr-version"
VERSION_VARIABLE = "LIGHTON_OCR_DEPLOYED_VERSION"
# The same for the name of the GPU, as its driver has it: Modal may send another than was requested.
GPU_HEADER = "x-lighton-ocr-gpu"
GPU_VARIABLE = "LIGHTON_OCR_GPU"


def is_tested(vllm: Version | None) -> bool:
    """Whether our scheduler was tested with this release of vLLM; None is an unknown one."""
    return vllm is not None and SpecifierSet(TESTED_VLLM).contains(vllm, prereleases=True)


def installed_vllm(program: Path) -> Version | None:
    """Return the version of vLLM in the environment of its program, or None if it is not found.

    That environment need not be this Python's, and asking vLLM itself takes half a minute.
    """
    environment = program.resolve().parent.parent
    found = environment.glob("lib/python*/*-packages/vllm-*.dist-info")
    return next(
        (Version(folder.name.removesuffix(".dist-info").split("-")[1]) for folder in found), None
    )


def own_gpu_name() -> str:
    """Return the name of this machine's first GPU, or nothing if it cannot be asked."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    names = done.stdout.splitlines() if done.returncode == 0 else []
    return names[0].strip() if names else ""


def lighton_ocr_version() -> str:
    """Return this package's version; in a container, which has no metadata, the deployer's."""
    try:
        return os.environ.get(VERSION_VARIABLE) or version("lighton-ocr")
    except PackageNotFoundError:
        return "unknown"
