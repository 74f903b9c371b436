"""Find the documents in folders and behind patterns, and count what is left out."""

import glob
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lighton_ocr._access import describe_os_error
from lighton_ocr._text import pluralize
from lighton_ocr.documents.sources import SUFFIXES

_MOST_KINDS = 5  # that a message names


@dataclass
class LeftOut:
    """Files that were left out because of their names: how many, by suffix."""

    kinds: Counter[str] = field(default_factory=Counter)

    def takes(self, name: str) -> bool:
        """Whether a file looks like a document; one that does not is counted."""
        suffix = PurePosixPath(name).suffix.lower()
        if suffix in SUFFIXES:
            return True
        self.kinds[suffix or "no suffix"] += 1
        return False

    def __str__(self) -> str:
        """Return a sentence about them, empty if there are none."""
        if not self.kinds:
            return ""
        shown = self.kinds.most_common(_MOST_KINDS)
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in shown)
        more = ", …" if len(self.kinds) > _MOST_KINDS else ""
        left = "was left out because of its name"
        if self.kinds.total() > 1:
            left = "were left out because of their names"
        return (
            f"{pluralize(self.kinds.total(), 'file')} {left} ({kinds}{more}). "
            "A file that you name is read, whatever its suffix."
        )


@dataclass(frozen=True)
class UnlistedFolder:
    """A folder whose names cannot be read, and why."""

    path: Path
    reason: str


def walk_folder(
    root: Path, output: Path | None, left_out: LeftOut
) -> Iterator[Path | UnlistedFolder]:
    """Yield a folder's documents: its own before those of its folders, by name.

    Hidden entries and the folder `output` are left out. Links to folders elsewhere are followed;
    no folder is listed twice, so links in a circle end.
    """
    inside = os.path.realpath(root)
    seen: set[tuple[int, int]] = set()

    def walk(folder: str) -> Iterator[Path | UnlistedFolder]:
        folders = []
        try:
            status = os.stat(folder)  # noqa: PTH116
            if (status.st_dev, status.st_ino) in seen:
                return
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield UnlistedFolder(Path(folder), describe_os_error(error, Path(folder)))
            return
        for entry in listed:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                # What lies inside the root is found by its own name.
                if not entry.is_symlink() or not _lies_in(entry.path, inside):
                    folders.append(entry.path)
            elif left_out.takes(entry.name):
                yield Path(entry.path)
        for path in folders:
            if output is None or os.path.realpath(path) != os.path.realpath(output):
                yield from walk(path)

    yield from walk(str(root))


def walk_glob(pattern: Path, left_out: LeftOut) -> Iterator[tuple[Path, Path]]:
    """Yield the documents that match a pattern, each with the folder in front of its wildcards."""
    root = pattern
    while glob.has_magic(str(root)):
        root = root.parent
    for name in glob.iglob(str(pattern), recursive=True):  # noqa: PTH207 - Path's lists links, too
        # A pipe is no regular file, but opening it says so.
        if not os.path.isdir(name) and left_out.takes(name):  # noqa: PTH112
            yield Path(name), root


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _lies_in(path: str, folder: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(folder)
