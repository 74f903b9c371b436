"""What the journal stores, and how it becomes rows of its tables; `schema.sql` has the fields."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from pydantic import TypeAdapter

from lighton_ocr.batch.own_text_totals import OwnTextTotals
from lighton_ocr.reading.results import PageResult

DocumentState = Literal["open", "done", "kept", "failed"]
DONE_WITH_OTHER_SETTINGS = "done_with_other_settings"


@dataclass(frozen=True)
class DocumentRecord:
    """What the journal knows about a document."""

    address: str
    stem: str
    state: DocumentState
    etag: str | None = None
    digest: str | None = None
    pages: int | None = None
    settings_id: int | None = None
    formats: str | None = None
    options: str = "{}"
    failed_pages: tuple[int, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class PageRecord:
    """The result of a page, with the document and the settings that it belongs to."""

    digest: str
    settings_id: int
    result: PageResult


@dataclass(frozen=True)
class RunRecord:
    """One call of the command.

    `started` and `ended` are Unix times in seconds; `ended` is None while it runs and if it was
    killed. `stats` is JSON, see `BatchStats.as_json`.
    """

    started: float
    ended: float | None
    model: str
    endpoint: str
    stats: str | None


@dataclass(frozen=True)
class WarnedPage:
    """A page with warnings; `confidence` is as in a `PageResult`."""

    address: str
    page: int
    confidence: float | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Totals:
    """The documents of a journal by state, and its pages, tokens and differences.

    Pages count that the last run could use: those that were read with its settings. Others of the
    documents are `pages_with_other_settings`, and documents whose results are made of them have the
    state `DONE_WITH_OTHER_SETTINGS`.
    """

    documents: dict[str, int]
    pages: int
    pages_read: int
    pages_failed: int
    pages_with_other_settings: int
    tokens: int
    own_text: OwnTextTotals


DOCUMENT_COLUMNS = tuple(field.name for field in fields(DocumentRecord))
RESULT_COLUMNS = tuple(field.name for field in fields(PageResult))
_AS_JSON = ("attempts", "warnings", "own_text", "blocks", "figures", "size_pt")
_RESULT = TypeAdapter(PageResult)


def document_row(document: DocumentRecord) -> tuple[Any, ...]:
    """Return a document's values in the order of DOCUMENT_COLUMNS."""
    return _to_row(document, "failed_pages")


def document_from_row(row: Iterable[Any]) -> DocumentRecord:
    """Return the document of a row."""
    values = _from_row(DOCUMENT_COLUMNS, row, "failed_pages")
    return DocumentRecord(**values | {"failed_pages": tuple(values["failed_pages"])})


def result_row(result: PageResult) -> tuple[Any, ...]:
    """Return a result's values in the order of RESULT_COLUMNS."""
    return _to_row(result, *_AS_JSON)


def result_from_row(row: Iterable[Any]) -> PageResult:
    """Return the result of a row."""
    return _RESULT.validate_python(_from_row(RESULT_COLUMNS, row, *_AS_JSON))


def _to_row(record: DocumentRecord | PageResult, *as_json: str) -> tuple[Any, ...]:
    values = asdict(record)
    return tuple((values | {name: json.dumps(values[name]) for name in as_json}).values())


def _from_row(columns: tuple[str, ...], row: Iterable[Any], *as_json: str) -> dict[str, Any]:
    values = dict(zip(columns, row, strict=True))
    return values | {name: json.loads(values[name]) for name in as_json}
