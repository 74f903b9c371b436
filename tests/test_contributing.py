"""CONTRIBUTING.md names what exists, and CI runs what has to pass."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "lighton_ocr"
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CODE = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)))


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows" / name).read_text("utf-8"))
    return loaded


def test_the_table_has_the_layers_that_the_linter_checks() -> None:
    rows = re.findall(r"^\| (`.+`) \|", TEXT, re.MULTILINE)
    table = [set(re.findall(r"`(\w+)(?:/|\.py)`", row)) for row in rows]
    (contract,) = PYPROJECT["tool"]["importlinter"]["contracts"]
    layers = [
        {module.removeprefix("lighton_ocr.") for module in layer.split(" | ")}
        for layer in contract["layers"]
    ]
    assert table == layers


def test_every_path_exists() -> None:
    paths = {code for code in CODE if re.fullmatch(r"[\w./-]+(/|\.(py|md|toml))", code)}
    examples = {"cli/NAME.py", "formats/NAME.py"}
    assert examples <= paths
    assert len(paths) > 20
    places = (ROOT, PACKAGE)
    missing = {p for p in paths - examples if not any((place / p).exists() for place in places)}
    assert missing == set()


@pytest.mark.slow
def test_every_make_target_exists() -> None:
    command = ["make", "--print-data-base", "--question", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", done.stdout, re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", TEXT, re.MULTILINE))
    assert {first or second for first, second in named} <= targets


def test_ci_runs_what_has_to_pass() -> None:
    jobs = workflow("ci.yml")["jobs"]
    commands = []
    for job in jobs.values():
        matrix = job.get("strategy", {}).get("matrix", {})
        for target in matrix.get("target", [""]):
            steps = (step.get("run", "") for step in job["steps"])
            commands += [step.replace("${{ matrix.target }}", target) for step in steps]
    wanted = re.findall(r"^make [a-z-]+", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    assert wanted
    for command in wanted:
        assert any(found.removeprefix("sudo ").startswith(command) for found in commands), command


def test_ci_runs_the_oldest_python_and_every_one_that_is_declared() -> None:
    tried = workflow("ci.yml")["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert PYPROJECT["project"]["requires-python"] == f">={tried[0]}"
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(PYPROJECT["project"]["classifiers"]))
    assert declared == tried[: len(declared)]


def test_the_release_is_tested_first() -> None:
    jobs = workflow("release.yml")["jobs"]
    assert jobs["tests"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["build"]["needs"] == "tests"
    assert jobs["publish"]["needs"] == "build"


@pytest.mark.slow
@pytest.mark.parametrize(("tag", "status"), [("v{}", 0), ("v{}.1", 1), ("{}", 1)])
def test_the_release_refuses_a_tag_that_is_not_the_version(tag: str, status: int) -> None:
    (check,) = [
        step["run"]
        for step in workflow("release.yml")["jobs"]["build"]["steps"]
        if step.get("name") == "The tag must be the version"
    ]
    name = tag.format(PYPROJECT["project"]["version"])
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", check],
        cwd=ROOT,
        env=os.environ | {"PATH": path, "GITHUB_REF_NAME": name},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("::error::" in done.stdout) == (status == 1)
