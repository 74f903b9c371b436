"""Input, output and caches that belong to somebody else: one sentence, which says what to do."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import COMMAND
from tests.support.locked import lock, without_rights
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

ADVICE = "chmod u+rwX" if os.geteuid() else "belongs to user 12345, and this program runs as root"
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def locked(letter: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with a document, which only somebody else may open."""
    folder = tmp_path / "locked"
    folder.mkdir()
    shutil.copy(letter, folder / "letter.pdf")
    lock(folder)
    yield folder
    folder.chmod(0o700)


def run(*arguments: str | Path, **environment: str) -> Done:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | environment,
        preexec_fn=without_rights(),
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def check_refused(done: Done, scripted: ScriptedEndpoint, sentence: str, place: Path) -> None:
    (line,) = done.stderr.splitlines()
    assert sentence in line
    assert f"Permission denied. {place} " in line
    assert ADVICE in line
    assert done.returncode == 2
    assert not scripted.bodies  # it is found before anything is read


@pytest.mark.parametrize("command", ["read", "batch"])
def test_a_document_in_a_locked_folder(
    scripted: ScriptedEndpoint, locked: Path, tmp_path: Path, command: str
) -> None:
    where = ("--out", tmp_path / "out") if command == "batch" else ()
    document = locked if command == "batch" else locked / "letter.pdf"
    done = run(command, document, "--url", scripted.url, *where)
    said = f"The folder {locked} cannot be listed" if where else f"{document} cannot be opened"
    check_refused(done, scripted, said, locked)


@pytest.mark.parametrize("command", ["read", "batch"])
def test_a_locked_document_fails_alone(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.pdf", "b.pdf"):
        shutil.copy(letter, folder / name)
    lock(folder / "a.pdf")
    if command == "read":
        done = run("read", folder / "a.pdf", folder / "b.pdf", "--url", scripted.url)
        assert (done.returncode, done.stdout) == (2, "Hello from the page.\n")
    else:
        done = run("batch", folder, "--out", tmp_path / "out", "--url", scripted.url)
        assert done.returncode == 1
        assert [path.name for path in (tmp_path / "out").glob("*.md")] == ["b.md"]
    assert f"{folder / 'a.pdf'} cannot be opened: Permission denied. {folder / 'a.pdf'} " in (
        done.stderr
    )
    assert ADVICE in done.stderr


@pytest.mark.parametrize(
    ("command", "output", "sentence"),
    [
        ("read -o", "letter.md", "cannot be written"),
        ("read -o", "", "cannot be written"),
        ("read -o", "new/", "cannot be created"),
        ("batch --out", "", "cannot be written"),
        ("batch --out", "new", "cannot be written"),
        ("compare --with own-url --truth own --out", "c.html", "cannot be written"),
    ],
)
def test_a_locked_output(
    scripted: ScriptedEndpoint, letter: Path, locked: Path, command: str, output: str, sentence: str
) -> None:
    name, *options = command.replace("own-url", scripted.url).split()
    url = () if name == "compare" else ("--url", scripted.url)
    done = run(name, letter, *url, *options, f"{locked}/{output}")
    check_refused(done, scripted, sentence, locked)


def test_the_results_of_a_batch_that_are_locked(
    scripted: ScriptedEndpoint, letter: Path, locked: Path
) -> None:
    check_refused(run("status", locked), scripted, "cannot be read", locked)
    done = run("compare", letter, "--with", f"{scripted.url},{locked}")
    assert done.returncode == 2
    assert str(locked) in done.stderr


def test_a_locked_cache_of_weights(letter: Path, locked: Path, dead_proxy: None) -> None:
    done = run("read", letter, "--model", "1b", HF_HOME=str(locked))
    assert done.returncode == 3
    assert f"{locked}/hub, where weights are kept, cannot be used: Permission" in done.stderr
    assert ADVICE in done.stderr
    assert "HF_HOME" in done.stderr


def test_caches_that_are_not_needed(scripted: ScriptedEndpoint, letter: Path, locked: Path) -> None:
    names = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HF_HOME")
    done = run("read", letter, "--url", scripted.url, **dict.fromkeys(names, str(locked)))
    assert (done.returncode, done.stdout, done.stderr) == (0, "Hello from the page.\n", "")
