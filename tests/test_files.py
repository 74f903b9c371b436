import os
import stat
from pathlib import Path

import pytest

from lighton_ocr._files import check_writable, write_atomically
from lighton_ocr.errors import OutputError


def test_a_result_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.md", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.touch(0o600)
    write_atomically(file, "text")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_link_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(tmp_path / "file.md")
    write_atomically(tmp_path / "link.md", "text")
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "file.md").read_text() == "text"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no folder .*nowhere"):
        check_writable(tmp_path / "nowhere" / "a.md")
