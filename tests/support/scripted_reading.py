"""A small PDF read through an endpoint, a scripted one mostly."""

from dataclasses import replace
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Document, Source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult


def document(pages: int = 1, lines: int = 1) -> Document:
    """A PDF with that many pages, each with that many lines."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(300, 400))
    for number in range(pages):
        for line in range(lines):
            canvas.drawString(20, 200 + 12 * (lines // 2 - line), f"page {number + 1}")
        canvas.showPage()
    canvas.save()
    return open_document(Source("a.pdf", file.getvalue()))


async def results(
    endpoint: Endpoint,
    pages: int = 1,
    listener: Listener | None = None,
    concurrency: int | None = None,
    lines: int = 1,
) -> list[PageResult]:
    """Its pages' results, in order."""
    with document(pages, lines) as opened:
        async with Reader(endpoint, listener=listener, concurrency=concurrency) as reader:
            return [result async for result in reader.read(opened)]


def embedded(endpoint: Endpoint) -> Endpoint:
    """The same server, taken for the embedded engine."""
    return replace(endpoint, software="llama.cpp", managed=True)
