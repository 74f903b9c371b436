"""Files that clients upload before they are read, with limits of size, number and age."""

import hashlib
import hmac
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Self
from urllib.parse import parse_qs, urlsplit

from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.limits import ServerLimits

SIGNED = "/files/"  # the path of signed addresses
_EPOCH_SECONDS = re.compile("[0-9]{1,12}")


@dataclass(frozen=True)
class StoredFile:
    """A file of a client; times are in seconds since 1970."""

    id: str
    name: str
    path: Path
    size: int
    created_at: int
    expires_at: int


class FileStore:
    """Keeps files in a folder of its own, which is removed at the end of the `with` block."""

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self._files: dict[str, StoredFile] = {}
        self._folder: TemporaryDirectory[str] | None = None
        self._secret = secrets.token_bytes(32)

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="lighton-ocr-files-")
        return self

    def __exit__(self, *_: object) -> None:
        self._files.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, name: str, data: BinaryIO, size: int) -> StoredFile:
        """Keep a copy of `data`.

        Raises:
            Refused: there are too many files already (429).
        """
        self._forget_expired()
        total = sum(file.size for file in self._files.values())
        if len(self._files) >= self._limits.files or total + size > self._limits.file_bytes:
            raise Refused(429, "The server keeps too many files: delete some, or try again later.")
        assert self._folder is not None  # noqa: S101 - inside of the `with` block
        id, now = secrets.token_hex(16), int(time.time())
        path = Path(self._folder.name) / id
        file = StoredFile(id, name, path, size, now, now + int(self._limits.file_seconds))
        self._files[id] = file  # before it is written, so that it counts
        try:
            with path.open("wb") as copy:
                shutil.copyfileobj(data, copy)
        except BaseException:
            self.remove(id)
            raise
        return file

    def find(self, id: str) -> StoredFile:
        """Return a file.

        Raises:
            Refused: there is none of that id (404).
        """
        self._forget_expired()
        if id not in self._files:
            raise Refused(404, f"There is no file {id[:100]}: it may have expired.")
        return self._files[id]

    def remove(self, id: str) -> None:
        """Delete a file.

        Raises:
            Refused: there is none of that id (404).
        """
        self.find(id).path.unlink(missing_ok=True)
        self._files.pop(id, None)

    def sign(self, file: StoredFile, seconds: int) -> str:
        """Return path and query of an address that gives the file without a key, for a while."""
        expires = min(int(time.time()) + seconds, file.expires_at)
        return f"{SIGNED}{file.id}?expires={expires}&signature={self._signature(file.id, expires)}"

    def open_signed(self, url: str) -> StoredFile | None:
        """Return the file of a signed address, None if it is no such address.

        Raises:
            Refused: the signature is wrong or has expired (401).
        """
        try:
            address = urlsplit(url)
        except ValueError:
            return None
        query = parse_qs(address.query)
        if not address.path.startswith(SIGNED) or not {"expires", "signature"} <= query.keys():
            return None
        id, expires = address.path.removeprefix(SIGNED), query["expires"][0]
        given = query["signature"][0]
        number = int(expires) if _EPOCH_SECONDS.fullmatch(expires) else 0
        is_right = hmac.compare_digest(given.encode(), self._signature(id, number).encode())
        if not is_right or number < time.time():
            raise Refused(401, "The file's address has expired, or its signature is wrong.")
        return self.find(id)

    def _signature(self, id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{id}:{expires}".encode(), hashlib.sha256).hexdigest()

    def _forget_expired(self) -> None:
        now = time.time()
        for file in [file for file in self._files.values() if file.expires_at < now]:
            file.path.unlink(missing_ok=True)
            del self._files[file.id]
