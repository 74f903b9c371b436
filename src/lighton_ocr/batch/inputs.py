"""Find the documents to read in files, folders, globs, lists, web and bucket addresses."""

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lighton_ocr._extras import install_command
from lighton_ocr._files import shorten_name
from lighton_ocr._text import printable
from lighton_ocr.batch.folders import LeftOut, UnlistedFolder, walk_folder, walk_glob
from lighton_ocr.batch.lists import read_list
from lighton_ocr.documents.sources import FILE_TYPES, url_stem
from lighton_ocr.documents.web import is_url, without_password
from lighton_ocr.errors import DocumentError, LightonOcrError, UsageError

_LIST = "@"


@dataclass(frozen=True)
class BatchInput:
    """One document to read.

    `address` is the absolute path or the URL that opens it; `stem` is the path of its results in
    the output, relative, with `/` and without suffix. With an `error`, there is no document: it
    says what is wrong with an argument, a line of a list or a folder.
    """

    address: str
    stem: str
    error: str | None = None

    @property
    def name(self) -> str:
        """Its address as it is shown: without a password and what cannot be printed."""
        return printable(without_password(self.address))


def find_inputs(
    arguments: Iterable[str], output: Path | None = None, left_out: LeftOut | None = None
) -> Iterator[BatchInput]:
    """Yield every document that the arguments name, in their order.

    Folders are walked in alphabetical order, without hidden entries and without the folder
    `output`. In folders and globs, only files with the suffix of a document count; the others are
    counted in `left_out`. Nothing is opened, and the names of only one folder at a time are in
    memory. A fault in one argument does not end the others: it is yielded as an input with an
    error.

    Raises:
        UsageError: no argument names a document, and one of them has a fault.
    """
    faults: list[BatchInput] = []
    found_one = False
    for found in _find(arguments, output, LeftOut() if left_out is None else left_out, ()):
        if found.error is None and not found_one:
            found_one = True
            yield from faults
        if found_one:
            yield found
        else:
            faults.append(found)
    if faults and not found_one:
        raise UsageError(faults[0].error)


def _find(
    arguments: Iterable[str], output: Path | None, left_out: LeftOut, lists: tuple[Path, ...]
) -> Iterator[BatchInput]:
    """Yield the inputs of arguments, which come from `lists`, the outermost list first."""
    for argument in arguments:
        try:
            if argument.startswith(_LIST):
                path = Path(os.path.realpath(argument.removeprefix(_LIST)))
                if path in lists:
                    raise UsageError(f"The list {path} names itself.")
                yield from _find(read_list(path), output, left_out, (*lists, path))
            elif is_url(argument):
                yield BatchInput(argument, _safe(url_stem(argument)))
            elif is_remote(argument):
                yield from _remote(argument, left_out)
            else:
                yield from _local(argument, output, left_out)
        except UsageError as error:
            yield _fault(argument, str(error))


def check_files(arguments: Iterable[str]) -> None:
    """Check that every file that the user names is there: a mistyped name is no document.

    Raises:
        UsageError: one is not.
    """
    for argument in arguments:
        if argument.startswith(_LIST) or is_remote(argument) or glob.has_magic(argument):
            continue
        if "\0" not in argument and not os.path.lexists(argument):
            raise UsageError(f"There is no file {printable(argument)}: is the name right?")


def is_remote(address: str) -> bool:
    """Whether an address is a URL or an fsspec address such as `s3://bucket/key`."""
    return "://" in address


def _local(argument: str, output: Path | None, left_out: LeftOut) -> Iterator[BatchInput]:
    if "\0" in argument:
        raise UsageError(f"{printable(argument)} is not a file name.")
    path = Path(os.path.abspath(argument))  # noqa: PTH100 - keeps the names of links
    # Unlike Path, os.path says of a name that is too long that there is no such file.
    if os.path.isdir(path):  # noqa: PTH112
        found = _folder(path, output, left_out)
    elif glob.has_magic(argument) and not os.path.exists(path):  # noqa: PTH110
        found = (_file(match, root) for match, root in walk_glob(path, left_out))
    else:
        yield _file(path, path.parent)  # if it does not exist, opening it fails
        return
    yield from _at_least_one(found, argument)


def _folder(root: Path, output: Path | None, left_out: LeftOut) -> Iterator[BatchInput]:
    if output is not None and os.path.realpath(root) == os.path.realpath(output):
        raise UsageError(
            f"{root} is also where results would be written, among the documents: name another "
            f"folder with --out, such as {root / 'results'}, which is left out when {root} is read."
        )
    for found in walk_folder(root, output, left_out):
        if isinstance(found, UnlistedFolder):
            name = printable(str(found.path))
            yield _fault(name, f"The folder {name} cannot be listed: {found.reason}.")
        else:
            yield _file(found, root)


def _fault(argument: str, error: str) -> BatchInput:
    return BatchInput(argument, _safe(PurePosixPath(argument).name), error)


def _file(path: Path, root: Path) -> BatchInput:
    return BatchInput(str(path), _relative_stem(path, root))


def _remote(argument: str, left_out: LeftOut) -> Iterator[BatchInput]:
    try:
        filesystem, root = open_filesystem(argument)
        if filesystem.isfile(root):
            yield BatchInput(argument, _safe(PurePosixPath(root).stem))
            return
        if glob.has_magic(root):
            names = (name for name in filesystem.glob(root) if left_out.takes(name))
            while glob.has_magic(root):
                root = str(PurePosixPath(root).parent)
        else:
            names = (
                f"{folder}/{name}"
                for folder, _, files in filesystem.walk(root)
                for name in sorted(files)
                if left_out.takes(name)
            )
        found = (
            BatchInput(filesystem.unstrip_protocol(name), _relative_stem(Path(name), Path(root)))
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


def _at_least_one(found: Iterator[BatchInput], argument: str) -> Iterator[BatchInput]:
    first = next(found, None)
    if first is None:
        raise UsageError(f"There is no document in {argument}: {FILE_TYPES} can be read.")
    yield first
    yield from found


def _relative_stem(path: Path, root: Path) -> str:
    return _safe(path.relative_to(root).with_suffix("").as_posix())


def _safe(stem: str) -> str:
    """Return a relative path that stays inside the output, whatever is in a key or a URL."""
    parts = [_shorten(part) for part in stem.replace("\\", "/").replace("\0", "").split("/")]
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "document"


def _shorten(part: str) -> str:
    part = printable(part).replace("\\", "%")  # on Windows, a backslash begins another part
    return shorten_name(part)
