"""What was read is not lost when a disk is full, or a folder is gone."""

import os
import re
import resource
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from tests.support.command_line import COMMAND
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow

FULL = Path("/dev/full")  # takes a file's name, and no byte
LONG = " ".join(sha256(bytes([number])).hexdigest() for number in range(150))  # 10 KB
Done = subprocess.CompletedProcess[str]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of the commands; no file of coverage fits on a full disk."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def run(*arguments: str | Path, **options: Any) -> Done:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
        **options,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def disk_of(size: int) -> Any:
    """The nearest to a full disk without one: no file may grow over that many bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def kept(done: Done) -> list[Path]:
    return [
        Path(path) for path in re.findall(r"What was read is kept in (\S+)\.$", done.stderr, re.M)
    ]


@pytest.mark.parametrize("format", ["md", "json"])
@pytest.mark.parametrize("by_name", [True, False])
def test_a_result_that_fits_nowhere_else_is_kept(
    scripted: ScriptedEndpoint, letter: Path, format: str, by_name: bool
) -> None:
    """Named with -o, and behind standard output."""
    where = ("-o", FULL) if by_name else ()
    with FULL.open("wb") as full:
        done = run(
            *("read", letter, "--url", scripted.url, "--format", format, *where),
            stdout=subprocess.PIPE if by_name else full,
        )
    (path,) = kept(done)
    assert "Hello from the page." in path.read_text()
    assert path.name == ("full" if by_name else f"letter.{format}")
    place = "/dev/full" if by_name else "standard output"
    assert f"lighton-ocr: {place} cannot be written: No space left on device. What" in done.stderr


@pytest.mark.parametrize("format", ["md", "json", "pdf"])
def test_a_result_for_which_no_disk_has_space_is_printed(
    scripted: ScriptedEndpoint, tmp_path: Path, temporary: Path, format: str
) -> None:
    scripted.default = says(LONG)
    target = tmp_path / f"scan.{format}"
    target.write_text("as it was")
    done = run(
        *("read", EXAMPLES / "scan.jpg", "--url", scripted.url, "-o", target),
        preexec_fn=disk_of(4096),
    )
    assert f"{target} cannot be written: File too large. What was read is printed" in done.stderr
    assert LONG in done.stdout
    assert done.stdout.startswith("{" if format == "json" else LONG)
    assert target.read_text() == "as it was"
    assert {path.name for path in tmp_path.iterdir()} == {target.name, temporary.name}
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_cannot_be_kept_is_said_to_be_lost(
    scripted: ScriptedEndpoint,
    letter: Path,
    tmp_path: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    unbuffered: str,
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    scripted.default = says(LONG)
    with (tmp_path / "letter.md").open("wb") as file:
        done = run(*("read", letter, "--url", scripted.url), stdout=file, preexec_fn=disk_of(4096))
    (line,) = done.stderr.splitlines()
    assert "standard output cannot be written: File too large. What was read is lost" in line
    assert "TMPDIR" in line
    assert not list(temporary.iterdir())


def test_documents_that_are_read_at_once_are_all_kept(
    scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    """The folder of results disappears while the first pages are read."""
    out = tmp_path / "out"
    out.mkdir()
    answered: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> Response:
        answered.append(body)
        shutil.rmtree(out, ignore_errors=True)
        return says("Hello from the page.")(body)

    scripted.default = answer
    documents = [EXAMPLES / f"{name}.pdf" for name in ("letter", "invoice", "paper")]
    done = run("read", *documents, "--url", scripted.url, "-o", out)
    paths = kept(done)
    assert 1 <= len(paths) <= len(answered)
    assert "letter.md" in {path.name for path in paths}
    assert {path.read_text() for path in paths} == {"Hello from the page.\n"}


def test_a_comparison_is_kept(scripted: ScriptedEndpoint, letter: Path) -> None:
    done = run(
        *("compare", letter, "--with", scripted.url, "--truth", "own", "--out", FULL),
    )
    (path,) = kept(done)
    assert path.name == "full"
    assert "letter.pdf" in path.read_text()


def test_a_batch_goes_on_where_the_disk_was_full(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.default = says(LONG)
    for number in range(30):
        (tmp_path / f"{number}.pdf").write_bytes(letter.read_bytes() + b"%" * number)
    out = tmp_path / "out"
    command = ("batch", tmp_path / "*.pdf", "--url", scripted.url, "--out", out)
    done = run(*command, preexec_fn=disk_of(600_000))
    assert f"{out}/.lighton-ocr/journal.sqlite3 cannot be read or written" in done.stderr
    assert "kept: fix the cause, then run the same command again" in done.stderr
    asked = len(scripted.bodies)
    subprocess.run([*COMMAND, *map(str, command)], capture_output=True, check=True)
    assert {path.read_text() for path in out.glob("*.md")} == {f"{LONG}\n"}
    assert len(list(out.glob("*.md"))) == 30
    assert asked < len(scripted.bodies) < 30 + asked
