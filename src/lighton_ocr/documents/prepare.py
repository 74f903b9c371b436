"""A page made ready to be sent."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from lighton_ocr.documents.document import Document
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.pages import EncodedPage, Encoding, Geometry, PageImage, encode
from lighton_ocr.documents.splitting import pieces


def prepare(
    document: Document,
    index: int,
    geometry: Geometry,
    encoding: Encoding,
    *,
    drafted: bool = True,
) -> EncodedPage | None:
    """Render and encode the page of that index (from 0); None if nothing is on it.

    With its draft, if `drafted`, for servers that can use one.

    Raises:
        PageError: the page is broken.
    """
    page = document.render(index, geometry)
    if page.is_blank:
        return None
    tall = page.is_tall
    if tall:
        page = document.render(index, geometry.for_strip(*page.size_pt))
    if drafted:
        page = with_draft(page, document)
    return _one_above_the_other(pieces(page, geometry) if tall else [page], encoding)


def with_draft(page: PageImage, document: Document) -> PageImage:
    """The page, and what its document's own text says is on it.

    Whatever is wrong with that text: the page can be read without.
    """
    with suppress(Exception):
        return replace(page, draft=draft(document.text_layer(page.index)))
    return page


def _one_above_the_other(cut: Sequence[PageImage], encoding: Encoding) -> EncodedPage | None:
    below = None
    for piece in reversed(cut):
        below = replace(encode(piece, encoding), below=below)
    return below
