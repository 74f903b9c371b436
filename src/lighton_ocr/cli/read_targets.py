"""Where each document's text goes: standard output, one file, or a folder of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lighton_ocr._files import check_writable
from lighton_ocr.documents import Source
from lighton_ocr.errors import OutputError, UsageError
from lighton_ocr.formats import find_format

STDOUT = None
_JOINABLE = {"md", "jsonl"}  # formats that stay what they are when one follows the other


@dataclass(frozen=True)
class Targets:
    """The format, and a path for each document; None stands for standard output."""

    format: str
    paths: tuple[Path | None, ...]


def plan_targets(
    sources: Sequence[Source], several: bool, output: str | None, format: str | None
) -> Targets:
    """Decide where the documents' texts go, and that they can.

    `several` were asked for, even if only one of them is there.

    Raises:
        UsageError: no such format, several documents that would not fit into one output, or a
            document that would be overwritten.
        OutputError: the place cannot be written to.
    """
    name = format or _format_of(output)
    find_format(name)
    if output in (None, "-"):
        if several and name not in _JOINABLE:
            raise UsageError(f"Several documents as {name} need a folder: -o FOLDER/.")
        return Targets(name, (STDOUT,) * len(sources))
    path = Path(output or "")
    if not (several or path.is_dir() or str(output).endswith("/")):
        check_writable(path)
        return _spared(sources, Targets(name, (path,)))
    if path.suffix and not path.is_dir():
        raise UsageError("Several documents cannot go into one file: -o FOLDER/.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be made: {error.strerror}.") from error
    return _spared(
        sources, Targets(name, tuple(path / file for file in _file_names(sources, name)))
    )


def _spared(sources: Sequence[Source], targets: Targets) -> Targets:
    """The targets, unless one is a document that is to be read (`-o *.pdf` without a name)."""
    inputs = [source.data for source in sources if isinstance(source.data, Path)]
    for path in filter(None, targets.paths):
        if path.exists() and any(path.samefile(file) for file in inputs):
            raise UsageError(f"{path} is to be read, not written: give -o another name.")
    return targets


def _format_of(output: str | None) -> str:
    suffix = Path(output or "").suffix.lower().removeprefix(".")
    return suffix if suffix in ("html", "json", "jsonl") else "md"


def _file_names(sources: Sequence[Source], suffix: str) -> list[str]:
    """One name each, on macOS and Windows too; the second `report` or `Report` gets a -2."""
    names: list[str] = []
    taken: set[str] = set()
    for source in sources:
        name, number = source.stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{source.stem}-{number}"
        names.append(name)
        taken.add(name.casefold())
    return [f"{name}.{suffix}" for name in names]
