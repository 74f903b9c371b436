"""`lighton-ocr serve`, and a folder with documents and clients in which to run the recipes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sample_files import make_sample_files
from tests.support.serve_command import serving_command

PACKAGE = Path(__file__).with_name("package.json")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server in front of the embedded engine."""
    with serving_command() as (_, url):
        yield url


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample_files(tmp_path_factory.mktemp("sample_files"))


@pytest.fixture(scope="session")
def folder(sample_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the documents that recipes name, and the JavaScript package."""
    folder = tmp_path_factory.mktemp("clients")
    for name in ("report.pdf", "document.png"):
        shutil.copy(sample_files / name, folder)
    shutil.copy(PACKAGE, folder)
    quiet = ("--silent", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    subprocess.run(["npm", "install", *quiet], cwd=folder, check=True)
    return folder


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The environment of a recipe: LiteLLM would fetch a list of prices."""
    return {**os.environ, "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
