import tomllib
from pathlib import Path

import pytest

import lighton_ocr
from tests.support.command_line import run

pytestmark = pytest.mark.slow

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))


def test_the_version_is_that_of_the_project() -> None:
    assert lighton_ocr.__version__ == PYPROJECT["project"]["version"]
    assert run("--version").stdout.decode() == f"lighton-ocr {lighton_ocr.__version__}\n"


@pytest.mark.parametrize("command", [[], ["read"], ["bench", "speed"]], ids=" ".join)
def test_h_is_short_for_help(command: list[str]) -> None:
    short, long = run(*command, "-h"), run(*command, "--help")
    assert short.returncode == 0
    assert short.stdout == long.stdout != b""
