import signal
import sys
from pathlib import Path

import pytest

import lighton_ocr
from lighton_ocr.config import config_file, load_config
from lighton_ocr.errors import UsageError
from tests.support.scripted_endpoint import ScriptedEndpoint, interrupted


def test_one_call_reads_a_document(scripted: ScriptedEndpoint, letter: Path) -> None:
    reading = lighton_ocr.read(letter, url=scripted.url)
    assert reading.markdown == "Hello from the page.\n"
    assert reading.model == "lightonai/LightOnOCR-1B-1025"
    assert reading.failed_pages == ()


async def test_it_may_be_called_where_an_event_loop_runs(
    scripted: ScriptedEndpoint, letter: Path
) -> None:
    assert lighton_ocr.read(letter, url=scripted.url).pages[0].page == 1


@pytest.mark.slow
def test_ctrl_c_ends_it(scripted: ScriptedEndpoint, letter: Path) -> None:
    """The page never ends: without a cancelled request, neither would the program."""
    program = f"import lighton_ocr; lighton_ocr.read({str(letter)!r}, url={scripted.url!r})"
    done = interrupted([sys.executable, "-c", program], scripted)
    assert b"KeyboardInterrupt" in done.stderr
    assert done.returncode == -signal.SIGINT


def test_the_config_file_counts_and_the_environment_counts_more(
    scripted: ScriptedEndpoint, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(f'url = "{scripted.url}"\nmodel = "2-1b"\n')
    monkeypatch.setenv("LIGHTON_OCR_MODEL", "1b")
    assert lighton_ocr.read(letter).endpoint.startswith(scripted.url)


@pytest.mark.parametrize("text", ["url = ", 'colour = "blue"\n'])
def test_a_wrong_config_file_is_said(text: str) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(text)
    with pytest.raises(UsageError, match=r"config\.toml"):
        load_config()
