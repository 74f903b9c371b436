import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lighton_ocr

pytestmark = pytest.mark.slow

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "lighton_ocr", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_version_is_that_of_the_project() -> None:
    assert lighton_ocr.__version__ == PYPROJECT["project"]["version"]
    assert run("--version") == f"lighton-ocr {lighton_ocr.__version__}\n"


@pytest.mark.parametrize("command", [[], ["read"], ["bench", "speed"]], ids=" ".join)
def test_h_is_short_for_help(command: list[str]) -> None:
    assert run(*command, "-h") == run(*command, "--help")
