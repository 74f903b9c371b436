import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.corpus import pdf
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow


def test_the_embedded_engine_is_checked_with_the_bundled_letter() -> None:
    done = run("check")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "health               passed          /health answers 200"
    rest = [line[:21].strip() for line in lines if line[21:].startswith("not applicable")]
    assert rest == ["vLLM version", "lighton-ocr version", "GPU", "closed routes", "one image"]
    assert "Harbour Museum" in lines
    assert lines[-1] == "embedded (lighton-ocr-pocket) works: 8 passed, 5 not applicable."
    assert "Checking embedded with page 1 of" in done.stderr.decode()


@pytest.mark.usefixtures("dead_proxy")
def test_the_exit_status_is_1_if_a_check_fails(scripted: ScriptedEndpoint) -> None:
    done = run("check", "--url", scripted.url, "--json", "--page", "1", EXAMPLES / "paper.pdf")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["passed"] is False
    failures = [row["check"] for row in report["results"] if row["outcome"] == "failed"]
    # The scripted server has one text for all pages, accepts many images, and counts words.
    assert failures == ["text", "one image", "image sizes"]


def test_wrong_usage_is_an_error(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    for arguments in (["--page", "9"], [tmp_path / "missing.pdf"]):
        done = run("check", "--url", scripted.url, *arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"lighton-ocr: ")


def test_an_encrypted_document_needs_a_password(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    document = tmp_path / "locked.pdf"
    document.write_bytes(pdf("Locked", 1, password="sesame"))
    command = ("check", "--url", scripted.url, document)
    done = run(*command)
    assert (done.returncode, b"--password" in done.stderr) == (2, True)
    assert run(*command, LIGHTON_OCR_PASSWORD="sesame").stdout
    assert run(*command, "--password", "sesame").stdout


def test_an_unknown_model_is_refused_before_the_server_is_asked() -> None:
    done = run("check", "--url", "https://127.0.0.1:1/none/of/ours", "--model", "nonsense")
    assert done.returncode == 2
    assert b"Unknown model 'nonsense'" in done.stderr


def test_test_modal_is_the_same_command(scripted: ScriptedEndpoint) -> None:
    script = Path(__file__).parents[2] / "test_modal.py"
    done = subprocess.run(
        [sys.executable, script, "--url", scripted.url, "--no-stream"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("health               not applicable  the server has no /health")
