"""Where a request's document comes from: a form's file, the body itself, or a URL in JSON."""

import asyncio
import logging
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import anyio
from fastapi import Request
from starlette.datastructures import UploadFile

from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.json_body import json_body
from lighton_ocr.server.ocr_request import FileId, FormRequest, OcrOptions, OcrRequest
from lighton_ocr.server.sources import DocumentSources, file_name

_FORM = "multipart/form-data"
_JSON = "application/json"
_BINARY = ("application/pdf", "application/octet-stream")
_MOST_FIELDS = 32

logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # else it writes to stderr


@dataclass(frozen=True)
class OcrJob:
    """A request that was received: its options, and its document as a file."""

    options: OcrOptions
    file: DocumentFile


async def receive(request: Request, sources: DocumentSources, folder: Path) -> OcrJob:
    """Receive a request; its document is written to `folder`.

    Raises:
        Refused: there is no document in it, it is malformed, or of a kind that is not read (415).
        ValidationError: a field is wrong.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _FORM:
        return await _receive_form(request, folder)
    if media_type == _JSON:
        return await _receive_json(request, sources, folder)
    if media_type and media_type not in _BINARY and not media_type.startswith("image/"):
        raise Refused(
            415,
            f"Send the document as a form (curl -F file=@report.pdf), as JSON, or as the body with "
            f"Content-Type: application/pdf, not {media_type[:100]}.",
        )
    options = FormRequest.model_validate(dict(request.query_params))
    path = folder / "body"
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in request.stream():
            await file.write(chunk)
    return OcrJob(options, document_file(path, "document", options.password))


async def _receive_form(request: Request, folder: Path) -> OcrJob:
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        uploads = [value for value in form.values() if isinstance(value, UploadFile)]
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        if not uploads:
            raise Refused(422, "The form has no file: curl -F file=@report.pdf sends one.", "file")
        given = (*request.query_params.multi_items(), *form.multi_items())
        names = Counter(name for name, _ in given)
        if repeated := next((name for name, count in names.items() if count > 1), None):
            raise Refused(422, f"The field `{repeated}` is there more than once.", repeated)
        options = FormRequest.model_validate({**request.query_params, **fields})
        path = folder / "upload"
        await asyncio.to_thread(save_upload, uploads[0], path)
        return OcrJob(
            options, document_file(path, uploads[0].filename or "document", options.password)
        )


def save_upload(upload: UploadFile, path: Path) -> None:
    """Write a form's file to a new file."""
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file)


async def _receive_json(request: Request, sources: DocumentSources, folder: Path) -> OcrJob:
    options = OcrRequest.model_validate(await json_body(request))
    path = folder / "document"
    name = await sources.load(options.document, path)
    # The document is a file by now; its data URL may be large, and reading takes long.
    options = options.model_copy(update={"document": FileId(file_id="")})
    return OcrJob(options, document_file(path, name, options.password))


def document_file(path: Path, name: str, password: str | None) -> DocumentFile:
    """Return a document that was received, under a name that may be shown.

    Raises:
        Refused: it is empty (422).
    """
    if not path.stat().st_size:
        raise Refused(422, "The document is empty: there is nothing to read.")
    return DocumentFile(path, file_name(name), password)
