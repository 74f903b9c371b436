"""The words that a page which a test draws holds."""

from collections.abc import Callable
from io import BytesIO

import pypdfium2
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.documents.pages import Geometry, PageOptions
from lighton_ocr.documents.prepare import prepare

OPTIONS = PageOptions(Geometry(1288, 28), with_own_text=True)
DRAWN = "Each of the samples was weighed twice."


def nothing(canvas: Canvas) -> None:
    """Add nothing."""


def own_text(draw: Callable[[Canvas], None], rotation: int = 0) -> OwnText:
    """The words of a page of 300 by 400 points with one sentence and what `draw` adds."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(300, 400))
    canvas.drawString(30, 300, DRAWN)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    turned = pypdfium2.PdfDocument(file.getvalue())
    turned[0].set_rotation(rotation)
    turned.save(file := BytesIO())
    turned.close()
    with open_document(Source("a.pdf", file.getvalue())) as document:
        return prepare(document, 0, OPTIONS).own_text


def of_kind(text: OwnText, kind: str) -> str:
    return " ".join(word.text for word in text.words if word.kind == kind)
