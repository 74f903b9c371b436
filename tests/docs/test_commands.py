"""The commands and settings that sentences and tables name exist."""

import re
import subprocess
from functools import cache

import pytest
from ocrmypdf.cli import get_parser
from tools.docs import generate

from lighton_ocr import ocrmypdf_plugin
from lighton_ocr.catalog import POCKET, find_model
from lighton_ocr.deployment.settings import NAMES, Settings
from lighton_ocr.documents.sources import SUFFIXES
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import PageBudget
from tests.support.markdown import ROOT, Found, inline_code

pytestmark = pytest.mark.slow

HELP = generate.command_help()
OTHERS = {"--location", "--limit-mm-per-prompt", "--decrypt"}  # options of curl, vLLM and qpdf
OPTIONS = set(re.findall(r"--[a-z][a-z-]+", HELP)) | OTHERS


def options_of_ocrmypdf() -> set[str]:
    """Its own options, and those of our plugin."""
    parser = get_parser()  # type: ignore[no-untyped-call]
    ocrmypdf_plugin.add_options(parser)
    return {option for action in parser._actions for option in action.option_strings}


@cache
def targets() -> set[str]:
    done = subprocess.run(
        ["make", "--print-data-base", "--question", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return set(re.findall(r"^([a-z][a-z0-9-]*):", done.stdout, re.MULTILINE))


def starting(word: str) -> list[Found]:
    return [code for code in inline_code() if code.text.split(" ")[0] == word]


@pytest.mark.parametrize("code", starting("make"), ids=lambda code: f"{code}-{code.text}")
def test_a_make_target_exists(code: Found) -> None:
    named = [word for word in code.text.split()[1:] if "=" not in word]
    assert set(named) <= targets()


@pytest.mark.parametrize("code", starting("lighton-ocr"), ids=lambda code: f"{code}-{code.text}")
def test_a_command_exists(code: Found) -> None:
    words = code.text.split()
    assert len(words) == 1 or f"## lighton-ocr {words[1]}\n" in HELP


def test_an_option_exists() -> None:
    named = {
        (str(code), option)
        for code in inline_code()
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]+", code.text)
    }
    known = OPTIONS | options_of_ocrmypdf()
    assert {found for found in named if found[1] not in known} == set()


def test_the_time_limit_of_a_page_is_the_one_that_is_documented() -> None:
    endpoint = Endpoint("", find_model(POCKET), "", software="llama.cpp", managed=True)
    limit = f"{PageBudget.of(endpoint).seconds:.0f} for the pocket model"
    patterns = (ROOT / "docs" / "USAGE_PATTERNS.md").read_text("utf-8")
    assert f"[default: {limit}" in " ".join(HELP.split())
    assert f"The default is {limit}" in " ".join(patterns.split())


@pytest.mark.parametrize("page", ["README.md", "docs/DEPLOYMENT.md"])
def test_every_setting_is_described_with_its_default(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+?) \|", text, re.MULTILINE))
    plain = Settings.from_env({}).to_env()
    short = {"MODEL": "`1b`", "GPU": "`L4`", "CONCURRENCY": "by GPU"}
    assert rows == {name: short.get(name, plain[name]) or "none" for name in NAMES}


def test_all_suffixes_that_folders_take_are_listed() -> None:
    text = (ROOT / "docs" / "BATCHES.md").read_text("utf-8")
    listed = text.partition("these suffixes")[2].partition("```")[0]
    assert set(re.findall(r"`(\.\w+)`", listed)) == SUFFIXES
