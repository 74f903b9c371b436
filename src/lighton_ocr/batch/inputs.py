"""Find the documents to read in files, folders, globs, lists, web and bucket addresses."""

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lighton_ocr._extras import install_command
from lighton_ocr.documents.sources import SUFFIXES, is_url, printable, url_stem
from lighton_ocr.errors import DocumentError, LightonOcrError, UsageError

_LIST = "@"
_LONGEST_NAME = 200  # bytes; file systems allow 255, suffix included


@dataclass(frozen=True)
class Input:
    """One document to read.

    `address` is the absolute path or the URL that opens it; `stem` is the path of its results in
    the output, relative, with `/` and without suffix.
    """

    address: str
    stem: str

    @property
    def name(self) -> str:
        """Its address without characters that cannot be printed, for the journal and results."""
        return printable(self.address)


def find_inputs(arguments: Iterable[str], output: Path | None = None) -> Iterator[Input]:
    """Yield every document that the arguments name, in their order.

    Folders are walked in alphabetical order, without hidden entries and without the folder
    `output`. In folders and globs, only files with the suffix of a document count. Nothing is
    opened, and the names of only one folder at a time are in memory.

    Raises:
        UsageError: a list, folder or pattern does not exist or names no document.
    """
    for argument in arguments:
        if argument.startswith(_LIST):
            yield from find_inputs(_lines(Path(argument.removeprefix(_LIST))), output)
        elif is_url(argument):
            yield Input(argument, _safe(url_stem(argument)))
        elif is_remote(argument):
            yield from _remote(argument)
        else:
            yield from _local(argument, output)


def is_remote(address: str) -> bool:
    """Whether an address is a URL or an fsspec address such as `s3://bucket/key`."""
    return "://" in address


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield line.strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The list {file} cannot be read: {error}.") from None


def _local(argument: str, output: Path | None) -> Iterator[Input]:
    path = Path(os.path.abspath(argument))  # noqa: PTH100 - keeps the names of links
    if path.is_dir():
        found = _walk(path, path, output)
    elif glob.has_magic(argument) and not path.exists():
        found = _glob(path)
    else:
        yield _file(path, path.parent)  # if it does not exist, opening it fails
        return
    yield from _at_least_one(found, argument)


def _walk(folder: Path, root: Path, output: Path | None) -> Iterator[Input]:
    """Yield the files of a folder before those of its subfolders."""
    folders = []
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"The folder {folder} cannot be listed: {error.strerror}.") from None
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
        elif _has_document_suffix(entry.name):
            yield _file(Path(entry.path), root)
    for path in folders:
        if Path(path) != output:
            yield from _walk(Path(path), root, output)


def _glob(pattern: Path) -> Iterator[Input]:
    root = pattern
    while glob.has_magic(str(root)):
        root = root.parent
    for name in glob.iglob(str(pattern), recursive=True):  # noqa: PTH207 - Path.glob treats links differently
        path = Path(name)
        if _has_document_suffix(name) and path.is_file():
            yield _file(path, root)


def _file(path: Path, root: Path) -> Input:
    return Input(str(path), _relative_stem(path, root))


def _remote(argument: str) -> Iterator[Input]:
    try:
        filesystem, root = open_filesystem(argument)
        if filesystem.isfile(root):
            yield Input(argument, _safe(PurePosixPath(root).stem))
            return
        if glob.has_magic(root):
            names = (name for name in filesystem.glob(root) if _has_document_suffix(name))
            while glob.has_magic(root):
                root = str(PurePosixPath(root).parent)
        else:
            names = (
                f"{folder}/{name}"
                for folder, _, files in filesystem.walk(root)
                for name in sorted(files)
                if _has_document_suffix(name)
            )
        found = (
            Input(filesystem.unstrip_protocol(name), _relative_stem(Path(name), Path(root)))
            for name in names
        )
        yield from _at_least_one(found, argument)
    except LightonOcrError as error:
        raise UsageError(str(error)) from None
    except Exception as error:  # each file system has errors of its own
        raise UsageError(f"{argument} cannot be listed: {error}.") from None


def open_filesystem(address: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path in it.

    Raises:
        DocumentError: no installed package can open such an address.
    """
    from fsspec.core import url_to_fs

    try:
        filesystem, path = url_to_fs(address, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        scheme = address.partition("://")[0]
        hint = install_command("s3") if scheme == "s3" else str(error)
        raise DocumentError(f"Addresses with {scheme}:// need another package: {hint}") from None
    return filesystem, path


def _at_least_one(found: Iterator[Input], argument: str) -> Iterator[Input]:
    first = next(found, None)
    if first is None:
        kinds = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
        raise UsageError(f"There is no document in {argument} ({kinds}).")
    yield first
    yield from found


def _has_document_suffix(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _relative_stem(path: Path, root: Path) -> str:
    return _safe(path.relative_to(root).with_suffix("").as_posix())


def _safe(stem: str) -> str:
    """Return a relative path that stays inside the output, whatever is in a key or a URL."""
    parts = [_shorten(part) for part in stem.replace("\\", "/").replace("\0", "").split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "document"


def _shorten(part: str) -> str:
    part = printable(part).replace("\\", "%")  # on Windows, a backslash begins another part
    return part.encode()[:_LONGEST_NAME].decode(errors="ignore")
