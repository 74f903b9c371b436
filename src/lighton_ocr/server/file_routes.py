"""`/v1/files`: upload a document to read it later, as Mistral's client does."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.file_store import SIGNED, FileStore, StoredFile
from lighton_ocr.server.openapi import ERRORS, UPLOAD
from lighton_ocr.server.sources import file_name

router = APIRouter(responses=ERRORS)
_FIELDS = {"purpose": ("ocr",), "visibility": ("workspace", "user")}
_HOUR = 3600
_MOST_HOURS = 168


class FileInfo(BaseModel):
    """A file as Mistral's client reads it."""

    id: str
    object: str = "file"
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: str = "ocr"
    sample_type: str = "ocr_input"
    source: str = "upload"
    deleted: bool = False


class DeletedFile(BaseModel):
    """The answer to a deletion."""

    id: str
    object: str = "file"
    deleted: bool = True


class SignedUrl(BaseModel):
    """An address that gives a file without a key, until it expires."""

    url: str


@router.post("/v1/files", openapi_extra=UPLOAD)
async def upload(request: Request) -> FileInfo:
    """Upload a document, to be read with `{"type": "file", "file_id": …}`."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(415, "A file is uploaded as a form: curl -F file=@report.pdf -F purpose=ocr.")
    async with request.form(max_files=1, max_fields=8) as form:
        for name, value in form.multi_items():
            if name != "file" and value not in _FIELDS.get(name, ()):
                raise Refused(422, f"This value of `{name[:100]}` is not supported.", name[:100])
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refused(
                422, "The form has no `file`: curl -F file=@report.pdf sends one.", "file"
            )
        name = file_name(file.filename or "")
        store = _store(request)
        return _info(await asyncio.to_thread(store.add, name, file.file, file.size or 0))


@router.get("/v1/files/{file_id}")
def retrieve(request: Request, file_id: str) -> FileInfo:
    """Describe a file."""
    return _info(_store(request).find(file_id))


@router.delete("/v1/files/{file_id}")
def delete(request: Request, file_id: str) -> DeletedFile:
    """Delete a file."""
    _store(request).remove(file_id)
    return DeletedFile(id=file_id)


@router.get("/v1/files/{file_id}/url")
def signed_url(
    request: Request, file_id: str, expiry: Annotated[int, Query(ge=1, le=_MOST_HOURS)] = 24
) -> SignedUrl:
    """Return an address that gives the file without a key, for `expiry` hours."""
    store = _store(request)
    path = store.sign(store.find(file_id), expiry * _HOUR)
    return SignedUrl(url=str(request.base_url).rstrip("/") + path)


@router.get(SIGNED + "{file_id}", include_in_schema=False)
def signed_file(request: Request) -> Response:
    """Send the file of a signed address."""
    file = _store(request).open_signed(str(request.url))
    if file is None:
        raise Refused(401, "The file's address has no signature.")
    headers = {"X-Content-Type-Options": "nosniff"}  # never a page of this server
    return FileResponse(
        file.path, 200, headers, media_type="application/octet-stream", filename=file.name
    )


def _store(request: Request) -> FileStore:
    store: FileStore = request.app.state.files
    return store


def _info(file: StoredFile) -> FileInfo:
    return FileInfo(
        id=file.id,
        bytes=file.size,
        created_at=file.created_at,
        expires_at=file.expires_at,
        filename=file.name,
    )
