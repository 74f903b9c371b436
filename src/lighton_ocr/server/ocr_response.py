"""The answer of `/v1/ocr`: Mistral's schema, with `error` and `warnings` for each page."""

import base64
from pathlib import PurePosixPath

from pydantic import BaseModel

from lighton_ocr.documents.pages import POINTS_PER_INCH, PreparedPage
from lighton_ocr.formats import FORMATS, Original, markdown
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.document_reader import DocumentListener, OpenedDocument
from lighton_ocr.server.ocr_request import OcrOptions
from lighton_ocr.server.page_blocks import OcrBlock, corners, page_blocks
from lighton_ocr.server.page_parts import OcrTable, PageParts, take_parts

_WITHOUT_COMMENTS = OutputOptions(page_breaks="none")  # warnings have a field of their own


class Dimensions(BaseModel):
    """The size of the page image that the model read, in pixels."""

    dpi: int
    height: int
    width: int

    @property
    def size(self) -> tuple[int, int]:
        """The width and the height."""
        return self.width, self.height


class OcrImage(BaseModel):
    """A figure, linked in the Markdown by its `id`; corners are in pixels of the page image."""

    id: str
    top_left_x: int
    top_left_y: int
    bottom_right_x: int
    bottom_right_y: int
    image_base64: str | None = None


class OcrPage(BaseModel):
    """A page; `index` counts from 0. `error` says why a page could not be read."""

    index: int
    markdown: str
    images: list[OcrImage] = []
    tables: list[OcrTable] = []
    header: str | None = None
    footer: str | None = None
    dimensions: Dimensions | None
    blocks: list[OcrBlock] | None = None
    warnings: list[str] = []
    error: str | None = None


class UsageInfo(BaseModel):
    """What was read."""

    pages_processed: int
    doc_size_bytes: int


class OcrResponse(BaseModel):
    """A document's pages, in the order in which they were asked for."""

    pages: list[OcrPage]
    model: str
    usage_info: UsageInfo
    document_annotation: str | None = None


class PageDimensions(DocumentListener):
    """Remembers the size of each page's image."""

    def __init__(self, wants_blocks: bool) -> None:
        self.wants_blocks = wants_blocks
        self._sizes: dict[int, Dimensions | None] = {}

    def on_prepared(self, page: PreparedPage, preview: bytes | None) -> None:
        """Remember the size."""
        self._sizes[page.index] = dimensions(page)

    def response(
        self, document: OpenedDocument, result: DocumentResult, options: OcrOptions
    ) -> OcrResponse:
        """Return the answer for a document that was read."""
        pages: list[OcrPage] = []
        tables = 0
        for page in result.pages:
            parts = take_parts(page, options, first_table=tables)
            tables += len(parts.tables)
            found = self._page(parts, bool(options.include_image_base64))
            if options.include_blocks and page.blocks and found.dimensions:
                found.blocks = page_blocks(page, found.dimensions.size)
            pages.append(found)
        return OcrResponse(pages=pages, model=result.model, usage_info=usage(document))

    def _page(self, parts: PageParts, with_images: bool) -> OcrPage:
        page = parts.page
        size = self._sizes.get(page.page - 1)
        return OcrPage(
            index=page.page - 1,
            markdown=page_markdown(page),
            images=_images(page, size, with_images),
            tables=list(parts.tables),
            header=parts.header,
            footer=parts.footer,
            dimensions=size,
            warnings=list(page.warnings),
            error=page.warnings[-1] if page.failed else None,
        )


def dimensions(page: PreparedPage) -> Dimensions | None:
    """Return the size of a page's image, None if it could not be rendered."""
    if page.size is None or page.size_pt is None:
        return None
    width, height = page.size
    dpi = max(page.size) / max(page.size_pt) * POINTS_PER_INCH
    return Dimensions(dpi=round(dpi), height=height, width=width)


def usage(document: OpenedDocument) -> UsageInfo:
    """Return what was read of a document."""
    return UsageInfo(pages_processed=len(document.chosen), doc_size_bytes=document.size)


def page_markdown(page: PageResult) -> str:
    """Return a page's Markdown; a comment stands for one that failed."""
    return markdown.render_page(page, options=_WITHOUT_COMMENTS).rstrip("\n")


def output(name: str, document: DocumentResult, original: Original) -> dict[str, str]:
    """Return a document in a format, as the stream's last event carries it.

    Raises:
        DocumentError: the format is made from the document's file, and that is not possible.
    """
    format = FORMATS[name]
    data = format.encode(document, DEFAULT_OPTIONS, original)
    found = {"media_type": format.media_type, "name": output_name(document.source, name)}
    if format.needs_original:
        return found | {"base64": base64.b64encode(data).decode()}
    return found | {"text": data.decode()}


def output_name(source: str, format: str) -> str:
    """Return the name of a result's file."""
    return f"{PurePosixPath(source).stem}.{format}"


def _images(page: PageResult, size: Dimensions | None, with_data: bool) -> list[OcrImage]:
    if size is None:
        return []
    return [
        OcrImage(
            id=figure.name,
            image_base64=f"data:image/jpeg;base64,{figure.jpeg}" if with_data else None,
            **corners(figure.box, size.size),
        )
        for figure in page.figures
    ]
