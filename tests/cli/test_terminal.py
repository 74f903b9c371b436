"""Behaviour on a terminal, in a pseudo-terminal of 40, 80 and 160 columns."""

import re
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console

from lighton_ocr.api import POCKET_NOTICE
from lighton_ocr.cli.progress import PagesInFlight, Progress, ProgressDisplay
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import Attempt, AttemptSettings
from tests.support.command_line import run
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status
from tests.support.terminal import Screen, run_in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A page of a few words, which is read at once."""
    path = tmp_path / "note.pdf"
    canvas = Canvas(str(path), pagesize=(300, 100))
    canvas.drawString(20, 50, "Dear Sir")
    canvas.save()
    return path


def bars(screen: Screen, figure: str) -> set[int]:
    """How far the bar was, in halves of a character, whenever it stood beside that figure.

    Without colours, the empty part looks like the full one; only a half at its end differs.
    """
    return {
        2 * len(match[1]) + (match[2] == "╸")
        for line in screen.lines
        if figure in line and (match := re.match(r"(━*)([╸╺])", line))
    }


@pytest.mark.parametrize(("command", "columns"), [("read", 160), ("batch", 40)])
def test_progress_fits_and_moves_within_a_page(
    pocket: Endpoint, letter: Path, tmp_path: Path, command: str, columns: int
) -> None:
    out = {"read": ("-o", tmp_path / "letter.md"), "batch": ("--out", tmp_path)}[command]
    server = ("--url", pocket.base_url, "--model", "pocket")
    screen = run_in_terminal(
        columns, command, letter, *out, *server, LIGHTON_OCR_API_KEY=pocket.api_key or ""
    )
    shown = "\n".join(screen.lines)
    assert screen.returncode == 0, shown
    assert screen.width <= columns
    assert len(bars(screen, "0/1 pages")) > 1, shown
    assert re.search(r"0/1 pages, \d+ s left", shown)
    assert re.search(r"Read 1 page in \d+ s", " ".join(shown.split()))
    assert "three boxes of photographs" in (tmp_path / "letter.md").read_text()


@pytest.mark.slow
def test_a_file_gets_the_text_although_there_is_a_terminal(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.md"
    screen = run_in_terminal(80, "read", letter, "--url", scripted.url, stdout=target)
    assert target.read_text() == "Hello from the page.\n"
    assert "Hello" not in "\n".join(screen.lines)
    assert any(line.startswith("Read 1 page in ") for line in screen.lines)


@pytest.mark.slow
def test_documents_on_a_terminal_stay_whole(
    scripted: ScriptedEndpoint, letter: Path, note: Path
) -> None:
    screen = run_in_terminal(40, "read", letter, note, "--url", scripted.url)
    assert [line for line in screen.lines if "Hello" in line] == ["Hello from the page."] * 2


@pytest.mark.slow
def test_the_notice_comes_once_a_day_and_is_wrapped_at_words(note: Path) -> None:
    first, second = (run_in_terminal(40, "read", note) for _ in range(2))
    text = "\n".join(first.lines)
    start = text.index("Reading on")
    notice = text[start : text.index("Modal).") + len("Modal).")]
    assert notice.split() == POCKET_NOTICE.split()
    assert max(map(len, notice.splitlines())) <= 40
    assert "reading page 1" in "\n".join(second.lines)
    assert "Reading on" not in "\n".join(second.lines)


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    asked = threading.Semaphore(0)

    def current() -> Progress:
        asked.release()
        return Progress(3, 13, ("3/13 pages", "41 s left"))

    file = StringIO()
    with ProgressDisplay(current, Console(file=file), line_seconds=0.001):
        for _ in range(2):
            assert asked.acquire(timeout=60)
    lines = file.getvalue().splitlines()
    assert len(lines) >= 1
    assert set(lines) == {"3/13 pages, 41 s left"}


@pytest.mark.slow
def test_without_a_terminal_nothing_is_said_of_what_is_quick(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = run("read", letter, "-o", tmp_path / "a.md", "--url", scripted.url)
    (line,) = done.stderr.decode().splitlines()
    assert re.fullmatch(rf"Read 1 page in \d+ s; wrote {tmp_path}/a\.md\.", line)


@pytest.mark.slow
def test_without_a_terminal_a_page_that_is_asked_for_again_is_told_once_why(
    scripted: ScriptedEndpoint, letter: Path, note: Path
) -> None:
    loop = says("the same words again and again, " * 200)
    busy = status(503, "busy", {"Retry-After": "0"})
    scripted.script = [loop, busy, busy, loop]
    done = run("read", letter, "--url", scripted.url)
    assert done.returncode == 0
    said = re.findall("page 1: (.*); retrying\\.", done.stderr.decode())
    assert len(said) == 2
    assert said[0] == "the model repeated itself"
    assert "busy" in said[1]
    done = run("read", note, "--url", scripted.url)
    assert done.stderr == b""


def test_a_page_is_measured_by_the_pages_before_it() -> None:
    pages = PagesInFlight()
    settings = AttemptSettings(0.0, 1.0, 100)
    pages.on_text(1, "x" * 400)
    assert 0 < pages.done < 0.5
    pages.on_attempt(1, Attempt(1, settings, "stop", 1.0))
    assert pages.done == 0
    pages.on_text(2, "x" * 200)
    assert pages.done == 0.5
    pages.on_text(2, "x" * 2000)
    assert 0.9 < pages.done < 1
