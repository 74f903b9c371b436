"""Bring a document here: remote ones become temporary files, and all get a fingerprint."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lighton_ocr.batch.inputs import is_remote, open_filesystem
from lighton_ocr.documents import FetchLimits
from lighton_ocr.documents.sources import download, is_url
from lighton_ocr.errors import DocumentError


@dataclass(frozen=True)
class LocalFile:
    """A document's file on this machine; `temporary` ones are ours to remove."""

    path: Path
    temporary: bool

    def discard(self) -> None:
        """Remove it if it is ours."""
        if self.temporary:
            self.path.unlink(missing_ok=True)


def find_stamp(address: str) -> str | None:
    """What changes when the document changes, without reading it; None if nothing tells.

    Raises:
        DocumentError: there is no such document.
    """
    if is_url(address):
        return None
    try:
        if is_remote(address):
            filesystem, path = open_filesystem(address)
            return str(filesystem.ukey(path))
        status = Path(address).stat()
    except DocumentError:
        raise
    except FileNotFoundError:
        raise DocumentError(f"There is no file {address}.") from None
    except Exception as error:  # each file system has errors of its own
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"{address} cannot be opened: {reason}.") from None
    return f"{status.st_size}-{status.st_mtime_ns}"


def fetch(address: str, folder: Path) -> LocalFile:
    """The document as a file; a remote one is written to a new file in `folder`.

    Raises:
        DocumentError: it cannot be had.
    """
    if not is_remote(address):
        return LocalFile(Path(address), temporary=False)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        local = LocalFile(Path(file.name), temporary=True)
        try:
            _write(address, file)  # type: ignore[arg-type]
        except BaseException:
            local.discard()
            raise
    return local


def _write(address: str, file: BinaryIO) -> None:
    try:
        if is_url(address):
            download(address, file, FetchLimits())
        else:
            filesystem, path = open_filesystem(address)
            filesystem.get_file(path, file.name)
    except DocumentError:
        raise
    except Exception as error:  # each file system has errors of its own
        raise DocumentError(f"{address} cannot be fetched: {error}.") from None


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        DocumentError: it cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            empty = file.tell() == 0
    except OSError as error:
        raise DocumentError(f"{path} cannot be opened: {error.strerror}.") from None
    if empty:
        raise DocumentError(f"{path} is empty: there is nothing to read.")
    return digest
