"""Rendering in worker processes: a document that crashes or hangs a renderer costs one page."""

import asyncio
import logging
import math
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from lighton_ocr.documents.document import Document, open_document
from lighton_ocr.documents.pages import EncodedPage, Encoding, Geometry, PageImage
from lighton_ocr.documents.prepare import prepare
from lighton_ocr.documents.sources import Source
from lighton_ocr.errors import DocumentError, LightonOcrError, PageError

T = TypeVar("T")

# Workers end with their event loop. Up to Python 3.11 a thread awaits each, and says so if another
# part of asyncio was first to notice the end.
logging.getLogger("asyncio").addFilter(lambda record: "Unknown child" not in record.msg)

TIMEOUT = 60.0  # seconds for one page; slow real ones take two
_MEMORY = 4 << 30  # bytes of address space a worker may take; the largest allowed page needs half
_ATTEMPTS = 2  # a worker may also die of something that is not the page's fault


@dataclass(frozen=True)
class DocumentFile:
    """A document on this machine: `name` for messages, `password` for encrypted PDFs."""

    path: Path
    name: str
    password: str | None = None


class RenderPool:
    """Up to `count` worker processes, started as there is work for them.

    Use it inside one running event loop; the workers end with the loop.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = asyncio.Semaphore(count)
        self._limiter = CapacityLimiter(math.inf)  # the semaphore bounds: waiting is not working

    async def count_pages(self, file: DocumentFile) -> int:
        """How many pages a document has.

        Raises:
            DocumentError: it cannot be opened.
        """
        try:
            return await self._call(_count_pages, file)
        except _WorkerLost as fault:
            raise DocumentError(f"{file.name} {fault} when it was opened. {_ADVICE}") from None

    async def render(self, file: DocumentFile, index: int, geometry: Geometry) -> PageImage:
        """The page of that index (from 0) as an image.

        Raises:
            DocumentError: the page is broken, or its document has become so.
        """
        return await self._call_for_page(_render, file, index, geometry)

    async def text_layer(self, file: DocumentFile, index: int) -> str:
        """The text that the file itself holds for a page; the same errors."""
        return await self._call_for_page(_text_layer, file, index)

    async def prepare(
        self,
        file: DocumentFile,
        index: int,
        geometry: Geometry,
        encoding: Encoding,
        *,
        drafted: bool = True,
    ) -> EncodedPage | None:
        """The page of that index (from 0), ready to be sent; None if nothing is on it.

        With its draft, if `drafted` and its text does not take the worker along.

        Raises:
            DocumentError: the page is broken, or its document has become so.
        """
        page = file, index, geometry, encoding
        if drafted:
            with suppress(_WorkerLost, BrokenWorkerProcess):
                async with self._free:
                    return await self._call_once(_prepare, (*page, True))
        return await self._call_for_page(_prepare, *page, False)

    async def _call_for_page(
        self, work: Callable[..., T], file: DocumentFile, index: int, *args: object
    ) -> T:
        try:
            return await self._call(work, file, index, *args)
        except _WorkerLost as fault:
            raise PageError(f"Page {index + 1} of {file.name} {fault}. {_ADVICE}") from None

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        async with self._free:
            for _ in range(_ATTEMPTS):
                with suppress(BrokenWorkerProcess):
                    return await self._call_once(work, args)
        raise _WorkerLost("crashes the renderer")

    async def _call_once(self, work: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            async with asyncio.timeout(TIMEOUT):
                # Cancellable: a worker that hangs is killed.
                return await to_process.run_sync(
                    _guarded, work, args, cancellable=True, limiter=self._limiter
                )
        except TimeoutError:
            raise _WorkerLost(f"takes the renderer more than {TIMEOUT:.0f} seconds") from None


_ADVICE = "Open it with another program, save it anew and try again."


class _WorkerLost(Exception):
    """A worker that gave no answer, and what a document did to it."""


# What follows runs in the workers.

_opened: tuple[object, Document] | None = None  # the last one: pages mostly come in order
_is_set_up = False


def _guarded(work: Callable[..., T], args: tuple[object, ...]) -> T:
    """Run `work` in bounds; whatever a library raises on a hostile file becomes our error."""
    _set_up()
    try:
        return work(*args)
    except LightonOcrError:
        raise
    except Exception as fault:
        name = args[0].name if isinstance(args[0], DocumentFile) else "A document"
        raise PageError(f"{name} cannot be rendered: {type(fault).__name__} ({fault}).") from None


def _set_up() -> None:
    global _is_set_up  # noqa: PLW0603
    if _is_set_up:
        return
    _is_set_up = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with suppress(ImportError, ValueError, OSError):  # no such limits on Windows
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, most))


def _count_pages(file: DocumentFile) -> int:
    return _open(file).page_count


def _render(file: DocumentFile, index: int, geometry: Geometry) -> PageImage:
    return _open(file).render(index, geometry)


def _text_layer(file: DocumentFile, index: int) -> str:
    return _open(file).text_layer(index)


def _prepare(
    file: DocumentFile, index: int, geometry: Geometry, encoding: Encoding, drafted: bool
) -> EncodedPage | None:
    return prepare(_open(file), index, geometry, encoding, drafted=drafted)


def _open(file: DocumentFile) -> Document:
    global _opened  # noqa: PLW0603
    status = file.path.stat()
    key = (file, status.st_size, status.st_mtime_ns)
    if _opened is None or _opened[0] != key:
        if _opened is not None:
            _opened[1].close()
            _opened = None
        _opened = (key, open_document(Source(file.name, file.path), file.password))
    return _opened[1]
