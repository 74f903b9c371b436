import json
import subprocess
import sys
from pathlib import Path

import pytest

from lighton_ocr.catalog import gpus, models
from lighton_ocr.cli.catalog import POCKET_SECONDS
from lighton_ocr.cli.tables import WIDTH
from tests.support.command_line import run

pytestmark = pytest.mark.slow
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("models", [model.aliases[0] for model in models()]),
        ("gpus", [gpu.name for gpu in gpus()]),
    ],
)
def test_a_table_is_complete_and_fits_a_terminal(command: str, names: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lighton_ocr", command], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "…" not in done.stdout
    first_words = [line.split(" ")[0] for line in lines]
    assert [word for word in first_words if word in names] == names


def test_models_say_what_they_take_here(tmp_path: Path) -> None:
    shown = run("models", HF_HUB_CACHE=str(tmp_path / "hub")).stdout.decode()
    rows = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert rows["pocket"][4:6] == ["6", "s"]
    assert rows["1b"][4:8] == ["~3", "min", "1.1", "GB"]
    assert rows["32k"][4:6] == ["gpu", "–"]
    assert str(tmp_path / "hub") in "".join(line.strip() for line in shown.splitlines())


def test_the_time_of_a_page_is_the_one_that_was_measured() -> None:
    found = json.loads((RESULTS / "pocket-final.json").read_text())
    measured = found["readers"]["this model"]["text"]["seconds"]
    assert measured == pytest.approx(POCKET_SECONDS, abs=0.05)
