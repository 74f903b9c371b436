"""Files that clients upload before they are read, with limits of size, number and age."""

import hashlib
import hmac
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter

from lighton_ocr._files import write_atomically
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.limits import ServerLimits

SIGNED = "/files/"  # the path of signed addresses
_EPOCH_SECONDS = re.compile("[0-9]{1,12}")
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredFile:
    """A file of a client; times are in seconds since 1970."""

    id: str
    name: str
    path: Path
    size: int
    created_at: int
    expires_at: int


_FILE = TypeAdapter(StoredFile)


class FileStore:
    """Keeps files in a folder, which is removed at the end of the `with` block.

    Processes that have the same `folder` and `secret` share their files. Beside each file, a file
    `.json` describes it.
    """

    def __init__(
        self, limits: ServerLimits, folder: Path | None = None, secret: bytes | None = None
    ) -> None:
        self._limits = limits
        self._shared = folder
        self._folder = folder
        self._secret = secret or secrets.token_bytes(32)

    def __enter__(self) -> Self:
        self._make_folder()
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)  # by another process, perhaps

    def add(self, name: str, data: BinaryIO, size: int) -> StoredFile:
        """Keep a copy of `data`.

        Raises:
            Refused: there are too many files already (429).
        """
        self._make_folder()
        files = list(self._current_files())
        total = sum(file.size for file in files)
        if len(files) >= self._limits.files or total + size > self._limits.file_bytes:
            raise Refused(429, "The server keeps too many files: delete some, or try again later.")
        id, now = secrets.token_hex(16), int(time.time())
        path = self._path(id)
        file = StoredFile(id, name, path, size, now, now + int(self._limits.file_seconds))
        # Before it is written, so that it counts.
        write_atomically(_description(path), _FILE.dump_json(file))
        try:
            with path.open("wb") as copy:
                shutil.copyfileobj(data, copy)
        except BaseException:
            _delete(path)
            raise
        return file

    def find(self, id: str) -> StoredFile:
        """Return a file.

        Raises:
            Refused: there is none of that id (404).
        """
        file = self._load(_description(self._path(id))) if _ID.fullmatch(id) else None
        if file is None:
            raise Refused(404, f"There is no file {id[:100]}: it may have expired.")
        return file

    def remove(self, id: str) -> None:
        """Delete a file.

        Raises:
            Refused: there is none of that id (404).
        """
        _delete(self.find(id).path)

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

    def _make_folder(self) -> None:
        """Make the folder, also when a program that tidies up temporary files has removed it."""
        if self._shared is not None:
            self._shared.mkdir(mode=0o700, exist_ok=True)
        elif self._folder is None or not self._folder.is_dir():
            # Under a new name: anybody could have taken the old one meanwhile.
            self._folder = Path(tempfile.mkdtemp(prefix="lighton-ocr-files-"))

    def _signature(self, id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{id}:{expires}".encode(), hashlib.sha256).hexdigest()

    def _path(self, id: str) -> Path:
        assert self._folder is not None  # noqa: S101 - inside of the `with` block
        return self._folder / id

    def _current_files(self) -> Iterator[StoredFile]:
        """Return all files; those that have expired are deleted."""
        for description in self._path("").glob("*.json"):
            if file := self._load(description):
                yield file

    def _load(self, description: Path) -> StoredFile | None:
        try:
            file = _FILE.validate_json(description.read_bytes())
        except FileNotFoundError:  # deleted
            return None
        if file.expires_at < time.time():
            _delete(file.path)
            return None
        return file


def _description(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _delete(path: Path) -> None:
    for one in (path, _description(path)):
        with suppress(FileNotFoundError):
            one.unlink()
