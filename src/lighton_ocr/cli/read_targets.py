"""Decide where each document's text goes: standard output, one file, or a folder of files."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lighton_ocr._files import check_writable, make_folder, shorten_name, write_atomically
from lighton_ocr.cli.display import warn, write_bytes, write_text
from lighton_ocr.cli.process import check_standard_output
from lighton_ocr.cli.read_job import ReadJob
from lighton_ocr.cli.rescue import rescue
from lighton_ocr.documents import DocumentFile, Source
from lighton_ocr.errors import OutputError, UsageError
from lighton_ocr.formats import DEFAULT, FORMATS, Format, Original, find_format, format_of
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.files import pages_folder, write_results
from lighton_ocr.formats.options import OutputOptions, check_options

STDOUT = None


@dataclass(frozen=True)
class Targets:
    """How documents are written, and a path for each; None stands for standard output."""

    format: Format
    options: OutputOptions
    paths: tuple[Path | None, ...]

    def write(self, document: DocumentResult, target: Path | None, file: DocumentFile) -> None:
        """Write a document to its target, with the files that belong to it beside that.

        `file` is the document's own.

        Raises:
            DocumentError: the format is made from the document's file, and that is not possible.
            OutputError: it cannot be written; the message says where the document is instead.
        """
        try:
            self._write(document, target, file)
        except OutputError as error:
            raise self.rescue(error, document, target, file) from error
        except BrokenPipeError:
            raise
        except OSError as error:  # a temporary file, for one
            fault = OutputError(f"{target or 'The result'} cannot be written: {error.strerror}.")
            raise self.rescue(fault, document, target, file) from error

    def pages_to_read(self, file: DocumentFile, chosen: Sequence[int]) -> Sequence[int]:
        """See `Format.pages_to_read`; warnings are printed."""
        return self.format.pages_to_read(Original(file, warn), chosen)

    def copy(self, file: DocumentFile, target: Path | None) -> list[Path]:
        """Write a document as it is; return the path that was written, if it is one.

        Raises:
            OutputError: it cannot be written.
        """
        if target is STDOUT:
            write_bytes(file.path.read_bytes())
            return []
        write_atomically(target, file.path.read_bytes())
        return [target]

    def rescue(
        self,
        error: OutputError,
        document: DocumentResult,
        target: Path | None,
        file: DocumentFile,
    ) -> OutputError:
        """Keep a document that its target does not take; return an error that says where."""
        stem = shorten_name(Path(document.source).stem)
        name = f"{stem}.{self.format.name}" if target is STDOUT else target.name
        text = FORMATS[DEFAULT] if self.format.needs_original else self.format
        return rescue(
            error,
            name,
            lambda path: self._write(document, path, file),
            None if target is STDOUT else lambda: write_text(text.render(document, self.options)),
        )

    def written(self, path: Path) -> Path:
        """Return what was written for a document whose target is that path."""
        return pages_folder(path) if self.options.per_page else path

    def _write(self, document: DocumentResult, target: Path | None, file: DocumentFile) -> None:
        original = Original(file, warn)
        if target is not STDOUT:
            write_results(document, target, self.format, self.options, original)
        elif self.format.needs_original:
            write_bytes(self.format.encode(document, self.options, original))
        else:
            write_text(self.format.render(document, self.options))


def plan_targets(job: ReadJob, sources: Sequence[Source]) -> Targets:
    """Decide where the texts of a job's documents go, and check that they can be written.

    `sources` are the documents that exist. With `per_page`, a path names a document's pages, and is
    not written itself.

    Raises:
        UsageError: no such format, several documents that do not fit into one output, or a
            document that would be overwritten.
        OutputError: the target cannot be written.
    """
    output, options = job.output, job.options
    several = len(job.files) > 1  # even if only one of them exists
    to_stdout = output in (None, "-")
    is_folder = not to_stdout and (os.path.isdir(str(output)) or str(output).endswith("/"))  # noqa: PTH112 - never raises
    if job.format is None and not to_stdout and not is_folder and not several:
        chosen = format_of(Path(str(output)))
    else:
        chosen = find_format(job.format or DEFAULT)
    check_options([chosen], options)
    if to_stdout:
        if options.per_page:
            raise UsageError("--per-page writes files: say where, with -o FOLDER/.")
        check_standard_output()
        if chosen.needs_original and sys.stdout.isatty():
            raise UsageError(f"A {chosen.name} file needs a name: -o FILE.{chosen.name}.")
        if several and not chosen.joinable:
            raise UsageError(f"Several documents as {chosen.name} need a folder: -o FOLDER/.")
        return Targets(chosen, options, (STDOUT,) * len(sources))
    path = Path(output or "")
    if not (several or is_folder):
        if options.per_page and not path.suffix:
            path = path.with_name(f"{path.name}.{chosen.name}")
        check_writable(path)
        return _check_inputs(sources, Targets(chosen, options, (path,) * len(sources)))
    if path.suffix and not is_folder:
        raise UsageError("Several documents cannot go into one file: -o FOLDER/.")
    make_folder(path)
    paths = tuple(path / name for name in _file_names(sources, chosen.name))
    if paths:
        check_writable(paths[0])
    return _check_inputs(sources, Targets(chosen, options, paths))


def _check_inputs(sources: Sequence[Source], targets: Targets) -> Targets:
    """Return the targets, unless one is an input itself (`-o *.pdf` without a name)."""
    inputs = [source.data for source in sources if isinstance(source.data, Path)]
    for path in filter(None, targets.paths):
        if os.path.exists(path) and any(path.samefile(file) for file in inputs):  # noqa: PTH110
            raise UsageError(f"{path} is an input and would be overwritten: give -o another name.")
    return targets


def _file_names(sources: Sequence[Source], suffix: str) -> list[str]:
    """Return unique names, ignoring case as macOS and Windows do: the second `report` gets a -2."""
    names: list[str] = []
    taken: set[str] = set()
    for source in sources:
        stem, number = shorten_name(source.stem), 1
        name = stem
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
        taken.add(name.casefold())
    return [f"{name}.{suffix}" for name in names]
