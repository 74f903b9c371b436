"""Where results are written: a folder or a bucket, with one file per document and format."""

import os
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from lighton_ocr._files import make_folder, write_atomically
from lighton_ocr.batch.inputs import is_remote, open_filesystem
from lighton_ocr.errors import DocumentError, OutputError, UsageError
from lighton_ocr.formats.files import stale_pages

T = TypeVar("T")

_ATTEMPTS = 6  # to write to a bucket
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 20.0  # seconds between them


class Output(Protocol):
    """A place for results, each named by its relative path."""

    @property
    def folder(self) -> Path | None:
        """The folder, None for a bucket."""

    def holds(self, name: str) -> bool:
        """Whether a result of that name exists."""

    def write(self, name: str, data: str | bytes) -> None:
        """Write a result, and replace one that exists.

        Raises:
            OutputError: it cannot be written.
        """

    def remove_other_pages(self, names: Collection[str]) -> None:
        """Remove the files of pages in the folder of these pages' files, except for these.

        Raises:
            OutputError: one cannot be removed.
        """

    def upload(self, name: str, file: Path) -> None:
        """Copy a file of this machine to the output, unless it is there already.

        Raises:
            OutputError: it cannot be written.
        """


class FolderOutput:
    """Results in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def holds(self, name: str) -> bool:
        """Whether a file of that name exists."""
        return (self.folder / name).exists()

    def write(self, name: str, data: str | bytes) -> None:
        """Write a file atomically, and make the folders it needs."""
        path = self.folder / name
        make_folder(path.parent)
        write_atomically(path, data)

    def remove_other_pages(self, names: Collection[str]) -> None:
        """Remove the files of other pages."""
        folder = PurePosixPath(next(iter(names))).parent
        found = [str(folder / file.name) for file in (self.folder / folder).iterdir()]
        for name in stale_pages(found, names):
            try:
                (self.folder / name).unlink()
            except OSError as error:
                raise OutputError(f"{name} cannot be removed: {error.strerror}.") from error

    def upload(self, name: str, file: Path) -> None:
        """Do nothing: the file is in the folder."""
        assert file == self.folder / name  # noqa: S101


class BucketOutput:
    """Results as objects in a bucket, through fsspec; failed writes are retried."""

    folder = None

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        try:
            self._filesystem, self._root = open_filesystem(self._address)
        except DocumentError as error:
            raise UsageError(str(error)) from None

    def holds(self, name: str) -> bool:
        """Whether an object of that name exists."""
        return bool(self._retry(self._filesystem.exists, f"{self._root}/{name}"))

    def write(self, name: str, data: str | bytes) -> None:
        """Put an object; readers of the bucket get the old one or the new one."""
        data = data.encode() if isinstance(data, str) else data
        self._retry(self._filesystem.pipe_file, f"{self._root}/{name}", data)

    def remove_other_pages(self, names: Collection[str]) -> None:
        """Remove the objects of other pages."""
        folder = PurePosixPath(next(iter(names))).parent
        place = f"{self._root}/{folder}"
        found = self._retry(lambda place: self._filesystem.ls(place, detail=False), place)
        for name in stale_pages((f"{folder}/{PurePosixPath(path).name}" for path in found), names):
            self._retry(self._filesystem.rm_file, f"{self._root}/{name}")

    def upload(self, name: str, file: Path) -> None:
        """Put a file as an object."""
        target = f"{self._root}/{name}"
        self._retry(lambda _: self._filesystem.put_file(str(file), target), target)

    def _retry(self, work: Callable[..., T], path: str, *arguments: bytes) -> T:
        try:
            return Retrying(
                retry=retry_if_exception_type(OSError),
                stop=stop_after_attempt(_ATTEMPTS),
                wait=wait_random_exponential(_FIRST_PAUSE, _LONGEST_PAUSE),
                reraise=True,
            )(work, path, *arguments)
        except Exception as error:  # each file system has errors of its own
            raise OutputError(f"{path} cannot be written to {self._address}: {error}.") from error


def open_output(address: str) -> Output:
    """Return the output that `--out` names: a bucket's address, or a folder that may not exist yet.

    Raises:
        UsageError: the address is a file, or of a kind that needs another package.
    """
    if is_remote(address):
        return BucketOutput(address)
    folder = Path(address).absolute()
    if os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112 - never raise
        raise UsageError(f"{address} is a file; --out takes a folder or a bucket's address.")
    return FolderOutput(folder)
