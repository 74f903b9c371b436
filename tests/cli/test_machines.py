"""`read` and `batch` on machines that are not ours: no home, no space, pipes, locales."""

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lighton_ocr.cli.process import environment_fault
from lighton_ocr.config import load_config
from tests.support.command_line import COMMAND
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow

HELLO = b"Hello from the page.\n"
Done = subprocess.CompletedProcess[bytes]


def run(*arguments: str | Path, **options: Any) -> Done:
    done: Done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, timeout=120, check=False, **options
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def sentence(done: Done) -> str:
    """The only line on stderr."""
    (line,) = done.stderr.decode().splitlines()
    return line


# Homes and settings


@pytest.mark.parametrize("home", ["/nonexistent", "/dev/null", ""])
def test_a_home_that_is_not_there(scripted: ScriptedEndpoint, letter: Path, home: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    done = run("read", letter, "--url", scripted.url, env=environment | {"HOME": home})
    assert (done.returncode, done.stdout, done.stderr) == (0, HELLO, b"")


def test_the_settings_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user may have a number and no name, and root's home."""
    folder = tmp_path / "home" / "lighton-ocr"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("model = '1b'")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    assert load_config().model == "1b"
    load_config.cache_clear()
    (tmp_path / "home").chmod(0)
    child = os.fork()
    if child == 0:
        with suppress(PermissionError):
            os.setuid(12345)  # root may read everything
        try:
            os._exit(0 if load_config().model is None else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    (tmp_path / "home").chmod(0o700)
    assert os.waitstatus_to_exitcode(status) == 0


# Text and names


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1:strict"])
def test_text_outside_of_the_encoding(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, encoding: str
) -> None:
    scripted.default = says("港口 – Δx ≤ 5 €")
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = run("read", letter, "--url", scripted.url, env=environment)
    assert (done.returncode, done.stdout.decode()) == (0, "港口 – Δx ≤ 5 €\n")
    document = tmp_path / "港.pdf"
    document.write_bytes(b"nothing")
    done = run("read", document, "--url", scripted.url, env=environment)
    assert (done.returncode, "港.pdf" in done.stderr.decode()) == (2, True)


def test_a_long_file_name_is_shortened(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    long = tmp_path / ("ä" * 124 + ".pdf")  # 252 bytes
    shutil.copy(letter, long)
    done = run("read", long, "--url", scripted.url, "-o", f"{tmp_path}/out/")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ä" * 100 + ".md"]
    whole = tmp_path / ("b" * 252 + ".md")
    assert run("read", letter, "--url", scripted.url, "-o", tmp_path / "out").returncode == 0
    done = run("read", letter, "--url", scripted.url, "-o", whole.with_name("b" * 250 + ".md"))
    assert done.returncode == 0, done.stderr
    asked = len(scripted.bodies)
    done = run("read", letter, "--url", scripted.url, "-o", whole.with_name("b" * 260 + ".md"))
    assert (done.returncode, len(scripted.bodies)) == (2, asked)  # found before reading
    assert "File name too long" in sentence(done)


# Standard streams and pipes


def test_standard_input_by_its_other_names(scripted: ScriptedEndpoint, letter: Path) -> None:
    with letter.open("rb") as file:
        done = run("read", "/dev/stdin", "--url", scripted.url, stdin=file)
    assert (done.returncode, done.stdout) == (0, HELLO), done.stderr
    done = run("read", "/dev/stdin", "--url", scripted.url, input=letter.read_bytes())
    assert (done.returncode, done.stdout) == (0, HELLO), done.stderr


def test_process_substitution(scripted: ScriptedEndpoint, letter: Path) -> None:
    command = f"{sys.executable} -m lighton_ocr read <(cat {letter}) --url {scripted.url}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, HELLO), done.stderr


@pytest.mark.parametrize(
    ("closed", "arguments", "said"),
    [
        ("<&-", ["read", "-"], "Standard input is empty"),
        (">&-", ["read", str(EXAMPLES / "letter.pdf")], "Standard output is closed"),
        (">&-", ["models"], "standard output cannot be written"),
    ],
)
def test_a_closed_stream_is_one_sentence(closed: str, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {closed}', "-", *COMMAND, *arguments],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert said in sentence(done)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_that_are_not_needed(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, closed: str
) -> None:
    target = tmp_path / "letter.md"
    command = [*COMMAND, "read", str(letter), "--url", scripted.url, "-o", str(target)]
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {closed}', "-", *command],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.startswith(b"Read 1 page in ") == ("2>&-" not in closed)
    assert done.stderr.count(b"\n") <= 1
    assert target.read_bytes() == HELLO


# Space


def no_file_may_grow() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage of child processes is not measured: its own file could not be written either."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("unmeasured")
def test_without_a_temporary_folder(scripted: ScriptedEndpoint, letter: Path) -> None:
    done = run("read", letter, "--url", scripted.url, preexec_fn=no_file_may_grow)
    assert (done.returncode, done.stdout, done.stderr) == (0, HELLO, b"")  # it needs none
    done = run(
        *("read", "-", "--url", scripted.url),
        input=letter.read_bytes(),
        preexec_fn=no_file_may_grow,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert "temporary file cannot be written" in sentence(done)
    assert "TMPDIR" in sentence(done)


@pytest.mark.usefixtures("unmeasured")
def test_a_full_temporary_folder(scripted: ScriptedEndpoint, letter: Path) -> None:
    done = run(
        *("read", "-", "--url", scripted.url),
        input=letter.read_bytes(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert "temporary file cannot be written: File too large" in sentence(done)


@pytest.mark.usefixtures("unmeasured")
def test_a_full_disk_at_the_first_write_of_a_batch(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    """No file may grow beyond what the journal has when it is made, so its next write fails."""
    command: list[str | Path] = ["batch", letter, "--url", scripted.url, "--out", tmp_path / "out"]
    for limit in (0, 40_000):
        done = run(
            *command,
            preexec_fn=lambda limit=limit: resource.setrlimit(
                resource.RLIMIT_FSIZE, (limit, limit)
            ),
        )
        assert done.returncode == 2, (limit, done.stderr)
        assert str(tmp_path / "out") in done.stderr.decode()
    assert run(*command).returncode == 0


@pytest.mark.usefixtures("unmeasured")
def test_too_few_files_may_be_open(scripted: ScriptedEndpoint, letter: Path) -> None:
    done = run(
        *("read", letter, "--url", scripted.url),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)),
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert "ulimit -n" in sentence(done)


def test_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    fault = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert environment_fault(fault) is None
    gone.rmdir()
    assert "current folder does not exist" in (environment_fault(fault) or "")


# Folders


def test_a_pipe_in_a_folder_fails_alone(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    shutil.copy(letter, tmp_path / "in.pdf")
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(letter, folder / "letter.pdf")
    (folder / "notes.txt").touch()
    os.mkfifo(folder / "pipe.pdf")
    (tmp_path / "empty").mkdir()
    done = run(
        *("batch", folder, tmp_path / "empty"),
        *("--url", scripted.url, "--out", tmp_path / "out", "--json"),
    )
    assert done.returncode == 1
    said = done.stderr.decode()
    assert "pipe.pdf is not a regular file" in said
    assert "There is no document in" in said
    assert "1 file was left out because of its name (1 .txt)" in said
    assert (tmp_path / "out" / "letter.md").read_bytes() == HELLO
    figures = json.loads(done.stdout)
    assert (figures["documents"], figures["documents_failed"]) == (3, 2)
