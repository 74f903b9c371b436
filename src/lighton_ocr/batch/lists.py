"""Lists of documents: text files with a name or address on each line."""

import codecs
import stat
from collections.abc import Iterator
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from lighton_ocr.errors import UsageError

_HEAD = 1024  # bytes that tell a list from other files
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # PowerShell writes it


def read_list(path: Path) -> Iterator[str]:
    """Yield the lines of a list that are not empty, without spaces around them.

    Names may have any bytes; a byte order mark is no part of the first one.

    Raises:
        UsageError: it cannot be read, or is not a text file.
    """
    try:
        with _open(path) as file:
            head = file.read(_HEAD)
            is_wide = head.startswith(_UTF_16)
            if b"\0" in head and not is_wide:
                raise UsageError(f"The list {path} is not a text file; name a document without @.")
            file.seek(0)
            encoding = "utf-16" if is_wide else "utf-8-sig"
            # On Linux, names that are not UTF-8 are bytes all the same.
            with TextIOWrapper(file, encoding, errors="surrogateescape") as lines:
                for line in lines:
                    if line.strip():
                        yield line.strip()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"The list {path} cannot be read: {reason}.") from None


def _open(path: Path) -> BinaryIO:
    if stat.S_ISREG(path.stat().st_mode):
        return path.open("rb")
    return BytesIO(_read_once(path))


@cache
def _read_once(path: Path) -> bytes:
    """Return what a pipe gives, as `@<(find …)` names one; lists are read several times."""
    return path.read_bytes()
