"""manifest.jsonl: one line for each document that was read, kept or failed."""

import json
import os
from pathlib import Path

from lighton_ocr._access import describe_os_error
from lighton_ocr.batch.journal import RESERVED_STEM, Journal
from lighton_ocr.batch.manifest_rows import ManifestRow
from lighton_ocr.batch.outputs import Output
from lighton_ocr.errors import OutputError
from lighton_ocr.formats.files import result_names

NAME = f"{RESERVED_STEM}.jsonl"


class Manifest:
    """Written from the journal, at the start and at the end of a run; in between, lines are added.

    The new line of a document that has one already is written at the end of the run, so that it
    never has two. The manifest of a bucket is in the state folder and uploaded at the start and at
    the end, because an object cannot be appended to.
    """

    def __init__(self, journal: Journal, output: Output, state: Path) -> None:
        self._journal = journal
        self._output = output
        self._path = (output.folder or state) / NAME

    def rewrite(self) -> None:
        """Write all lines atomically.

        Raises:
            OutputError: the manifest cannot be written.
        """
        try:
            part = self._path.with_name(f".{NAME}.part")
            with part.open("w", encoding="utf-8") as file:
                file.writelines(map(_line, self._journal.manifest_rows()))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise self._not_writable(error) from error
        self._output.upload(NAME, self._path)

    def add(self, address: str) -> None:
        """Add the line of a document that has none yet.

        Raises:
            OutputError: the manifest cannot be written.
        """
        line = _line(self._journal.manifest_row(address))
        try:
            # One unbuffered write: a process that is killed leaves the whole line or nothing.
            with self._path.open("ab", buffering=0) as file:
                file.write(line.encode())
        except OSError as error:
            raise self._not_writable(error) from error

    def _not_writable(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._path} cannot be written: {describe_os_error(error, self._path)}."
        )


def _line(row: ManifestRow) -> str:
    document = row.document
    results = []
    if document.formats:
        per_page = bool(json.loads(document.options).get("per_page"))
        pages = document.pages or 1
        formats = document.formats.split(",")
        results = result_names(document.stem, formats, pages, per_page=per_page)
    line = {
        "source": document.address,
        "state": document.state,
        "results": results,
        "pages": document.pages,
        "failed_pages": document.failed_pages,
        **row.figures,
        "sha256": document.digest,
        "read_by": row.read_by,
        "error": document.error,
    }
    return json.dumps(line, ensure_ascii=False) + "\n"
