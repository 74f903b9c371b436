"""JSON lines in the Dolma layout, with the fields that olmOCR writes.

Source of the layout: `build_dolma_document` in olmOCR's pipeline; the fields named after olmOCR
itself carry our name.
"""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version

from lighton_ocr.formats.document_result import DocumentResult


def render(document: DocumentResult) -> str:
    """Return one line. `pdf_page_numbers` holds [start, end, page] spans of characters."""
    text, spans = "", []
    for page in document.pages:
        start = len(text)
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
            "pdf-total-pages": len(document.pages),
            "total-input-tokens": sum(page.prompt_tokens for page in document.pages),
            "total-output-tokens": sum(page.completion_tokens for page in document.pages),
            "total-failed-pages": len(document.failed_pages),
        },
        "attributes": {"pdf_page_numbers": spans},
    }
    return json.dumps(record, ensure_ascii=False) + "\n"
