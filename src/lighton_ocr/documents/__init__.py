"""Open what people have (PDFs, images, standard input, URLs) as documents made of pages."""

from lighton_ocr.documents.document import Document, open_document
from lighton_ocr.documents.page_ranges import choose_pages
from lighton_ocr.documents.prepare import prepare, with_draft
from lighton_ocr.documents.sources import FetchLimits, Source, load_source

__all__ = [
    "Document",
    "FetchLimits",
    "Source",
    "choose_pages",
    "load_source",
    "open_document",
    "prepare",
    "with_draft",
]
