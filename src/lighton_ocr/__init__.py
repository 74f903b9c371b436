"""Convert documents to Markdown, through any endpoint that serves a LightOnOCR model.

import lighton_ocr

print(lighton_ocr.read("invoice.pdf").markdown)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from lighton_ocr.api import aread, open_endpoint, read
    from lighton_ocr.documents import Document, Input, load_source, open_document
    from lighton_ocr.endpoint import Endpoint
    from lighton_ocr.errors import (
        AccessDenied,
        DocumentError,
        EndpointBusy,
        EndpointError,
        EndpointGone,
        EngineFailed,
        LightonOcrError,
        ModelMissing,
        OutputError,
        PageError,
        PasswordNeeded,
        RequestFailed,
        RequestRefused,
        TooManyFailures,
        UnknownFormat,
        UsageError,
        WeightsMissing,
    )
    from lighton_ocr.formats.document_result import DocumentResult
    from lighton_ocr.reading.attempts import Attempt, AttemptSettings, PageBudget
    from lighton_ocr.reading.blocks import Block
    from lighton_ocr.reading.reader import Listener, Reader
    from lighton_ocr.reading.results import Figure, PageResult

_MODULES = {
    "api": ("aread", "open_endpoint", "read"),
    "documents": ("Document", "Input", "load_source", "open_document"),
    "endpoint": ("Endpoint",),
    "formats.document_result": ("DocumentResult",),
    "errors": (
        "AccessDenied",
        "DocumentError",
        "EndpointBusy",
        "EndpointError",
        "EndpointGone",
        "EngineFailed",
        "LightonOcrError",
        "ModelMissing",
        "OutputError",
        "PageError",
        "PasswordNeeded",
        "RequestFailed",
        "RequestRefused",
        "TooManyFailures",
        "UnknownFormat",
        "UsageError",
        "WeightsMissing",
    ),
    "reading.attempts": ("Attempt", "AttemptSettings", "PageBudget"),
    "reading.reader": ("Listener", "Reader"),
    "reading.blocks": ("Block",),
    "reading.results": ("Figure", "PageResult"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AccessDenied",
    "Attempt",
    "AttemptSettings",
    "Block",
    "Document",
    "DocumentError",
    "DocumentResult",
    "Endpoint",
    "EndpointBusy",
    "EndpointError",
    "EndpointGone",
    "EngineFailed",
    "Figure",
    "Input",
    "LightonOcrError",
    "Listener",
    "ModelMissing",
    "OutputError",
    "PageBudget",
    "PageError",
    "PageResult",
    "PasswordNeeded",
    "Reader",
    "RequestFailed",
    "RequestRefused",
    "TooManyFailures",
    "UnknownFormat",
    "UsageError",
    "WeightsMissing",
    "__version__",
    "aread",
    "load_source",
    "open_document",
    "open_endpoint",
    "read",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `lighton-ocr --help` and the Modal container do without most of it.
    if name == "__version__":
        from importlib.metadata import version

        return version("lighton-ocr")
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
