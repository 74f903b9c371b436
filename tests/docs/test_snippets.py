"""Every block of code in the documents is run, with a local URL instead of the deployment's."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from rapidfuzz.fuzz import ratio

from lighton_ocr.config import config_file, load_config
from lighton_ocr.endpoint import Endpoint
from tests.support.checkout import Checkout
from tests.support.markdown import Found, blocks
from tests.support.sample_files import FIRST_PAGE

UNTESTED = tomllib.loads(Path(__file__).with_name("untested.toml").read_text())["command"]
DEPLOYMENT = re.compile(r"https://you--lighton-ocr[\w-]*\.modal\.run|http://localhost:8000")
DOCUMENTS = re.compile(r"/v1/ocr")  # what the embedded engine alone does not answer
ELSEWHERE = "https://example.org"
CLIENTS = "CLIENTS.md"  # its programs run with their own packages: `make test-clients`
SIMILAR = 95  # percent: engines resize some of the examples' images, so a character may differ
NOT_RUN = {"text", "json"}
Localise = Callable[[str], str]


def blocks_in(*languages: str) -> list[Found]:
    return [
        block for block in blocks() if block.language in languages and block.page.name != CLIENTS
    ]


def lines(script: str) -> list[str]:
    """The commands of a script, continued lines joined."""
    return re.sub(r"\\\n\s*", "", script).splitlines()


def is_untested(line: str) -> bool:
    return any(line.startswith(command["begins"]) for command in UNTESTED)


@pytest.fixture
def local(pocket: Endpoint, server: str, web: str) -> Localise:
    """A function that puts the local URLs, model and temperature (0) into a block."""

    def replace(text: str) -> str:
        if DOCUMENTS.search(text):
            text = DEPLOYMENT.sub(server, text)
        text = DEPLOYMENT.sub(pocket.base_url.removesuffix("/v1"), text)
        text = text.replace(ELSEWHERE, web)
        text = re.sub(r'("?temperature"?[:=] ?)0\.2', r"\g<1>0", text)
        return re.sub(r"(make test\S* )MODEL=\S+", r"\1MODEL=pocket", text)

    return replace


def test_every_block_says_its_language() -> None:
    known = {"bash", "python", "javascript", "toml"} | NOT_RUN
    assert [str(block) for block in blocks() if block.language not in known] == []


def test_every_untested_command_is_in_the_documents() -> None:
    written = [line for block in blocks_in("bash") for line in lines(block.text)]
    unused = [c["begins"] for c in UNTESTED if not any(w.startswith(c["begins"]) for w in written)]
    assert unused == []
    assert all(command["reason"] for command in UNTESTED)


@pytest.mark.parametrize("block", blocks_in("bash"), ids=str)
def test_bash(block: Found, checkout: Checkout, local: Localise) -> None:
    script = local("\n".join(line for line in lines(block.text) if not is_untested(line)))
    check(checkout.run("bash", "-euo", "pipefail", "-c", script), block)


@pytest.mark.parametrize("block", blocks_in("python"), ids=str)
def test_python(block: Found, checkout: Checkout, local: Localise) -> None:
    program = checkout.folder / "program.py"
    program.write_text(local(block.text))
    check(checkout.run(sys.executable, program), block)


@pytest.mark.parametrize("block", blocks_in("toml"), ids=str)
def test_toml(block: Found, local: Localise) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(local(block.text))
    assert load_config().model_fields_set


def check(done: subprocess.CompletedProcess[str], block: Found) -> None:
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    if "image_url" in block.text:
        assert ratio(FIRST_PAGE.split(), page_text(done.stdout).split()) >= SIMILAR, done.stdout


def page_text(output: str) -> str:
    """Return the page's text, taken out of the JSON if the output is curl's."""
    if not output.startswith("{"):
        return output
    return str(json.loads(output)["choices"][0]["message"]["content"])
