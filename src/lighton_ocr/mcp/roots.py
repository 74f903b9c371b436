"""The folders whose documents an assistant may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lighton_ocr._text import printable
from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.errors import DocumentError, UsageError

_LONGEST_NAME = 200  # characters of a path that messages repeat


@dataclass(frozen=True)
class Roots:
    """Folders, with symbolic links resolved."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, folders: Sequence[Path]) -> Self:
        """Return these folders as roots.

        Raises:
            UsageError: one of them is no folder.
        """
        for folder in folders:
            if not folder.is_dir():
                raise UsageError(f"--root {folder}: there is no such folder.")
        return cls(tuple(folder.resolve() for folder in folders))

    def find(self, path: str) -> DocumentFile:
        """Return the file that an assistant names: an absolute path, or one relative to a root.

        Of a path outside the roots, the error does not say whether there is a file.

        Raises:
            DocumentError: it is outside, there is no such file, or it is empty.
        """
        name = printable(path[:_LONGEST_NAME])
        try:
            inside = [found for found in self._candidates(path) if self._contain(found)]
            files = [found for found in inside if found.is_file()]
            is_empty = bool(files) and not files[0].stat().st_size
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a zero byte
            why = getattr(error, "strerror", None) or str(error).rstrip(".")
            raise DocumentError(f"{name} cannot be opened: {why}.") from None
        if not inside:
            raise DocumentError(
                f"{name} is outside the folders that may be read ({self}). To allow another, start "
                "`lighton-ocr mcp` with one more --root FOLDER."
            )
        if not files:
            raise DocumentError(f"There is no file {name} in {self}.")
        if is_empty:
            raise DocumentError(f"{name} is empty: there is nothing to read.")
        return DocumentFile(files[0], name)

    def __str__(self) -> str:
        """Return the folders as a list for messages."""
        return ", ".join(str(folder) for folder in self.folders)

    def _candidates(self, path: str) -> list[Path]:
        """Return what the path may mean: `folder / path` is `path` itself if that is absolute."""
        expanded = Path(path).expanduser()
        return [(folder / expanded).resolve() for folder in self.folders]

    def _contain(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self.folders)
