"""What a newcomer runs works with what its lock file installs, and with nothing else.

The environment of the tests has far more packages; those are hidden from these programs.
"""

import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.support.bare_environment import environment_of
from tests.support.command_line import COMMAND
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, says
from tests.support.serve_command import wait_for_address

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
TABLE = "# Harbour\n\n| a | b |\n| - | - |\n| 1 | $x^2$ |"


def python(code: str, lock: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment_of(lock, folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("lock", "module", "is_there"),
    [
        ("base.txt", "fastapi", False),
        ("serve.txt", "fastapi", True),
        ("serve.txt", "ocrmypdf", False),
        ("base.txt", "pytest", False),
        ("base.txt", "PIL.Image", True),
    ],
)
def test_packages_are_hidden(lock: str, module: str, is_there: bool, tmp_path: Path) -> None:
    code = f"try:\n import {module}\n print(True)\nexcept ImportError: print(False)"
    assert python(code, lock, tmp_path) == f"{is_there}\n"


@pytest.mark.parametrize("format", ["md", "txt", "html", "json", "jsonl"])
def test_documents_are_read(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, format: str
) -> None:
    scripted.default = says(TABLE)
    done = subprocess.run(
        [*COMMAND, "read", letter, "--url", scripted.url, "--format", format],
        env=environment_of("base.txt", tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Harbour" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a browser of this test is a shell script")
def test_make_studio(tmp_path: Path) -> None:
    """It is `make serve-here`, and opens a browser: the embedded engine, every route, a page."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o755)
    environment = environment_of("serve.txt", tmp_path) | {"BROWSER": f"{browser} %s"}
    installed = ("-o", f"{BIN.parent}/serve")  # not installed here
    command = ["make", *installed, f"VENV={BIN.parent}", "studio", "PORT=0"]
    with subprocess.Popen(
        command, cwd=EXAMPLES.parent, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            url = wait_for_address(process)
            check_server(url)
        finally:
            process.terminate()
    assert opened.read_text() == f"{url}\n"


def check_server(url: str) -> None:
    """Ask for everything that a newcomer asks for."""
    with httpx2.Client(base_url=url, timeout=120) as client:
        page = client.get("/").text
        assert "<title>lighton-ocr</title>" in page
        for path in ("/docs", "/openapi.json", "/metrics", "/health", "/v1/models"):
            assert client.get(path).status_code == 200, path
        for path in re.findall(r'(?:src|href)="(/[^"]+)"', page):
            assert client.get(path).status_code == 200, path
        form = {"file": ("letter.pdf", (EXAMPLES / "letter.pdf").read_bytes())}
        answer = client.post("/v1/ocr?format=md", files=form)
        assert (answer.status_code, "Harbour" in answer.text) == (200, True), answer.text
        answer = client.post("/v1/ocr?format=pdf", files=form)
        assert answer.status_code == 422
        assert "OCRmyPDF is not installed" in answer.text
