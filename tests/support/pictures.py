"""Pages as images in formats that clients send."""

import base64
from io import BytesIO
from pathlib import Path

from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.pages import Geometry


def picture(path: Path, format: str) -> str:
    """Return a document's first page as a data URL, in one of Pillow's formats."""
    buffer = BytesIO()
    with open_document(load_source(str(path))) as document:
        document.render(0, Geometry(1000, 1)).image.save(buffer, format)
    return f"data:image/{format.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
