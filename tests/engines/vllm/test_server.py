import os
from importlib.metadata import version
from pathlib import Path

import pytest

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import child_environment
from lighton_ocr.engines.vllm.version import VERSION_VARIABLE

OPTIONS = VllmOptions(find_model("1b"), find_gpu("L4"))


def test_vllm_finds_this_package_and_the_programs_of_its_own_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("PYTHONPATH", "/mine")
    child = child_environment(OPTIONS, "key", Path("/env/bin/vllm"))
    assert child["PATH"] == os.pathsep.join(("/usr/bin", "/env/bin"))
    package, mine = child["PYTHONPATH"].split(os.pathsep)
    assert (Path(package) / "lighton_ocr" / "engines").is_dir()
    assert mine == "/mine"
    assert child_environment(OPTIONS, "key")["PATH"] == "/usr/bin"


def test_vllm_is_told_which_version_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_environment(OPTIONS, "key")[VERSION_VARIABLE] == version("lighton-ocr")
    monkeypatch.setenv(VERSION_VARIABLE, "1.2.3")  # of whoever deployed this container
    assert child_environment(OPTIONS, "key")[VERSION_VARIABLE] == "1.2.3"
