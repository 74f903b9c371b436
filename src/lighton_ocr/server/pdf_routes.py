"""`POST /v1/pdf`: make a document searchable with the text that was read before."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, Field
from starlette.datastructures import UploadFile

from lighton_ocr._text import pluralize
from lighton_ocr.documents.boxes import BOX_SIZE, Box
from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.formats import Original
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.reading.blocks import Block, BoxSource
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.cleanup import cleanup
from lighton_ocr.server.document_reader import DocumentReader
from lighton_ocr.server.fair_queue import queued_request
from lighton_ocr.server.json_body import parse_json
from lighton_ocr.server.limits import PageText
from lighton_ocr.server.ocr_request import check_format
from lighton_ocr.server.ocr_response import output
from lighton_ocr.server.openapi import ERRORS, PDF
from lighton_ocr.server.uploads import document_file, save_upload

router = APIRouter(responses=ERRORS)
_MOST_PARTS = 1_000_000  # of a result: a thousand pages, each with dozens of blocks, have fewer
_EXAMPLE = "curl -F file=@scan.pdf -F result=@scan.json"


class SearchablePdf(BaseModel):
    """The document and its warnings, as the last event of a stream of `/v1/ocr` carries them."""

    outputs: dict[str, dict[str, str]]
    warnings: list[str]


def _on_page(box: Box) -> Box:
    left, top, right, bottom = box
    if not (0 <= left <= right <= BOX_SIZE and 0 <= top <= bottom <= BOX_SIZE):
        raise ValueError("must be left, top, right and bottom, from 0 to 1000")
    return box


class _ReadBlock(BaseModel):
    box: Annotated[Box, AfterValidator(_on_page)] | None
    text: PageText
    box_from: BoxSource


class _ReadPage(BaseModel):
    page: Annotated[int, Field(ge=1)]
    text: PageText
    blocks: list[_ReadBlock]


class _ReadDocument(BaseModel):
    pages: list[_ReadPage]


class _PdfRequest(BaseModel):
    """`result` is a document in the format `json`; what a PDF does not need is left out."""

    result: _ReadDocument


@router.post("/v1/pdf", openapi_extra=PDF)
async def pdf(
    request: Request, stack: Annotated[AsyncExitStack, Depends(cleanup)]
) -> SearchablePdf:
    """Make a searchable PDF of a document and its result in JSON, without reading it again."""
    check_format("pdf", None)
    reader: DocumentReader = request.app.state.reader
    queued = queued_request(request, "pdf")
    stack.enter_context(reader.queue.admit(queued))
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="lighton-ocr-")))
    file, result = await _receive(request, folder)
    warnings: list[str] = []
    # One at a time: a result takes many times its bytes, and OCRmyPDF all cores.
    async with request.app.state.pdf_lock:
        pages = await asyncio.to_thread(_load, result)
        opened = await reader.open(file, queued, lambda count: _indices(file.name, pages, count))
        model, label = reader.endpoint.model.id, reader.endpoint.label
        read = DocumentResult(file.name, pages, model, label, opened.page_count)
        made = await asyncio.to_thread(output, "pdf", read, Original(file, warnings.append))
    return SearchablePdf(outputs={"pdf": made}, warnings=warnings)


async def _receive(request: Request, folder: Path) -> tuple[DocumentFile, Path]:
    """Write the form's two files to a folder, and return the document and the result's path."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(415, f"Send a document and its result as a form: {_EXAMPLE}.")
    async with request.form(max_files=2, max_fields=1) as form:
        file, result, password = (form.get(name) for name in ("file", "result", "password"))
        if not (isinstance(file, UploadFile) and isinstance(result, UploadFile)):
            missing = "result" if isinstance(file, UploadFile) else "file"
            raise Refused(422, f"The form has no file `{missing}`: {_EXAMPLE}.", missing)
        paths = folder / "upload", folder / "result"
        for upload, path in zip((file, result), paths, strict=True):
            await asyncio.to_thread(save_upload, upload, path)
        password = password if isinstance(password, str) else None
        return document_file(paths[0], file.filename or "document", password), paths[1]


def _load(path: Path) -> tuple[PageResult, ...]:
    """Return the pages of a result in JSON.

    Raises:
        Refused: that is no JSON, or too much of it (400).
        ValidationError: it is no result.
    """
    value = parse_json(path.read_bytes(), _MOST_PARTS)
    read = _PdfRequest.model_validate({"result": value}).result
    return tuple(map(_page, read.pages))


def _page(page: _ReadPage) -> PageResult:
    blocks = (Block("text", one.box, one.text, box_from=one.box_from) for one in page.blocks)
    return PageResult(page.page, page.text, "stop", blocks=tuple(blocks))


def _indices(name: str, pages: Sequence[PageResult], count: int) -> Sequence[int]:
    """Return the indices (from 0) of the pages that were read of a document of `count` pages.

    Raises:
        Refused: it has no such pages (422).
    """
    last = max((page.page for page in pages), default=0)
    if last > count:
        raise Refused(
            422,
            f"{name} has {pluralize(count, 'page')}, and `result` has a page {last}: send "
            "the result of this document.",
            "result",
        )
    return [page.page - 1 for page in pages]
