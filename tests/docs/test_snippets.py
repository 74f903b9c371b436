"""Every block of code in the documents is run, with the deployment's address replaced by ours."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from rapidfuzz.fuzz import ratio

from lighton_ocr.config import config_file, load_config
from lighton_ocr.endpoint import Endpoint
from tests.docs.conftest import FIRST, Desk
from tests.support.markdown import Found, blocks

Replace = Callable[[str], str]

UNTESTED = tomllib.loads(Path(__file__).with_name("untested.toml").read_text())["command"]
DEPLOYMENT = re.compile(r"https://you--lighton-ocr[\w-]*\.modal\.run|http://localhost:8000")
ELSEWHERE = "https://example.org"
SIMILAR = 95  # percent: a letter may differ, as the examples' pictures are not all of our size
NOT_RUN = {"text"}


def of(*languages: str) -> list[Found]:
    return [block for block in blocks() if block.language in languages]


def lines(script: str) -> list[str]:
    """The commands of a script, continued lines joined."""
    return re.sub(r"\\\n\s*", "", script).splitlines()


def is_untested(line: str) -> bool:
    return any(line.startswith(command["begins"]) for command in UNTESTED)


@pytest.fixture
def local(pocket: Endpoint, web: str) -> Replace:
    """Replaces addresses, models and temperature by what is there: the pocket model's is 0."""

    def replace(text: str) -> str:
        text = DEPLOYMENT.sub(pocket.base_url.removesuffix("/v1"), text)
        text = text.replace(ELSEWHERE, web)
        text = re.sub(r'("?temperature"?[:=] ?)0\.2', r"\g<1>0", text)
        return re.sub(r"(make test\S* )MODEL=\S+", r"\1MODEL=pocket", text)

    return replace


def test_every_block_says_its_language() -> None:
    known = {"bash", "python", "javascript", "toml"} | NOT_RUN
    assert [str(block) for block in blocks() if block.language not in known] == []


def test_what_is_not_run_still_stands_in_the_documents() -> None:
    written = [line for block in of("bash") for line in lines(block.text)]
    unused = [c["begins"] for c in UNTESTED if not any(w.startswith(c["begins"]) for w in written)]
    assert unused == []
    assert all(command["reason"] for command in UNTESTED)


@pytest.mark.parametrize("block", of("bash"), ids=str)
def test_bash(block: Found, desk: Desk, local: Replace) -> None:
    script = local("\n".join(line for line in lines(block.text) if not is_untested(line)))
    check(desk.run("bash", "-euo", "pipefail", "-c", script), block)


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python(block: Found, desk: Desk, local: Replace) -> None:
    program = desk.folder / "program.py"
    program.write_text(local(block.text))
    check(desk.run(sys.executable, program), block)


@pytest.mark.parametrize("block", of("javascript"), ids=str)
def test_javascript(block: Found, desk: Desk, local: Replace) -> None:
    node = shutil.which("node")
    if node is None:
        missing = f"Node.js is not on this machine: the example in {block} was NOT run"
        # Where nobody reads the summary, a skipped example would go unnoticed.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    program = desk.folder / "program.mjs"
    program.write_text(local(block.text))
    check(desk.run(node, program), block)


@pytest.mark.parametrize("block", of("toml"), ids=str)
def test_toml(block: Found, local: Replace) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(local(block.text))
    assert load_config().model_fields_set


def check(done: subprocess.CompletedProcess[str], block: Found) -> None:
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    if "image_url" in block.text:
        assert ratio(FIRST.split(), said(done.stdout).split()) >= SIMILAR, done.stdout


def said(output: str) -> str:
    """The page's text, also out of the whole answer that curl prints."""
    if not output.startswith("{"):
        return output
    return str(json.loads(output)["choices"][0]["message"]["content"])
