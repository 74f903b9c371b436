"""Use of the GPU on a machine with two of them."""

import os
from pathlib import Path

import pytest
from benchmarks.vllm_study import machine

TWO_GPUS = """#!/bin/sh
case "$*" in
*--id=1*) echo 97, 612.5, 1980, 130000 ;;
*) echo 3, 80, 345, 0; echo 97, 612.5, 1980, 130000 ;;
esac
"""


@pytest.mark.slow
@pytest.mark.parametrize(("visible", "use"), [("1", 97.0), ("", 3.0)])
def test_the_gpu_that_the_engine_can_see_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str, use: float
) -> None:
    (tmp_path / "nvidia-smi").write_text(TWO_GPUS)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert machine._gpu()[0] == use


def test_without_a_gpu_there_are_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert machine._gpu() == ()
