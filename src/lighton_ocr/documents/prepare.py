"""A page made ready to be sent."""

from lighton_ocr.documents.document import Document
from lighton_ocr.pages import EncodedPage, Encoding, Geometry, encode


def prepare(
    document: Document, index: int, geometry: Geometry, encoding: Encoding
) -> EncodedPage | None:
    """Render and encode the page of that index (from 0); None if nothing is on it.

    Raises:
        PageError: the page is broken.
    """
    page = document.render(index, geometry)
    return None if page.is_blank else encode(page, encoding)
