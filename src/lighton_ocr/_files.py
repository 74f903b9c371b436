"""Write files whole or not at all."""

import os
import secrets
import tempfile
from pathlib import Path

from lighton_ocr.errors import OutputError


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that readers see either the old text or all of the new text.

    Devices and pipes (`/dev/stdout`) cannot be replaced; they are written to directly.

    Raises:
        OutputError: it cannot be written; no part of it is left behind.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, "utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def check_writable(path: Path) -> None:
    """Check that a file can be written, before hours of reading.

    Raises:
        OutputError: its folder does not exist or takes no file, or the path is a folder.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it.")
    if path.exists() and not path.is_file():
        return
    if not path.parent.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {path.parent}.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    path = path.resolve()  # replace the target of a link, not the link
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
