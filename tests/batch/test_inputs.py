import os
from pathlib import Path

import pytest

from lighton_ocr.batch.inputs import find_inputs
from lighton_ocr.errors import UsageError


def stems(*arguments: str, output: Path | None = None) -> list[str]:
    return [found.stem for found in find_inputs(arguments, output)]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.pdf", "a.PNG", "notes.txt", "in/c.tiff", "in/.hidden.pdf", ".git/d.pdf"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "archive"


def test_a_folder_is_not_its_own_output(archive: Path) -> None:
    """A searchable PDF would replace its document, and pictures of figures be read as documents."""
    for output in (archive, archive / "in" / "..", archive / "link"):
        if output.name == "link":
            output.symlink_to(archive)
        with pytest.raises(UsageError, match=r"is also where results would be written.*results"):
            list(find_inputs([str(archive)], output))
    (fault, *others) = find_inputs([str(archive), str(archive / "b.pdf")], archive)
    assert "name another folder with --out" in str(fault.error)
    assert [Path(one.address).name for one in others] == ["b.pdf"]


def test_a_folder_is_walked_for_what_looks_like_a_document(archive: Path) -> None:
    assert stems("archive") == ["a", "b", "in/c"]
    assert next(find_inputs(["archive"])).address == str(archive / "a.PNG")


def test_the_output_inside_an_input_is_left_out(archive: Path) -> None:
    assert stems("archive", output=archive / "in") == ["a", "b"]


def test_globs_files_lists_and_addresses(archive: Path) -> None:
    assert stems("archive/*.pdf") == ["b"]
    assert sorted(stems("archive/**/*")) == ["a", "b", "in/c"]
    assert stems("archive/notes.txt") == ["notes"]  # named by itself, it is meant
    Path("list.txt").write_text("archive/in\n\n  archive/b.pdf\nhttps://arxiv.org/pdf/2412.13663\n")
    assert stems("@list.txt") == ["c", "b", "2412.13663"]


def test_fsspec_addresses() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for name in ("/box/x/b.pdf", "/box/a.jpg", "/box/x/readme.md"):
        memory.pipe_file(name, b"")
    assert stems("memory://box") == ["a", "x/b"]
    assert stems("memory://box/x/b.pdf") == ["b"]
    assert stems("memory://box/*/*.pdf") == ["x/b"]
    assert next(find_inputs(["memory://box/a.jpg"])).address == "memory://box/a.jpg"
    memory.rm("/box", recursive=True)


def test_names_cannot_leave_the_output() -> None:
    assert stems("https://host/..%2f..%2fetc%2fpasswd.pdf") == ["passwd"]
    (stem,) = stems("https://host/" + "ä" * 300 + ".pdf")
    assert len(stem.encode()) <= 200


def test_a_name_that_is_not_utf8_is_opened_by_it_and_printed_without(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.pdf")
    path.touch()
    (found,) = find_inputs([str(tmp_path)])
    assert (found.address, found.stem) == (str(path), "caf%udce9")
    assert found.name == f"{tmp_path}/caf\\udce9.pdf"


@pytest.mark.parametrize("argument", ["empty", "empty/*.pdf", "@missing.txt", "memory://nothing"])
def test_nothing_there(archive: Path, argument: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(UsageError, match=r"no document in|cannot be read|cannot be listed"):
        stems(argument)


def test_an_address_nothing_here_can_open() -> None:
    with pytest.raises(UsageError, match="another package"):
        stems("nosuch://bucket/key")
