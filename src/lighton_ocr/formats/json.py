"""JSON: every page with its attempts, tokens and warnings."""

import json
from dataclasses import asdict

from lighton_ocr.formats.document_result import DocumentResult


def render(document: DocumentResult) -> str:
    """Return one object: source, model, endpoint, and each `PageResult` under `pages`."""
    return json.dumps(asdict(document), ensure_ascii=False, indent=2) + "\n"
