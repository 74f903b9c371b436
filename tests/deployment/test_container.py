"""How the container starts, with only the files that were shipped and the image's environment."""

from importlib.metadata import version
from pathlib import Path

import pytest

from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.command import vllm_command
from tests.support.modal_standin.client import GPU, Modal, start_container


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({}, "lightonai/LightOnOCR-1B-1025"),
        ({"MODEL": "32k"}, "lightonai/LightOnOCR-0.9B-32k-1025"),
        ({"MODEL": "3-4b", "GPU": "T4", "FAST_BOOT": "1"}, "lightonai/LightOnOCR-3-4B"),
    ],
    ids=["default", "32k", "3-4b"],
)
def test_the_container_starts_vllm_and_closes_its_routes(
    modal: Modal, tmp_path: Path, settings: dict[str, str], model: str
) -> None:
    run = start_container(modal.deployed(**settings), tmp_path)
    assert run.process.returncode == 0, run.process.stderr
    assert run.argv[:2] == ["serve", model]
    command = vllm_command(Settings.from_env(settings).vllm, host="0.0.0.0")  # noqa: S104
    port = command.index("--port") + 1
    assert _without(run.argv, port - 1) == _without(command[1:], port - 1)
    assert run.events[0]["env"] == {
        "HF_HUB_OFFLINE": "1",
        "HF_XET_HIGH_PERFORMANCE": "1",
        "TORCHINDUCTOR_COMPILE_THREADS": None,
        "VLLM_SERVER_DEV_MODE": None,
        "VLLM_USE_FLASHINFER_SAMPLER": "0",
    }
    assert run.calls == ["/v1/chat/completions"]
    assert run.events[1]["body"]["model"] == model
    assert f"outside /sleep 404 {version('lighton-ocr')} on {GPU}\n" in run.process.stdout
    assert run.events[-1] == {"stopped": True}


def test_with_a_snapshot_vllm_sleeps_and_wakes(modal: Modal, tmp_path: Path) -> None:
    run = start_container(modal.deployed(SNAPSHOT="1"), tmp_path)
    assert run.process.returncode == 0, run.process.stderr
    assert "--enable-sleep-mode" in run.argv
    assert run.events[0]["env"]["VLLM_SERVER_DEV_MODE"] == "1"
    assert run.events[0]["env"]["TORCHINDUCTOR_COMPILE_THREADS"] == "1"
    committed = [request for name, request in modal.plane.calls if name == "VolumeCommit"]
    names = [modal.plane.volumes[request.volume_id] for request in committed]
    assert names == ["lighton-ocr-snapshot-code"]
    assert run.calls == ["/v1/chat/completions", "/sleep", "/wake_up"]
    assert run.events[2]["query"] == "level=1"
    assert f"outside /sleep 404 {version('lighton-ocr')}" in run.process.stdout
    assert run.events[-1] == {"stopped": True}


def test_a_snapshot_that_does_not_wake_is_replaced_by_a_fresh_start(
    modal: Modal, tmp_path: Path
) -> None:
    run = start_container(modal.deployed(SNAPSHOT="1"), tmp_path, VLLM_DIES_WAKING="1")
    assert run.process.returncode == 0, run.process.stderr
    assert "The snapshot does not wake, so vLLM starts anew." in run.process.stdout
    assert run.calls == ["/v1/chat/completions", "/sleep", "/v1/chat/completions"]
    assert len([event for event in run.events if "argv" in event]) == 2
    assert f"outside /sleep 404 {version('lighton-ocr')}" in run.process.stdout


@pytest.mark.parametrize("snapshot", ["0", "1"])
def test_without_weights_the_container_ends_before_vllm_starts(
    modal: Modal, tmp_path: Path, snapshot: str
) -> None:
    run = start_container(modal.deployed(SNAPSHOT=snapshot), tmp_path, weights=False)
    assert run.process.returncode == 1
    assert "The weights of lightonai/LightOnOCR-1B-1025 (main)" in run.process.stderr
    assert "make weights" in run.process.stderr
    assert run.events == []


@pytest.mark.parametrize("snapshot", ["0", "1"])
def test_if_vllm_ends_the_container_ends_with_its_last_lines(
    modal: Modal, tmp_path: Path, snapshot: str
) -> None:
    run = start_container(modal.deployed(SNAPSHOT=snapshot), tmp_path, VLLM_DIES="1")
    assert run.process.returncode == 1
    error = run.process.stderr.partition("EngineFailed: ")[2]
    assert error.startswith("vLLM ended with exit code 3 before it was ready.")
    assert "CUDA out of memory" in error


def test_if_vllm_dies_later_the_container_ends_too(modal: Modal, tmp_path: Path) -> None:
    run = start_container(modal.deployed(), tmp_path, VLLM_DIES_READING="1")
    assert run.process.returncode == 1
    assert "vLLM ended with exit code 1; this container ends, too." in run.process.stderr


def _without(command: list[str], index: int) -> list[str]:
    return command[:index] + command[index + 1 :]
