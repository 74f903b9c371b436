"""JSON: every page with what it took to read it."""

import json
from dataclasses import asdict

from lighton_ocr.reading.results import DocumentResult


def render(document: DocumentResult) -> str:
    """One object: source, model, endpoint, and the fields of each `PageResult` under `pages`."""
    return json.dumps(asdict(document), ensure_ascii=False, indent=2) + "\n"
