"""`PUT /v1/process`: read a document for Open WebUI's external document loader."""

from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel

from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.cleanup import cleanup
from lighton_ocr.server.document_reader import DocumentListener, DocumentReader
from lighton_ocr.server.fair_queue import queued_request
from lighton_ocr.server.ocr_response import page_markdown
from lighton_ocr.server.openapi import ERRORS
from lighton_ocr.server.sources import file_name
from lighton_ocr.server.until_gone import until_gone
from lighton_ocr.server.uploads import receive

router = APIRouter(responses=ERRORS)
_FILE = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/pdf": _FILE, "image/*": _FILE}}}


class PageMetadata(BaseModel):
    """Where a text is from; `page` counts from 0, as other loaders of Open WebUI count."""

    source: str
    page: int


class LoadedPage(BaseModel):
    """A page that has text."""

    page_content: str
    metadata: PageMetadata


@router.put("/v1/process", openapi_extra=_BODY)
async def process(
    request: Request,
    stack: Annotated[AsyncExitStack, Depends(cleanup)],
    x_filename: Annotated[str, Header()] = "",
) -> list[LoadedPage]:
    """Read the body, a PDF or an image, for Open WebUI; its name is percent-encoded."""
    if request.query_params:
        raise Refused(422, "This address takes no parameters: /v1/ocr does.")
    reader: DocumentReader = request.app.state.reader
    queued = queued_request(request, "process")
    stack.enter_context(reader.queue.admit(queued))
    folder = stack.enter_context(TemporaryDirectory(prefix="lighton-ocr-"))
    job = await receive(request, request.app.state.sources, Path(folder))
    file = DocumentFile(job.file.path, file_name(unquote(x_filename) or job.file.name))
    document = await reader.open(file, queued, lambda count: job.options.choose(count, file.name))
    result = await until_gone(request, reader.read(document, queued, DocumentListener()))
    loaded = [
        LoadedPage(
            page_content=page_markdown(page),
            metadata=PageMetadata(source=file.name, page=page.page - 1),
        )
        for page in result.pages
        if page.text.strip() and not page.failed
    ]
    if not loaded:  # Open WebUI looks for the first words, and then tries its own loader
        warnings = " ".join(warning for page in result.pages for warning in page.warnings)
        raise Refused(422, f"No extractable text in {file.name}. {warnings}".strip())
    return loaded
