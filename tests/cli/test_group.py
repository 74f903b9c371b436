"""The help of a group of commands, and documents where a command should be."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lighton_ocr.cli import app
from lighton_ocr.cli.bench import speed
from lighton_ocr.cli.read import read


@pytest.mark.parametrize(
    ("group", "longest"), [([], read.__doc__), (["bench"], speed.__doc__)], ids=["all", "bench"]
)
def test_no_summary_is_cut_off(group: list[str], longest: str) -> None:
    shown = CliRunner().invoke(app, [*group, "-h"], env={"COLUMNS": "80"}).stdout
    _, commands = shown.split("Commands:\n")
    assert longest.splitlines()[0] in " ".join(commands.split())
    assert "..." not in commands
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["a letter.pdf", "--pages", "1"], "lighton-ocr read 'a letter.pdf' --pages 1"),
        (["https://example.org/report"], "lighton-ocr read https://example.org/report"),
        (["scan.JPG"], "lighton-ocr read scan.JPG"),
        ([__file__], f"lighton-ocr read {__file__}"),
    ],
)
def test_a_document_is_not_a_command(arguments: list[str], command: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"is a document, not a command. Run: {command}" in done.stderr


def test_another_word_is_no_document(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["raed", str(tmp_path)])
    assert "Did you mean 'read'?" in done.stderr
