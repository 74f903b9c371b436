"""Where a request's document comes from: a form's file, the body itself, or an address in JSON."""

import asyncio
import base64
import binascii
import json
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes

import anyio
from fastapi import Request
from starlette.datastructures import UploadFile

from lighton_ocr.documents.sources import DocumentFile, printable
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.ocr_request import (
    DocumentUrl,
    FileId,
    FormRequest,
    ImageUrl,
    OcrOptions,
    OcrRequest,
)

_FORM = "multipart/form-data"
_JSON = "application/json"
_BINARY = ("application/pdf", "application/octet-stream")
_MOST_FIELDS = 32
_LONGEST_NAME = 200


@dataclass(frozen=True)
class OcrJob:
    """A request that was received: its options, and its document as a file."""

    options: OcrOptions
    file: DocumentFile


async def receive(request: Request, folder: Path) -> OcrJob:
    """Receive a request; its document is written to `folder`.

    Raises:
        Refused: there is no document in it, it is malformed, or of a kind that is not read (415).
        ValidationError: a field is wrong.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _FORM:
        return await _receive_form(request, folder)
    if media_type == _JSON:
        return await _receive_json(request, folder)
    if media_type and media_type not in _BINARY and not media_type.startswith("image/"):
        raise Refused(
            415,
            f"A document comes as a form (curl -F file=@report.pdf), as JSON, or as the body with "
            f"Content-Type: application/pdf, not {media_type[:100]}.",
        )
    options = FormRequest.model_validate(dict(request.query_params))
    path = folder / "body"
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in request.stream():
            await file.write(chunk)
    return OcrJob(options, _document(path, "document"))


async def _receive_form(request: Request, folder: Path) -> OcrJob:
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        uploads = [value for value in form.values() if isinstance(value, UploadFile)]
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        options = FormRequest.model_validate({**request.query_params, **fields})
        if not uploads:
            raise Refused(422, "The form has no file: curl -F file=@report.pdf sends one.", "file")
        path = folder / "upload"
        await asyncio.to_thread(_copy, uploads[0], path)
        return OcrJob(options, _document(path, uploads[0].filename or "document"))


def _copy(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file)


async def _receive_json(request: Request, folder: Path) -> OcrJob:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused(400, "The request is not valid JSON.") from None
    options = OcrRequest.model_validate(body)
    path = folder / "document"
    name = await asyncio.to_thread(_save, options.document, path)
    return OcrJob(options, _document(path, name))


def _save(document: DocumentUrl | ImageUrl | FileId, path: Path) -> str:
    """Write a document's bytes to a new file, and return its name."""
    match document:
        case DocumentUrl(document_url=url, document_name=name):
            path.write_bytes(_from_data_url(url, "document.document_url"))
            return name or "document"
        case ImageUrl(image_url=address):
            url = address if isinstance(address, str) else address.url
            path.write_bytes(_from_data_url(url, "document.image_url"))
            return "image"
        case FileId(file_id=file_id):
            raise Refused(404, f"There is no file {file_id[:100]}.", "document.file_id")


def _from_data_url(url: str, field: str) -> bytes:
    head, comma, data = url.partition(",")
    if not comma or not head.lower().startswith("data:"):
        raise Refused(422, f"`{field}` must be a data URL: this server fetches no address.", field)
    try:
        raw = unquote_to_bytes(data)
        return base64.b64decode(raw, validate=True) if head.lower().endswith(";base64") else raw
    except (ValueError, binascii.Error):
        raise Refused(422, f"`{field}` holds no valid base64.", field) from None


def _document(path: Path, name: str) -> DocumentFile:
    if not path.stat().st_size:
        raise Refused(422, "The document is empty: there is nothing to read.")
    base = PurePosixPath(name.replace("\\", "/")).name[:_LONGEST_NAME]
    return DocumentFile(path, printable(base) or "document")
