"""`lighton-ocr serve` as its users start and stop it."""

import os
import signal
import socket
import sys
from pathlib import Path

import httpx2
import pytest
from benchmarks.processes import tree

from lighton_ocr.errors import EngineFailed
from tests.support.command_line import run
from tests.support.scripted_endpoint import ScriptedEndpoint
from tests.support.serve_command import serving_command

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_embedded_engine_serves_until_a_signal(letter: Path, number: signal.Signals) -> None:
    with serving_command() as (process, url):
        assert httpx2.get(f"{url}/health").status_code == 200
        assert httpx2.get(f"{url}/v1/models").json()["data"][0]["id"] == "lighton-ocr-pocket"
        process.send_signal(number)
        assert process.wait(60) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="finds the engine in /proc")
def test_the_server_ends_with_its_engine() -> None:
    """Whoever started it, such as Docker, can start it again."""
    with serving_command() as (process, _):
        (engine,) = [child for child in tree(process.pid) if child.kind == "engine"]
        os.kill(engine.pid, signal.SIGKILL)
        assert process.wait(60) == EngineFailed.exit_code
        assert process.stderr
        assert process.stderr.read().startswith("lighton-ocr: The engine has ended")


def test_a_url_is_served(scripted: ScriptedEndpoint, letter: Path) -> None:
    with serving_command("--url", scripted.url) as (_, url):
        form = {"file": ("letter.pdf", letter.read_bytes())}
        answer = httpx2.post(f"{url}/v1/ocr?format=md", files=form, timeout=60)
    assert answer.text == "Hello from the page.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a browser of this test is a shell script")
def test_a_browser_opens_the_studio(
    scripted: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    with serving_command("--url", scripted.url, "--open") as (_, url):
        assert opened.read_text() == f"{url}\n"
        assert "<title>lighton-ocr</title>" in httpx2.get(url).text


def test_other_machines_need_a_key() -> None:
    done = run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert done.returncode == 2
    assert b"--api-key" in done.stderr


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert b"Choose another with --host or --port" in done.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "fastapi.py").write_text("raise ImportError\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("serve", PYTHONPATH=path)
    assert done.returncode == 2
    assert f"{sys.executable} -m pip install" in done.stderr.decode()
    assert "[serve]" in done.stderr.decode()
