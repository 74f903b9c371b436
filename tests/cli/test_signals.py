"""`read` and `batch` end on a signal as on Ctrl-C, and respect those that a shell ignores."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from tests.support.command_line import COMMAND
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, never_ends, says

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("read", signal.SIGINT),
        ("read", signal.SIGTERM),
        ("batch", signal.SIGTERM),
        ("batch", signal.SIGHUP),
    ],
)
def test_a_signal_ends_it_and_what_was_read_is_written(
    scripted: ScriptedEndpoint, tmp_path: Path, command: str, number: int
) -> None:
    """The letter is answered; at the scan, whose image is far larger, the machine shuts down."""
    asked = threading.Event()

    def answer(body: dict[str, Any]) -> Response:
        if len(body["messages"][0]["content"][0]["image_url"]["url"]) < 1_000_000:
            return says("The letter.")(body)
        asked.set()
        return never_ends()

    scripted.default = answer
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    documents: list[Path | str] = [EXAMPLES / "letter.pdf", EXAMPLES / "scan.jpg"]
    where = ["-o", f"{tmp_path}/out/"] if command == "read" else ["--out", f"{tmp_path}/out"]
    if command == "read":
        documents.append("-")  # it takes a temporary folder
    source = (EXAMPLES / "invoice.pdf").open("rb")
    with (
        source,
        subprocess.Popen(
            [*COMMAND, command, *documents, *where, "--url", scripted.url],
            stdin=source,
            stderr=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(temporary)},
        ) as process,
    ):
        hung = threading.Timer(90, process.kill)
        hung.start()
        assert process.stderr
        assert asked.wait(60)
        written = tmp_path / "out" / "letter.md"
        while not written.exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait() == 130
        hung.cancel()
    kept = (
        "what was read so far is written" if command == "read" else "the pages read so far are kept"
    )
    assert f"interrupted; {kept}" in said.decode()
    assert b"Traceback" not in said
    assert written.read_text() == "The letter.\n"
    # What comes from standard input is answered, too, and may have been written.
    assert {path.name for path in written.parent.glob("*.md")} <= {"letter.md", "stdin.md"}
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("program", [COMMAND, [Path(sys.executable).with_name("lighton-ocr")]])
def test_ctrl_c_while_the_program_is_imported_ends_it_quietly(
    tmp_path: Path, program: Sequence[str | Path]
) -> None:
    module = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / "typer.py").write_text(module)
    done = subprocess.run(
        [*program, "--version"],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_a_background_job_ends_on_sigterm(scripted: ScriptedEndpoint, letter: Path) -> None:
    """Shells start background jobs with SIGINT ignored."""
    asked = threading.Event()

    def answer(body: dict[str, Any]) -> Response:
        asked.set()
        return never_ends()

    scripted.default = answer
    command = [*COMMAND, "read", str(letter), "--url", scripted.url]
    with subprocess.Popen(
        ["bash", "-c", "trap '' INT; exec \"$@\"", "-", *command],
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        assert asked.wait(60)
        process.send_signal(signal.SIGTERM)
        assert b"interrupted" in process.stderr.read()
        assert process.wait() == 130


def test_nohup_is_respected(scripted: ScriptedEndpoint, letter: Path) -> None:
    sent = threading.Event()
    answers: list[Callable[[], None]] = []

    def answer(body: dict[str, Any]) -> Response:
        for hang_up in answers:
            hang_up()
        sent.set()
        return says("Hello from the page.")(body)

    scripted.default = answer
    command = [*COMMAND, "read", str(letter), "--url", scripted.url]
    with subprocess.Popen(
        ["bash", "-c", "trap '' HUP; exec \"$@\"", "-", *command],
        stdout=subprocess.PIPE,
    ) as process:
        answers.append(lambda: process.send_signal(signal.SIGHUP))
        printed, _ = process.communicate(timeout=90)
    assert sent.is_set()
    assert (process.returncode, printed) == (0, b"Hello from the page.\n")


RENDERER_LEFT = """
import asyncio, gc, sys, threading
from lighton_ocr.cli.process import set_up_process

set_up_process()
waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]

async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.subprocess_exec(asyncio.SubprocessProtocol, *waits)
    return transport, transport.get_extra_info("subprocess")

transport, process = asyncio.run(main())
process.kill()
for thread in threading.enumerate():  # up to Python 3.11, one that waits for the process
    if thread is not threading.current_thread():
        thread.join()
del transport
gc.collect()
"""


def test_nothing_is_said_of_a_renderer_that_outlives_the_loop() -> None:
    """Ctrl-C leaves such a one if it was being started."""
    done = subprocess.run([sys.executable, "-c", RENDERER_LEFT], capture_output=True, check=True)
    assert done.stderr == b""
