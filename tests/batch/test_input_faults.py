"""What is wrong with one argument, line or folder does not end the others."""

import codecs
import os
import threading
from pathlib import Path

import pytest

from lighton_ocr.batch.fetching import find_etag
from lighton_ocr.batch.folders import LeftOut
from lighton_ocr.batch.inputs import BatchInput, find_inputs
from lighton_ocr.errors import DocumentError, UsageError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.pdf", "b.pdf", "c.pdf", "good/d.pdf"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    Path("empty").mkdir()


def stems(*arguments: str) -> list[str]:
    return [found.stem for found in find_inputs(arguments) if found.error is None]


def errors(*arguments: str) -> list[str]:
    return [found.error for found in find_inputs(arguments) if found.error is not None]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("empty", "There is no document in empty"),
        ("scan[1].pdf", r"There is no document in scan[1].pdf"),
        ("@list.txt", "names itself"),
        ("@missing.txt", "cannot be read: No such file or directory"),
        ("nosuch://bucket/key", "another package"),
        ("a\0b.pdf", "is not a file name"),
    ],
)
def test_a_bad_line_of_a_list_fails_alone(line: str, error: str) -> None:
    Path("list.txt").write_text(f"a.pdf\n{line}\nb.pdf\n" if "\0" not in line else "a.pdf\nb.pdf\n")
    arguments = ["@list.txt"] if "\0" not in line else ["@list.txt", line]
    assert stems(*arguments) == ["a", "b"]
    (message,) = errors(*arguments)
    assert error in message


def test_lists_that_name_each_other() -> None:
    Path("one.txt").write_text("@two.txt\na.pdf\n")
    Path("two.txt").write_text("b.pdf\n@one.txt\n")
    assert stems("@one.txt") == ["b", "a"]
    assert len(errors("@one.txt")) == 1
    assert stems("@one.txt", "@one.txt") == ["b", "a", "b", "a"]  # twice is no circle


@pytest.mark.parametrize("arguments", [["empty"], ["@itself.txt"], ["empty", "@missing.txt"]])
def test_nothing_but_mistakes_is_refused(arguments: list[str]) -> None:
    Path("itself.txt").write_text("@itself.txt\n")
    with pytest.raises(UsageError):
        stems(*arguments)


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + b"a.pdf\r\nb.pdf\r\n",
        codecs.BOM_UTF16_LE + "a.pdf\r\nb.pdf\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "a.pdf\nb.pdf".encode("utf-16-be"),
        b"\n\n  a.pdf \nb.pdf",
    ],
)
def test_a_byte_order_mark_is_no_part_of_a_name(content: bytes) -> None:
    Path("list.txt").write_bytes(content)
    assert stems("@list.txt") == ["a", "b"]


def test_a_list_holds_names_that_are_not_utf8() -> None:
    name = os.fsdecode(b"caf\xe9.pdf")
    Path(name).touch()
    Path("list.txt").write_bytes(b"caf\xe9.pdf\n")
    (found,) = find_inputs(["@list.txt"])
    assert Path(found.address).exists()


def test_a_document_is_no_list() -> None:
    Path("a.bin").write_bytes(b"\x89PNG\0\0\0")
    with pytest.raises(UsageError, match="is not a text file"):
        stems("@a.bin")


def test_a_list_from_a_pipe_is_read_as_often_as_needed() -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text("a.pdf\nb.pdf\n"))
    writer.start()
    assert [stems("@pipe") for _ in range(3)] == [["a", "b"]] * 3
    writer.join()


def test_a_folder_that_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is kept from listing a folder who is root: the system call is made to refuse."""
    Path("good/secret").mkdir()
    Path("good/z").mkdir()
    Path("good/z/e.pdf").touch()
    listing = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert stems("good") == ["d", "z/e"]
    assert errors("good") == [
        f"The folder {Path('good/secret').absolute()} cannot be listed: Permission denied."
    ]
    assert stems("good/secret", "a.pdf") == ["a"]
    with pytest.raises(UsageError, match="Permission denied"):
        stems("good/secret")


def test_links_are_followed_once(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "e.pdf").touch()
    Path("good/linked").symlink_to(elsewhere)
    Path("good/again").symlink_to(elsewhere)
    Path("good/up").symlink_to("..")  # holds the root itself
    Path("good/self").symlink_to("self")
    Path("elsewhere/back").symlink_to(elsewhere)
    Path("good/inside").mkdir()
    Path("good/inside/f.pdf").touch()
    Path("good/also-inside").symlink_to("inside")
    found = stems("good")
    assert found[0] == "d"
    assert [stem for stem in found if stem.endswith("/e")] == ["again/deep/e"]
    assert [stem for stem in found if stem.endswith("f")] == ["inside/f"]
    assert len(found) == len(set(found))


def test_what_is_read_by_name_is_taken_from_folders_and_the_rest_is_counted() -> None:
    for name in ("p.jfif", "p.jpe", "p.avif", "p.pgm", "p.heic", "notes.TXT", "more.txt", "README"):
        Path("good", name).touch()
    left_out = LeftOut()
    found = [Path(found.address).name for found in find_inputs(["good"], None, left_out)]
    assert found == ["d.pdf", "p.avif", "p.jfif", "p.jpe", "p.pgm"]
    assert str(left_out).startswith(
        "4 files were left out because of their names (2 .txt, 1 no suffix, 1 .heic)"
    )
    assert str(LeftOut()) == ""


@pytest.mark.parametrize("pattern", ["good/*", "**/*"])
def test_patterns_count_what_they_leave_out(pattern: str) -> None:
    Path("good/notes.txt").touch()
    left_out = LeftOut()
    list(find_inputs([pattern], None, left_out))
    assert left_out.kinds[".txt"] == 1


def test_a_pipe_is_no_document() -> None:
    os.mkfifo("good/pipe.pdf")
    assert stems("good") == ["d", "pipe"]
    with pytest.raises(DocumentError, match=r"pipe\.pdf is not a regular file"):
        find_etag("good/pipe.pdf")


def test_a_name_that_is_too_long_for_the_system() -> None:
    name = "x" * 300 + ".pdf"
    (found,) = find_inputs([name])
    assert len(found.stem) == 200
    with pytest.raises(DocumentError, match="File name too long"):
        find_etag(found.address)


def test_an_error_has_a_stem_that_stays_in_the_output() -> None:
    faults = [f for f in find_inputs(["a.pdf", "@../../missing.txt"]) if f.error]
    assert [type(fault) for fault in faults] == [BatchInput]
    assert ".." not in faults[0].stem
