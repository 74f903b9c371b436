"""The results of a finished batch, found by the documents' digests."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from lighton_ocr.documents import Document
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.results import PageResult, failed_page

_MANIFEST = "manifest.jsonl"
_SEPARATOR = re.compile(r"^<!-- page (\d+)( could not be read)? -->$", re.MULTILINE)


def is_batch_folder(path: Path) -> bool:
    """Whether `lighton-ocr batch` has written there."""
    return os.path.isfile(path / _MANIFEST)  # noqa: PTH113 - never raises


class BatchFolder:
    """Gives the pages that a batch has read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        lines = (folder / _MANIFEST).read_text("utf-8").splitlines()
        self._rows = {row["sha256"]: row for row in map(json.loads, lines) if row["sha256"]}
        self._pages: dict[str, dict[int, PageResult]] = {}

    def read(self, document: Document, index: int) -> PageResult:
        """Return the page of that index (from 0); a page that is not there is marked as failed.

        Raises:
            UsageError: the batch has not read this document.
        """
        if document.name not in self._pages:
            self._pages[document.name] = self._load(document.name)
        number = index + 1
        missing = failed_page(number, f"{self._folder} has no text of page {number}.")
        return self._pages[document.name].get(number, missing)

    def _load(self, name: str) -> dict[int, PageResult]:
        digest = hashlib.sha256(Path(name).read_bytes()).hexdigest()
        names = self._rows[digest]["results"] if digest in self._rows else []
        results = {Path(result).suffix: self._folder / result for result in names}
        if ".json" in results:
            return _of_json(json.loads(results[".json"].read_text("utf-8")))
        if ".md" in results:
            return split_markdown(results[".md"].read_text("utf-8"))
        raise UsageError(
            f"{self._folder} has no text of {name}, as .json or .md. Read it with `lighton-ocr "
            "batch`, or leave the folder out."
        )


def _of_json(document: dict[str, Any]) -> dict[int, PageResult]:
    kept = ("page", "text", "finish", "doubt", "seconds", "confidence")
    pages = [PageResult(**{name: page[name] for name in kept}) for page in document["pages"]]
    return {page.page: page for page in pages}


def split_markdown(text: str) -> dict[int, PageResult]:
    """Return the pages of a document, by their numbers; one without separators is a single page."""
    found = list(_SEPARATOR.finditer(text))
    if not found:
        return {1: PageResult(1, text.strip(), "stop")}
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {
        int(match[1]): failed_page(int(match[1]), "The batch could not read it.")
        if match[2]
        else PageResult(int(match[1]), text[match.end() : end].strip(), "stop")
        for match, end in zip(found, ends, strict=True)
    }
