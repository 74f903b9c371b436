"""The lock that one batch at a time holds on an output."""

from pathlib import Path

import pytest

from lighton_ocr.batch.state import is_locked, lock
from lighton_ocr.errors import UsageError


def test_the_lock_of_an_output_can_be_held_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.batch.state._LOCK_SECONDS", 0)
    with lock(tmp_path, "out"):
        assert is_locked(tmp_path)
        with pytest.raises(UsageError, match="Another lighton-ocr batch is writing to out"):
            lock(tmp_path, "out")
    assert not is_locked(tmp_path)
