"""manifest.jsonl: a line for each document that has come to an end, true at any moment."""

import json
import os
from pathlib import Path

from lighton_ocr.batch.journal import RESERVED, Entry, Journal
from lighton_ocr.batch.outputs import Output
from lighton_ocr.errors import OutputError

NAME = f"{RESERVED}.jsonl"


class Manifest:
    """Derived from the journal: written anew at both ends of a run, added to in between.

    A document that already has a line gets its new one at the end of the run, so that no moment
    shows two. A bucket's manifest lies beside the journal and is uploaded at the ends, as objects
    cannot be added to.
    """

    def __init__(self, journal: Journal, output: Output, state: Path) -> None:
        self._journal = journal
        self._output = output
        self._path = (output.folder or state) / NAME

    def rewrite(self) -> None:
        """Write every line, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        try:
            part = self._path.with_name(f".{NAME}.part")
            with part.open("w", encoding="utf-8") as file:
                file.writelines(_line(*row) for row in self._journal.entries())
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from error
        self._output.upload(NAME, self._path)

    def add(self, entry: Entry, recipe: str | None) -> None:
        """Add the line of a document that has none yet; the same error."""
        try:
            # One write to the end of the file: a kill leaves it whole or out.
            with self._path.open("ab", buffering=0) as file:
                file.write(_line(entry, recipe).encode())
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(f"{self._path} cannot be written: {error.strerror}.")


def _line(entry: Entry, recipe: str | None) -> str:
    formats = entry.formats.split(",") if entry.formats else []
    line = {
        "source": entry.address,
        "state": entry.state,
        "results": [f"{entry.stem}.{name}" for name in formats],
        "pages": entry.pages,
        "failed_pages": entry.failed_pages,
        "tokens": entry.tokens,
        "sha256": entry.content,
        "read_by": recipe,
        "error": entry.error,
    }
    return json.dumps(line, ensure_ascii=False) + "\n"
