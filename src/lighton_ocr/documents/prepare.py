"""Prepare pages to be sent: render, split strips, add the draft, encode."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Protocol, TypeVar

from lighton_ocr.documents.document import Document
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.own_text import NO_TEXT, OwnText
from lighton_ocr.documents.pages import Geometry, PageImage, PageOptions, PreparedPage, encode
from lighton_ocr.documents.splitting import pieces
from lighton_ocr.errors import DocumentError

D_contra = TypeVar("D_contra", contravariant=True)
D = TypeVar("D")
T = TypeVar("T")

_PREVIEW_EDGE = 1540  # pixels
_PREVIEW_QUALITY = 85


class Worker(Protocol):
    """Does work that keeps a core busy, in a thread or in another process."""

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Return what `work` returns for these arguments, and raise what it raises.

        Raises:
            PageError: instead, from another process; or it crashes, or takes too long.
        """


class Threads:
    """Does the work in threads of this process."""

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """See `Worker`."""
        return await asyncio.to_thread(work, *args)


class Preparer(Worker, Protocol[D_contra]):
    """Prepares pages of documents, in this process (`ThreadPreparer`) or others (`RenderPool`)."""

    async def prepare(self, document: D_contra, index: int, options: PageOptions) -> PreparedPage:
        """Prepare the page of that index (from 0).

        Raises:
            DocumentError: the page, or its document, cannot be read.
        """


class ThreadPreparer(Threads):
    """Prepares pages of documents that this process has opened, in threads."""

    async def prepare(self, document: Document, index: int, options: PageOptions) -> PreparedPage:
        """See `Preparer`."""
        return await asyncio.to_thread(prepare, document, index, options)


async def try_to_prepare(
    preparer: Preparer[D], document: D, index: int, options: PageOptions
) -> PreparedPage:
    """Prepare a page; one that cannot be rendered comes back with its error."""
    try:
        return await preparer.prepare(document, index, options)
    except DocumentError as error:
        return PreparedPage(index, error=str(error))


def prepare(document: Document, index: int, options: PageOptions) -> PreparedPage:
    """Render and encode the page of that index (from 0); a blank page has no pieces.

    Raises:
        PageError: the page is broken.
    """
    page = document.render(index, options.geometry)
    if page.is_blank:
        return PreparedPage(
            index, warnings=page.warnings, size_pt=page.size_pt, size=page.image.size
        )
    is_strip = page.is_strip
    if is_strip:
        page = document.render(index, options.geometry.for_strip(*page.size_pt))
    if options.with_draft:
        page = add_draft(page, document)
    own_text = _own_text(page, document) if options.with_own_text else NO_TEXT
    images = pieces(page, options.geometry) if is_strip else [page]
    encoded = tuple(encode(image, options.encoding) for image in images)
    return PreparedPage(
        index,
        encoded,
        own_text=own_text,
        warnings=page.warnings,
        size_pt=page.size_pt,
        size=page.image.size,
    )


def preview(document: Document, index: int) -> bytes:
    """Return the page of that index (from 0) as a JPEG for people to look at.

    Raises:
        PageError: the page is broken.
    """
    page = document.render(index, Geometry(_PREVIEW_EDGE, grid=1))
    buffer = BytesIO()
    page.image.save(buffer, "JPEG", quality=_PREVIEW_QUALITY)
    return buffer.getvalue()


def _own_text(page: PageImage, document: Document) -> OwnText:
    # Whatever is wrong with that text, the page can be read without it.
    with suppress(Exception):
        return document.own_text(page)
    return NO_TEXT


def add_draft(page: PageImage, document: Document) -> PageImage:
    """Add the text that the document holds for the page.

    Whatever is wrong with that text, the page can be read without it.
    """
    with suppress(Exception):
        return replace(page, draft=draft(document.text_layer(page.index)))
    return page
