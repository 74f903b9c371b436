"""From files, web addresses and standard input to images of pages."""

from lighton_ocr.documents.document import Document, open_document
from lighton_ocr.documents.page_ranges import choose_pages
from lighton_ocr.documents.prepare import ThreadPreparer, add_draft, prepare
from lighton_ocr.documents.sources import DocumentFile, Input, Source, load_source
from lighton_ocr.documents.web import FetchLimits

__all__ = [
    "Document",
    "DocumentFile",
    "FetchLimits",
    "Input",
    "Source",
    "ThreadPreparer",
    "add_draft",
    "choose_pages",
    "load_source",
    "open_document",
    "prepare",
]
