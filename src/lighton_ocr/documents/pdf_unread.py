"""What a PDF holds besides its pages."""

from collections.abc import Iterator
from pathlib import PurePosixPath

import pypdfium2 as pdfium
from pypdfium2 import raw

from lighton_ocr._text import pluralize, printable
from lighton_ocr.documents.sources import SUFFIXES

_MOST_NAMES = 3  # that a message quotes


def describe_unread(document: pdfium.PdfDocument) -> Iterator[str]:
    """Yield a sentence for each thing that a reader may miss: documents within, dynamic forms.

    Attachments that are no documents, such as the data of an electronic invoice, are not missed.
    """
    names = [name for name in _attachments(document) if _is_document(name)]
    if names:
        more = ", …" if len(names) > _MOST_NAMES else ""
        quoted = ", ".join(printable(name) for name in names[:_MOST_NAMES])
        documents = pluralize(len(names), "attached document")
        yield f"The file holds {documents} ({quoted}{more}): save and read them by themselves."
    if raw.FPDF_GetFormType(document) == raw.FORMTYPE_XFA_FULL:
        yield (
            "The file is a dynamic form (XFA), which only Adobe's programs show. Print it there to "
            "a PDF and read that."
        )


def _attachments(document: pdfium.PdfDocument) -> Iterator[str]:
    for index in range(document.count_attachments()):
        try:
            yield document.get_attachment(index).get_name()
        except pdfium.PdfiumError:  # damaged
            continue


def _is_document(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES
