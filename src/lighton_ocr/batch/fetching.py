"""Bring a document to this machine, and tell whether it has changed."""

import errno
import hashlib
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from lighton_ocr._access import describe_os_error
from lighton_ocr.batch.inputs import is_remote, open_filesystem
from lighton_ocr.documents import FetchLimits
from lighton_ocr.documents.web import download, is_url
from lighton_ocr.errors import DocumentError, OutputError


@dataclass(frozen=True)
class LocalFile:
    """A document's file on this machine; a temporary one is removed after use."""

    path: Path
    temporary: bool

    def discard(self) -> None:
        """Remove it if it is temporary."""
        if self.temporary:
            self.path.unlink(missing_ok=True)


def find_etag(address: str) -> str | None:
    """Return a value that changes when the document changes, without reading the document.

    It is a bucket's own ETag, or a file's size and modification time; None for a web address, which
    has to be downloaded.

    Raises:
        DocumentError: the document does not exist or cannot be reached.
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
    if not stat.S_ISREG(status.st_mode):  # reading a pipe could wait for ever
        raise DocumentError(f"{address} is not a regular file, but a pipe, a device or a socket.")
    return f"{status.st_size}-{status.st_mtime_ns}"


def fetch(address: str, folder: Path) -> LocalFile:
    """Return the document as a file; a remote one is downloaded to a new file in `folder`.

    Raises:
        DocumentError: it cannot be downloaded.
        OutputError: the folder cannot be written.
    """
    if not is_remote(address):
        return LocalFile(Path(address), temporary=False)
    with _new_file(folder) as file:
        local = LocalFile(Path(file.name), temporary=True)
        try:
            _write(address, file)
        except BaseException:
            local.discard()
            raise
    return local


def _new_file(folder: Path) -> BinaryIO:
    try:
        return cast(BinaryIO, tempfile.NamedTemporaryFile(dir=folder, delete=False))
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None


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
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            folder = Path(file.name).parent
            raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None
        raise DocumentError(f"{address} cannot be fetched: {error}.") from None


def compute_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        DocumentError: the file cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            is_empty = file.tell() == 0
    except OSError as error:
        raise DocumentError(f"{path} cannot be opened: {describe_os_error(error, path)}.") from None
    if is_empty:
        raise DocumentError(f"{path} is empty: there is nothing to read.")
    return digest
