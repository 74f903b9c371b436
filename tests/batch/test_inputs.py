import os
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from lighton_ocr.batch.fetching import fetch, find_stamp
from lighton_ocr.batch.inputs import find_inputs
from lighton_ocr.errors import DocumentError, UsageError


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


def test_a_folder_is_walked_for_what_looks_like_a_document(archive: Path) -> None:
    assert stems("archive") == ["a", "b", "in/c"]
    assert next(find_inputs(["archive"])).address == str(archive / "a.PNG")


def test_a_name_that_is_not_utf8_is_escaped(archive: Path) -> None:
    latin = os.fsdecode(b"archive/caf\xe9.pdf")
    Path(latin).touch()
    assert stems("archive") == ["a", "b", "caf/xe9", "in/c"]
    assert [found.stem for found in find_inputs([latin])] == ["caf/xe9"]
    (found,) = find_inputs([latin])
    with pytest.raises(DocumentError, match="not UTF-8: rename it"):
        find_stamp(found.address)


def test_a_bucket_that_fails_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise RuntimeError("no credentials")

    monkeypatch.setattr(MemoryFileSystem, "isfile", fail)
    monkeypatch.setattr(MemoryFileSystem, "ukey", fail)
    monkeypatch.setattr(MemoryFileSystem, "get_file", fail)
    with pytest.raises(UsageError, match="cannot be listed: no credentials"):
        list(find_inputs(["memory://bucket/in"]))
    with pytest.raises(DocumentError, match="cannot be opened: no credentials"):
        find_stamp("memory://bucket/in/a.pdf")
    with pytest.raises(DocumentError, match="cannot be fetched: no credentials"):
        fetch("memory://bucket/in/a.pdf", Path())


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
