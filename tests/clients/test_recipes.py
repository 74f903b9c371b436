"""The programs of docs/CLIENTS.md, run with the real clients: `make test-clients`."""

import re
import subprocess
from pathlib import Path

import pytest
from rapidfuzz.fuzz import ratio

from tests.support.client_programs import PYTHON, SIMILAR
from tests.support.markdown import ROOT, Found, blocks
from tests.support.sample_files import FIRST_PAGE

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "CLIENTS.md"
COMMANDS = {  # by language: a file's suffix, and what runs it
    "bash": ("sh", ["bash"]),
    "javascript": ("mjs", ["node"]),
    "python": ("py", [str(PYTHON)]),
}
NEEDS_TORCH = "docling"  # 2 GB: test_contracts.py runs the part of it that sends pages
SECONDS = 300

RECIPES = [
    block
    for block in blocks()
    if block.page == PAGE and block.language in COMMANDS and NEEDS_TORCH not in block.text
]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_a_recipe_reads_the_first_page(
    recipe: Found, server: str, folder: Path, environment: dict[str, str]
) -> None:
    suffix, command = COMMANDS[recipe.language]
    program = folder / f"recipe.{suffix}"
    text = recipe.text.replace("http://localhost:8000", server)
    program.write_text(re.sub(r"(temperature[:=] ?)0\.2", r"\g<1>0", text))
    done = subprocess.run(
        [*command, program.name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = FIRST_PAGE.split()
    assert ratio(expected, done.stdout.split()[: len(expected)]) >= SIMILAR, done.stdout
