"""`POST /v1/ocr`: read a document, and answer in Mistral's schema, as events or as a file."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from lighton_ocr.errors import DocumentError
from lighton_ocr.formats import FORMATS, Original
from lighton_ocr.formats.options import DEFAULT_OPTIONS
from lighton_ocr.server.cleanup import cleanup
from lighton_ocr.server.document_reader import DocumentReader, OpenedDocument
from lighton_ocr.server.event_stream import EventStream
from lighton_ocr.server.fair_queue import QueuedRequest, queued_request
from lighton_ocr.server.ocr_request import FormRequest
from lighton_ocr.server.ocr_response import (
    OcrResponse,
    PageDimensions,
    output,
    output_name,
    usage,
)
from lighton_ocr.server.openapi import OCR, OCR_RESPONSES
from lighton_ocr.server.until_gone import until_gone
from lighton_ocr.server.uploads import OcrJob, receive

_LOG = logging.getLogger(__name__)
router = APIRouter()


@router.post("/v1/ocr", response_model=OcrResponse, openapi_extra=OCR, responses=OCR_RESPONSES)
async def ocr(request: Request, stack: Annotated[AsyncExitStack, Depends(cleanup)]) -> Response:
    """Read a document: a PDF or an image."""
    reader: DocumentReader = request.app.state.reader
    queued = queued_request(request, "ocr")
    stack.enter_context(reader.queue.admit(queued))
    folder = stack.enter_context(TemporaryDirectory(prefix="lighton-ocr-"))
    job = await receive(request, request.app.state.sources, Path(folder))
    is_stream = job.options.stream or "text/event-stream" in request.headers.get("accept", "")
    job.options.check(reader.endpoint, is_stream=is_stream)
    document = await reader.open(
        job.file, queued, lambda count: job.options.choose(count, job.file.name)
    )
    if is_stream:
        events = _events(reader, job, document, queued)
        await stack.enter_async_context(aclosing(events))
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
        )
    return await until_gone(request, _answer(reader, job, document, queued))


async def _answer(
    reader: DocumentReader, job: OcrJob, document: OpenedDocument, queued: QueuedRequest
) -> Response:
    listener = PageDimensions(job.options.wants_blocks)
    result = await reader.read(document, queued, listener)
    if isinstance(job.options, FormRequest) and (name := job.options.format):
        file = quote(output_name(result.source, name))
        format, original = FORMATS[name], Original(job.file, _LOG.info)
        return Response(
            await asyncio.to_thread(format.encode, result, DEFAULT_OPTIONS, original),
            media_type=format.media_type,
            headers={
                "Content-Disposition": f"inline; filename*=UTF-8''{file}",
                "Content-Security-Policy": "sandbox",  # a document is no page of this server
                "X-Content-Type-Options": "nosniff",
            },
        )
    return JSONResponse(listener.response(document, result, job.options).model_dump())


def _events(
    reader: DocumentReader, job: OcrJob, document: OpenedDocument, queued: QueuedRequest
) -> AsyncGenerator[bytes]:
    options = job.options
    stream = EventStream(options.include_page_images, options.include_html, options.wants_blocks)

    async def work() -> None:
        stream.send(
            "document",
            {
                "id": queued.id,
                "name": document.file.name,
                "model": reader.endpoint.model.id,
                "pages": document.chosen,
                "page_count": document.page_count,
            },
        )
        result = await reader.read(document, queued, stream)
        warnings = [warning for page in result.pages for warning in page.warnings]
        original = Original(job.file, warnings.append)
        outputs = {}
        for name in job.options.formats:
            try:
                outputs[name] = await asyncio.to_thread(output, name, result, original)
            except DocumentError as error:  # a locked file gets no text, but its text can be had
                warnings.append(str(error))
        found = {"usage_info": usage(document).model_dump(), "warnings": warnings}
        stream.send("done", found | {"outputs": outputs})

    return stream.events(work())
