"""What a PDF holds besides what its pages draw."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from lighton_ocr._text import pluralize, printable
from lighton_ocr.documents.sources import SUFFIXES

_MOST_NAMES = 3  # that a message quotes
_MOST_ANNOTATIONS = 1000  # of a page that are looked at
# What pdfium does not draw by itself; it draws notes, and what brings its own picture.
_DRAWINGS = (
    raw.FPDF_ANNOT_STAMP,
    raw.FPDF_ANNOT_INK,
    raw.FPDF_ANNOT_LINE,
    raw.FPDF_ANNOT_POLYGON,
    raw.FPDF_ANNOT_POLYLINE,
)
_MEDIA = (
    raw.FPDF_ANNOT_SOUND,
    raw.FPDF_ANNOT_MOVIE,
    raw.FPDF_ANNOT_SCREEN,
    raw.FPDF_ANNOT_RICHMEDIA,
    raw.FPDF_ANNOT_THREED,
)


def describe_unread(document: pdfium.PdfDocument, attached: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each thing that a reader may miss: documents within, dynamic forms.

    `attached` are the names of the documents within.
    """
    if attached:
        yield _say_attached("The file", attached)
    if raw.FPDF_GetFormType(document) == raw.FORMTYPE_XFA_FULL:
        yield (
            "The file is a dynamic form (XFA), which only Adobe's programs show. Print it there to "
            "a PDF and read that."
        )


def attached_documents(document: pdfium.PdfDocument) -> list[str]:
    """Return the names of the documents that are attached to a file.

    Attachments that are no documents, such as the data of an electronic invoice, are not missed.
    """
    attachments = (document.get_attachment(i) for i in range(document.count_attachments()))
    return [name for attachment in attachments if _is_document(name := _name(attachment))]


def describe_attached(page: pdfium.PdfPage, number: int, attached: Sequence[str]) -> Iterator[str]:
    """Yield a sentence about the documents that hang on a page, besides those `attached`."""
    names = [_attached_file(annotation) for annotation in _annotations(page)]
    others = [name for name in names if _is_document(name) and name not in attached]
    if others:
        yield _say_attached(f"Page {number}", others)


def describe_undrawn(page: pdfium.PdfPage) -> str | None:
    """Return what hangs on a page on which nothing is seen, None if nothing does."""
    return next(filter(None, map(_describe, _annotations(page))), None)


def _say_attached(place: str, names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_NAMES else ""
    quoted = ", ".join(printable(name) for name in names[:_MOST_NAMES])
    advice = "save and read it by itself"
    if len(names) > 1:
        advice = "save and read them by themselves"
    return f"{place} holds {pluralize(len(names), 'attached document')} ({quoted}{more}): {advice}."


def _annotations(page: pdfium.PdfPage) -> Iterator[Any]:
    for index in range(min(_MOST_ANNOTATIONS, raw.FPDFPage_GetAnnotCount(page))):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield annotation
            finally:
                raw.FPDFPage_CloseAnnot(annotation)


def _describe(annotation: Any) -> str | None:
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == raw.FPDF_ANNOT_FILEATTACHMENT:
        return f"an attached file ({printable(_attached_file(annotation)) or 'without a name'})"
    if kind in _MEDIA:
        return "a video, a sound or a 3D model"
    return "a drawing that programs show differently" if kind in _DRAWINGS else None


def _attached_file(annotation: Any) -> str:
    """Return the name of the file behind an annotation, empty if there is none."""
    if raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_FILEATTACHMENT:
        return ""
    attachment = raw.FPDFAnnot_GetFileAttachment(annotation)
    return _name(pdfium.PdfAttachment(attachment, None)) if attachment else ""


def _name(attachment: pdfium.PdfAttachment) -> str:
    try:
        return str(attachment.get_name())
    except pdfium.PdfiumError:  # damaged
        return ""


def _is_document(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES
