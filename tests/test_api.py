import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

import lighton_ocr
from lighton_ocr.errors import OutputError, UsageError
from lighton_ocr.output import check_writable, write_whole
from lighton_ocr.settings import config_file, load_settings
from tests.scripted_endpoint import ScriptedEndpoint, never_ends


def test_one_call_reads_a_document(scripted: ScriptedEndpoint, letter: Path) -> None:
    reading = lighton_ocr.read(letter, url=scripted.url)
    assert reading.markdown == "Hello from the page.\n"
    assert reading.model == "lightonai/LightOnOCR-1B-1025"
    assert reading.failed_pages == ()


async def test_it_may_be_called_where_an_event_loop_runs(
    scripted: ScriptedEndpoint, letter: Path
) -> None:
    assert lighton_ocr.read(letter, url=scripted.url).pages[0].page == 1


def test_ctrl_c_ends_it(scripted: ScriptedEndpoint, letter: Path) -> None:
    """The page never ends: without a cancelled request, neither would the program."""
    program = f"import lighton_ocr; lighton_ocr.read({str(letter)!r}, url={scripted.url!r})"
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) as process:

        def interrupt(body: dict[str, Any]) -> Response:
            process.send_signal(signal.SIGINT)
            return never_ends()

        scripted.default = interrupt
        hung = threading.Timer(60, process.kill)
        hung.start()
        assert process.stderr
        assert b"KeyboardInterrupt" in process.stderr.read()
        assert process.wait() == -signal.SIGINT
        hung.cancel()


def test_a_result_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a.md", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_name_that_is_not_utf8_costs_no_text(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", os.fsdecode(b"caf\xe9.pdf: text"))
    assert (tmp_path / "a.json").read_text() == "caf\\udce9.pdf: text"


def test_what_a_link_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(tmp_path / "file.md")
    write_whole(tmp_path / "link.md", "text")
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "file.md").read_text() == "text"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no folder .*nowhere"):
        check_writable(tmp_path / "nowhere" / "a.md")


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
        load_settings()
