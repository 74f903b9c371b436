"""Write files whole or not at all, and give them names that file systems take."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from lighton_ocr._access import describe_os_error
from lighton_ocr.errors import OutputError

_LONGEST_PART = 200  # bytes of a file name; file systems take 255, with the suffix


def shorten_name(name: str) -> str:
    """Return the beginning of a file name that is too long for file systems, without suffix."""
    encoded = os.fsencode(name)
    if len(encoded) <= _LONGEST_PART:
        return name
    return encoded[:_LONGEST_PART].decode(errors="ignore")


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write a file so that readers see either the old one or all of the new one.

    A file that exists keeps its permissions. Devices and pipes (`/dev/stdout`) cannot be replaced;
    they are written to directly.

    Raises:
        OutputError: it cannot be written; no part of it is left behind.
    """
    data = data.encode() if isinstance(data, str) else data
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {describe_os_error(error, path)}.") from error


def make_folder(path: Path) -> None:
    """Make a folder and those that it is in, unless it exists.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be created: {describe_os_error(error, path)}.") from error


def check_writable(path: Path) -> None:
    """Check that a file can be written, before hours of reading.

    Raises:
        OutputError: its folder does not exist or takes no file, its name is too long, or the path
            is a folder.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file in it.")
        if path.exists() and not path.is_file():
            return
        if not path.parent.is_dir():
            raise OutputError(f"{path} cannot be written: there is no folder {path.parent}.")
        with tempfile.TemporaryFile(dir=path.parent):
            path.lstat()  # says so if the name is too long
    except FileNotFoundError:
        pass  # the usual case: a new file
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {describe_os_error(error, path)}.") from error


def _replace(path: Path, data: bytes) -> None:
    path = path.resolve()  # replace the target of a link, not the link
    part = path.with_name(f".{secrets.token_hex(8)}.part")  # short: the file's name may be long
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
