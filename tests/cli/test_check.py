import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_read import run
from tests.conftest import EXAMPLES
from tests.support.corpus import pdf
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow


def test_the_embedded_engine_and_our_own_letter() -> None:
    done = run("check")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "health          passed          /health answers 200"
    assert "Harbour Museum" in lines
    assert lines[-1] == "embedded (lighton-ocr-pocket) is right: 8 passed, 3 not applicable."
    assert "Checking embedded with page 1 of" in done.stderr.decode()


@pytest.mark.usefixtures("dead_proxy")
def test_failures_make_the_exit_status(scripted: ScriptedEndpoint) -> None:
    done = run("check", "--url", scripted.url, "--json", "--page", "1", EXAMPLES / "paper.pdf")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["passed"] is False
    failures = [row["check"] for row in report["results"] if row["outcome"] == "failed"]
    # It says the same of every page, takes any number of them, and counts tokens by words.
    assert failures == ["text", "one image", "image sizes"]


def test_wrong_usage(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    for arguments in (["--page", "9"], [tmp_path / "missing.pdf"]):
        done = run("check", "--url", scripted.url, *arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"lighton-ocr: ")


def test_an_encrypted_document(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    document = tmp_path / "locked.pdf"
    document.write_bytes(pdf("Locked", 1, password="sesame"))
    command = ("check", "--url", scripted.url, document)
    done = run(*command)
    assert (done.returncode, b"--password" in done.stderr) == (2, True)
    assert run(*command, LIGHTON_OCR_PASSWORD="sesame").stdout
    assert run(*command, "--password", "sesame").stdout


def test_nobody_there() -> None:
    done = run("check", "--url", "https://127.0.0.1:1/none/of/ours", "--model", "nonsense")
    assert done.returncode == 2
    assert b"Unknown model 'nonsense'" in done.stderr


def test_the_script_at_the_root_is_the_same(scripted: ScriptedEndpoint) -> None:
    script = Path(__file__).parents[2] / "test_modal.py"
    done = subprocess.run(
        [sys.executable, script, "--url", scripted.url, "--no-stream"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("health          not applicable  the server has no /health")
