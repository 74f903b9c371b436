"""The container against the newest benchmark of the same command, word for word."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.command import vllm_command
from lighton_ocr.engines.vllm.server import MAX_IMAGE_PIXELS, child_environment
from lighton_ocr.engines.vllm.version import PINNED_VLLM

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
LOCKED = dict(
    re.findall(r"^([a-z0-9_.-]+)==(\S+)", (ROOT / "requirements/container.txt").read_text(), re.M)
)

# All known differences: what was measured, and what the container has. docs/DEPLOYMENT.md says why.
VERSIONS = {
    "torch": ("2.11.0", "2.13.0"),  # vLLM 0.32.0 asks for 2.13; the GPU machine had 2.11
    "flashinfer-python": ("None", "0.7.0.post1"),  # installed, but switched off
}
FLAGS = {
    # Whole documents are answered by a second middleware.
    "--middleware": (
        "lighton_ocr.engines.vllm.allow_list.AllowList",
        "lighton_ocr.engines.vllm.allow_list.AllowList "
        "lighton_ocr.server.inside_vllm.DocumentRoutes",
    ),
}
# The report has what a configuration sets; what every server gets (engines/vllm/server.py) was set
# in that run, too, and is not in it.
ENVIRONMENT = {
    "VLLM_USE_FLASHINFER_SAMPLER": (None, "0"),
    "VLLM_WORKER_MULTIPROC_METHOD": (None, "fork"),
    # Limits of what a request may ask for.
    "VLLM_MAX_IMAGE_PIXELS": (None, str(MAX_IMAGE_PIXELS)),
    "VLLM_MAX_N_SEQUENCES": (None, "1"),
    "VLLM_MEDIA_URL_ALLOW_REDIRECTS": (None, "0"),
    # None of these changes what vLLM computes.
    "HF_HUB_OFFLINE": (None, "1"),
    "HF_XET_HIGH_PERFORMANCE": (None, "1"),
    "VLLM_ENGINE_READY_TIMEOUT_S": (None, "900"),
    "VLLM_NO_USAGE_STATS": (None, "1"),
    "TRITON_CACHE_DIR": (None, "/root/.cache/vllm/triton"),
}
_LIBRARIES = (
    "HF_HUB_",
    "HF_XET_",
    "VLLM_",
    "TORCH",
    "TRITON_",
    "CUDA_",
    "FLASHINFER_",
    "NCCL_",
    "PYTORCH_",
)


Run = dict[str, Any]


def newest_run() -> tuple[Run, Run]:
    """The newest report on an H200 with the container's flags, and the row that has no others."""
    paths = sorted(RESULTS.glob("gpu-study-h200*.json"))
    reports = [json.loads(path.read_text()) for path in paths]
    ours = [
        report
        for report in reports
        if "--api-server-count" in report["container_command"]
        and report["versions"]["vllm"] == PINNED_VLLM
    ]
    newest = sorted(ours, key=lambda report: report["date"])[-1]
    return newest, newest["rows"]["ours"]


def differences(
    measured: dict[str, str], container: dict[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    return {
        name: (measured.get(name), container.get(name))
        for name in measured.keys() | container.keys()
        if measured.get(name) != container.get(name)
    }


def test_versions() -> None:
    run, _ = newest_run()
    measured = {name: str(version) for name, version in run["versions"].items()}
    container = {name: LOCKED[name] for name in measured}
    assert differences(measured, container) == VERSIONS
    assert str(run["python"]).startswith("3.12.")  # as the image's


def test_flags() -> None:
    run, _ = newest_run()
    measured = _by_flag(run["container_command"])
    container = _by_flag(vllm_command(Settings.from_env({"GPU": "H200"}).vllm, weights="WEIGHTS"))
    assert differences(measured, container) == FLAGS


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from lighton_ocr.deployment.image import environment

    settings = Settings.from_env({"GPU": "H200"})
    for name in list(os.environ):
        if name.startswith(_LIBRARIES):
            monkeypatch.delenv(name)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    child = child_environment(settings.vllm, "key")
    container = {name: value for name, value in child.items() if name.startswith(_LIBRARIES)}
    _, row = newest_run()
    assert differences(row["environment"], container) == ENVIRONMENT


def _by_flag(command: list[str]) -> dict[str, str]:
    """Flags with their values, joined by spaces."""
    found: dict[str, list[str]] = {}
    for word in command:
        if word.startswith("--"):
            flag, _, value = word.partition("=")
            found.setdefault(flag, []).extend([value] if value else [])
        else:
            found.setdefault(list(found)[-1] if found else "program", []).append(word)
    return {flag: " ".join(values) for flag, values in found.items()}
