"""What to read: files, folders, globs, lists, web and bucket addresses, as a stream."""

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
_LONGEST_PART = 200  # bytes of a file name; file systems take 255, with the suffix


@dataclass(frozen=True)
class Input:
    """One document to read.

    `address` is an absolute path or a URL, to open it by; `stem` is where its result goes in the
    output: a relative path with `/`, without suffix.
    """

    address: str
    stem: str

    @property
    def name(self) -> str:
        """What tells it from other documents in the journal and in results."""
        return printable(self.address)


def find_inputs(arguments: Iterable[str], output: Path | None = None) -> Iterator[Input]:
    """Every document behind the arguments, in the order in which they name them.

    Folders are walked in alphabetical order, without hidden entries and without the folder
    `output`; of what they and globs hold, files that look like documents are taken. Nothing is
    opened, and no more than one folder's names are held at a time.

    Raises:
        UsageError: a list, folder or pattern that is not there or holds nothing.
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
    """Whether it is an fsspec address such as `s3://bucket/key`."""
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
    path = Path(os.path.abspath(argument))  # noqa: PTH100 - links stay what they are named
    if path.is_dir():
        found = _walk(path, path, output)
    elif glob.has_magic(argument) and not path.exists():
        found = _glob(path)
    else:
        yield _file(path, path.parent)  # if it is not there, opening it says so
        return
    yield from _at_least_one(found, argument)


def _walk(folder: Path, root: Path, output: Path | None) -> Iterator[Input]:
    """Files before folders, so that a folder's own documents come together."""
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
        elif _looks_like_a_document(entry.name):
            yield _file(Path(entry.path), root)
    for path in folders:
        if Path(path) != output:
            yield from _walk(Path(path), root, output)


def _glob(pattern: Path) -> Iterator[Input]:
    root = pattern
    while glob.has_magic(str(root)):
        root = root.parent
    for name in glob.iglob(str(pattern), recursive=True):  # noqa: PTH207 - Path's lists links, too
        path = Path(name)
        if _looks_like_a_document(name) and path.is_file():
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
            names = (name for name in filesystem.glob(root) if _looks_like_a_document(name))
            while glob.has_magic(root):
                root = str(PurePosixPath(root).parent)
        else:
            names = (
                f"{folder}/{name}"
                for folder, _, files in filesystem.walk(root)
                for name in sorted(files)
                if _looks_like_a_document(name)
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
    """The fsspec file system behind an address, and the path in it.

    Raises:
        DocumentError: nothing here knows how to open such an address.
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
        raise UsageError(f"There is no document in {argument}: it holds none of {kinds}.")
    yield first
    yield from found


def _looks_like_a_document(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _relative_stem(path: Path, root: Path) -> str:
    return _safe(path.relative_to(root).with_suffix("").as_posix())


def _safe(stem: str) -> str:
    """A relative path that stays inside the output, whatever a bucket's keys or a URL hold."""
    parts = [_short(part) for part in stem.replace("\\", "/").replace("\0", "").split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "document"


def _short(part: str) -> str:
    part = printable(part).replace("\\", "%")  # on Windows, a backslash begins another part
    return part.encode()[:_LONGEST_PART].decode(errors="ignore")
