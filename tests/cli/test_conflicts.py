"""Commands in which one of two options would be ignored are refused, in one sentence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lighton_ocr.cli import app
from lighton_ocr.errors import UsageError
from lighton_ocr.formats import FORMATS
from lighton_ocr.formats.options import OutputOptions, check_options
from tests.support.examples import EXAMPLES

LETTER = str(EXAMPLES / "letter.pdf")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("status out --review 3 --pages", "--review and --pages"),
        ("bench speed --seed 7", "--seed is for the random arrivals of --rate"),
        (f"compare {LETTER} --with tesseract,pocket --gpu L4", "--gpu adds the cost"),
        (f"read {LETTER} --format txt --front-matter", "--front-matter changes nothing in txt"),
        (f"read {LETTER} --format html --tables md", "choose --format md or jsonl"),
        (f"read {LETTER} --format json --page-breaks rule", "changes nothing in json"),
        (f"batch {LETTER} --out out --format html --format json --tables md", "html and json"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    command: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, command.split())
    assert isinstance(done.exception, UsageError)
    assert sentence in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_an_option_may_be_for_one_of_several_formats() -> None:
    options = OutputOptions("md", "rule", front_matter=True)
    check_options([FORMATS["json"], FORMATS["md"]], options)
