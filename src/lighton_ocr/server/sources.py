"""Get a file from a URL: a data URL, an uploaded file, or a web address where that is allowed."""

import asyncio
import base64
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes

from lighton_ocr._text import printable
from lighton_ocr.documents.sources import url_stem
from lighton_ocr.documents.web import is_url
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.file_store import FileStore, StoredFile
from lighton_ocr.server.ocr_request import DocumentUrl, FileId, ImageUrl
from lighton_ocr.server.url_fetcher import UrlFetcher

_LONGEST_NAME = 200


class DocumentSources:
    """Gets documents that requests name; `fetcher` None fetches nothing from the web."""

    def __init__(self, files: FileStore, fetcher: UrlFetcher | None) -> None:
        self._files = files
        self._fetcher = fetcher
        self._one_decodes = asyncio.Lock()  # decoding takes twice a document's memory

    async def load(self, document: DocumentUrl | ImageUrl | FileId, path: Path) -> str:
        """Write a document's bytes to a new file, and return the document's name.

        Raises:
            Refused: there is no such document, or it may not be fetched.
        """
        match document:
            case FileId(file_id=id):
                return await self._link(self._files.find(id), path)
            case DocumentUrl(document_url=url, document_name=name):
                return await self.save(url, path, "document.document_url", name)
            case ImageUrl(image_url=address):
                url = address if isinstance(address, str) else address.url
                return await self.save(url, path, "document.image_url")

    async def save(self, url: str, path: Path, field: str, name: str | None = None) -> str:
        """Write what a URL names to a new file, and return its name.

        Raises:
            Refused: there is no such document, or it may not be fetched; `field` has the URL.
        """
        if url[:5].lower() == "data:":
            async with self._one_decodes:
                await asyncio.to_thread(_save_data, url, path, field)
            return name or "document"
        if file := self._files.open_signed(url):
            return await self._link(file, path, name)
        if not is_url(url) or self._fetcher is None:
            others = "a data URL or an http(s) address" if self._fetcher else "a data URL"
            hint = "" if self._fetcher else "; with --allow-urls, the server fetches addresses"
            raise Refused(422, f"`{field}` must be {others}{hint}.", field)
        await self._fetcher.fetch(url, path)
        return name or url_stem(url)

    async def _link(self, file: StoredFile, path: Path, name: str | None = None) -> str:
        try:  # the file may be deleted meanwhile, and many requests may name it at once
            await asyncio.to_thread(path.hardlink_to, file.path)
        except FileNotFoundError:
            raise Refused(404, f"There is no file {file.id}: it was deleted.") from None
        return name or file.name


def file_name(name: str) -> str:
    """Return a name as it may be shown and saved: the last part of a path."""
    base = PurePosixPath(name.replace("\\", "/")).name[:_LONGEST_NAME]
    return printable(base) or "document"


def _save_data(url: str, path: Path, field: str) -> None:
    head, _, data = url.partition(",")
    try:
        raw = unquote_to_bytes(data)
        is_base64 = head.lower().endswith(";base64")
        path.write_bytes(base64.b64decode(raw, validate=True) if is_base64 else raw)
    except ValueError:
        raise Refused(422, f"`{field}` is not valid base64.", field) from None
