import subprocess
import sys

import pytest

from lighton_ocr.catalog import gpus, models
from lighton_ocr.cli.tables import WIDTH

pytestmark = pytest.mark.slow


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
