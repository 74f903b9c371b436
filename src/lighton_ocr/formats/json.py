"""JSON: every page with what it took to read it."""

import json
from dataclasses import asdict

from lighton_ocr.readings import DocumentReading


def render(document: DocumentReading) -> str:
    """One object: source, model, endpoint, and the fields of each `Reading` under `pages`."""
    return json.dumps(asdict(document), ensure_ascii=False, indent=2) + "\n"
