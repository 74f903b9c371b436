"""JSON lines in the Dolma layout, with the fields that olmOCR writes.

Source of the layout: `build_dolma_document` in olmOCR's pipeline; the fields named after olmOCR
itself carry our name.
"""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.json import block_values
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions
from lighton_ocr.reading.blocks import Block, block_spans
from lighton_ocr.reading.results import PageResult


def render(document: DocumentResult, _: OutputOptions = DEFAULT_OPTIONS) -> str:
    """Return one line. `pdf_page_numbers` holds [start, end, page] spans of characters.

    `blocks`, if boxes were asked for, holds [start, end, block].
    """
    text, spans, blocks = "", [], []
    for page in document.pages:
        start = len(text)
        blocks += _block_spans(page, start)
        text += page.text.strip() + "\n" if page.text.strip() else ""
        spans.append([start, len(text), page.page])
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    record = {
        "id": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
        "text": text,
        "source": "lighton-ocr",
        "added": today,
        "created": today,
        "metadata": {
            "Source-File": document.source,
            "lighton-ocr-version": version("lighton-ocr"),
            "model": document.model,
            "pdf-total-pages": document.page_count,
            "total-input-tokens": sum(page.prompt_tokens for page in document.pages),
            "total-output-tokens": sum(page.completion_tokens for page in document.pages),
            "total-failed-pages": len(document.failed_pages),
        },
        "attributes": {"pdf_page_numbers": spans} | ({"blocks": blocks} if blocks else {}),
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def _block_spans(page: PageResult, start: int) -> list[list[Any]]:
    """Return the blocks of a page whose text begins at `start`, with their places in the text."""
    spans = block_spans(page.text.strip(), page.blocks)
    return [
        [start + begin, start + end, {"page": page.page, **_place(page, page.blocks[index])}]
        for index, (begin, end) in spans.items()
    ]


def _place(page: PageResult, block: Block) -> dict[str, Any]:
    values = block_values(page, block)
    return {name: values[name] for name in ("kind", "box", "box_pt")}
