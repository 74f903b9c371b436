"""A line of the manifest as the journal has it: a document, and figures derived from its pages."""

import json
from dataclasses import dataclass
from typing import Any

from lighton_ocr.batch.own_text_totals import OWN_TEXT_TOTALS
from lighton_ocr.batch.records import DOCUMENT_COLUMNS, DocumentRecord, document_from_row

# What the manifest says about the pages of a document: one more figure is one more line here.
FIGURES = {
    "tokens": "CAST(total(completion_tokens) AS INTEGER)",
    "warnings": "json_group_array(json(warnings)) FILTER (WHERE warnings != '[]')",
    "warned_pages": "json_group_array(page) FILTER (WHERE warnings != '[]')",
    "lowest_confidence": "round(min(confidence), 3)",
    "own_text": OWN_TEXT_TOTALS,
    "own_text_pages": "json_group_array(page) FILTER (WHERE json_extract(own_text, '$.used'))",
}
_PAGES = (
    "FROM pages WHERE pages.digest = documents.digest AND pages.settings_id = documents.settings_id"
)
MANIFEST_QUERY = (
    f"SELECT settings.description, {', '.join(f'documents.{name}' for name in DOCUMENT_COLUMNS)}, "  # noqa: S608
    + ", ".join(f"(SELECT {figure} {_PAGES})" for figure in FIGURES.values())
    + " FROM documents LEFT JOIN settings ON settings.id = documents.settings_id"
)


@dataclass(frozen=True)
class ManifestRow:
    """A document, the settings it was read with in words, and the figures of its pages."""

    document: DocumentRecord
    read_by: str | None
    figures: dict[str, Any]


def manifest_row(row: tuple[Any, ...]) -> ManifestRow:
    """Return what a row of the query holds."""
    read_by, *values = row
    count = len(DOCUMENT_COLUMNS)
    figures = dict(zip(FIGURES, values[count:], strict=True))
    by_page = json.loads(figures["warnings"])
    figures["warnings"] = [warning for warnings in by_page for warning in warnings]
    figures["warned_pages"] = sorted(json.loads(figures["warned_pages"]))
    figures["own_text_pages"] = sorted(json.loads(figures["own_text_pages"]))
    figures["own_text"] = json.loads(figures["own_text"])
    return ManifestRow(document_from_row(values[:count]), read_by, figures)
