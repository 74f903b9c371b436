"""Documents in, Markdown out, through any endpoint that serves a LightOnOCR model.

import lighton_ocr

print(lighton_ocr.read("invoice.pdf").markdown)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from lighton_ocr.api import open_endpoint, read
    from lighton_ocr.documents import Document, load_source, open_document
    from lighton_ocr.endpoint import Endpoint
    from lighton_ocr.errors import LightonOcrError
    from lighton_ocr.reading.reader import Listener, Reader
    from lighton_ocr.reading.results import DocumentResult, PageResult

_HOMES = {
    "Document": "documents",
    "DocumentResult": "reading.results",
    "Endpoint": "endpoint",
    "LightonOcrError": "errors",
    "Listener": "reading.reader",
    "Reader": "reading.reader",
    "PageResult": "reading.results",
    "load_source": "documents",
    "open_document": "documents",
    "open_endpoint": "api",
    "read": "api",
}

__all__ = [
    "Document",
    "DocumentResult",
    "Endpoint",
    "LightonOcrError",
    "Listener",
    "PageResult",
    "Reader",
    "__version__",
    "load_source",
    "open_document",
    "open_endpoint",
    "read",
]


def __getattr__(name: str) -> Any:
    # Late, so that `lighton-ocr --help` and the Modal container do not pay for what they leave out.
    if name == "__version__":
        from importlib.metadata import version

        return version("lighton-ocr")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
