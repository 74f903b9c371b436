"""Where results go: whole files or none, never halves."""

import os
import tempfile
from pathlib import Path

from lighton_ocr.errors import OutputError


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever looks sees the old content or all of the new.

    Devices and pipes (`/dev/stdout`) cannot be replaced and are written to.

    Raises:
        OutputError: it cannot be written; nothing half-written is left behind.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, "utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def check_writable(path: Path) -> None:
    """Find out before hours of reading whether a file can be made there.

    Raises:
        OutputError: its folder does not exist or takes no file, or the path is a folder.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it.")
    if path.exists() and not path.is_file():
        return
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _set_usual_mode(name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _set_usual_mode(name: str) -> None:
    # mkstemp makes files that only their owner may read; a result is an ordinary file.
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
