"""Where results go: a folder or a bucket, a file for each document and format."""

import hashlib
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout
from platformdirs import user_state_path
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from lighton_ocr._files import write_atomically
from lighton_ocr.batch.inputs import is_remote, open_filesystem
from lighton_ocr.errors import DocumentError, OutputError, UsageError

_STATE = ".lighton-ocr"
_LOCK_SECONDS = 1.0  # `status` holds the lock for a moment, too
_ATTEMPTS = 6  # to write to a bucket
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 20.0  # seconds between them


class Output(Protocol):
    """A place for results, by their relative paths."""

    @property
    def folder(self) -> Path | None:
        """The folder that it is, if it is one."""

    def holds(self, name: str) -> bool:
        """Whether there is a result of that name."""

    def write(self, name: str, text: str) -> None:
        """Write a whole result, over one that is there.

        Raises:
            OutputError: it cannot be written.
        """

    def upload(self, name: str, file: Path) -> None:
        """Take a file of this machine's as a result; the same errors."""


class FolderOutput:
    """Results in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def holds(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return (self.folder / name).exists()

    def write(self, name: str, text: str) -> None:
        """Write a file whole or not at all, and its folders."""
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path.parent} cannot be made: {error.strerror}.") from error
        write_atomically(path, text)

    def upload(self, name: str, file: Path) -> None:
        """Nothing to do for a file that is in the folder."""
        assert file == self.folder / name  # noqa: S101


class BucketOutput:
    """Results as objects of a bucket, through fsspec; failed writes are repeated."""

    folder = None

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        try:
            self._filesystem, self._root = open_filesystem(self._address)
        except DocumentError as error:
            raise UsageError(str(error)) from None

    def holds(self, name: str) -> bool:
        """Whether there is an object of that name."""
        return bool(self._repeat(self._filesystem.exists, f"{self._root}/{name}"))

    def write(self, name: str, text: str) -> None:
        """Put an object; buckets show the old or the new one, nothing between."""
        self._repeat(self._filesystem.pipe_file, f"{self._root}/{name}", text.encode())

    def upload(self, name: str, file: Path) -> None:
        """Put a file as an object."""
        target = f"{self._root}/{name}"
        self._repeat(lambda _: self._filesystem.put_file(str(file), target), target)

    def _repeat(self, work: Any, path: str, *arguments: bytes) -> Any:
        try:
            return Retrying(
                retry=retry_if_exception_type(OSError),
                stop=stop_after_attempt(_ATTEMPTS),
                wait=wait_random_exponential(_FIRST_PAUSE, _LONGEST_PAUSE),
                reraise=True,
            )(work, path, *arguments)
        except Exception as error:  # each file system has errors of its own
            raise OutputError(f"{self._address} does not take {path}: {error}.") from error


def open_output(address: str) -> Output:
    """The output behind what follows `--out`: a bucket's address, or a folder that may be new.

    Raises:
        UsageError: it is a file, or a kind of address that needs another package.
    """
    if is_remote(address):
        return BucketOutput(address)
    folder = Path(address).absolute()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{address} is a file; --out takes a folder or a bucket's address.")
    return FolderOutput(folder)


def state_folder(address: str) -> Path:
    """Where the journal of an output lies: in the folder; for a bucket, with the user's state."""
    if not is_remote(address):
        return Path(address).absolute() / _STATE
    address = address.rstrip("/")
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", address)[-80:]
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    return user_state_path("lighton-ocr", appauthor=False) / "batch" / f"{readable}-{digest}"


def lock(state: Path, address: str) -> FileLock:
    """The right to write to an output, held until it is released or this process ends.

    Raises:
        UsageError: another process has it.
        OutputError: the folder takes no file.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        held = FileLock(state / "lock", timeout=_LOCK_SECONDS)
        held.acquire()
    except Timeout:
        raise UsageError(
            f"Another lighton-ocr batch is writing to {address}. `lighton-ocr status {address}` "
            "says how far it is; wait for it, or name another --out."
        ) from None
    except OSError as error:
        raise OutputError(f"{state} cannot be written: {error.strerror}.") from None
    return held


def is_locked(state: Path) -> bool:
    """Whether a batch is writing to the output with that state folder."""
    with suppress(OSError):  # a folder that we may only look at
        try:
            FileLock(state / "lock", timeout=0).acquire().lock.release()
        except Timeout:
            return True
    return False
