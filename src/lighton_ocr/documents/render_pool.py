"""Render pages in worker processes: a document that crashes one costs a page, not the run."""

import asyncio
import math
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from lighton_ocr.documents.document import Document, open_document
from lighton_ocr.documents.pages import EncodedPage, PageOptions, PreparedPage, encode
from lighton_ocr.documents.prepare import prepare, preview
from lighton_ocr.documents.sources import DocumentFile, Source
from lighton_ocr.errors import DocumentError, LightonOcrError, PageError

T = TypeVar("T")

TIMEOUT = 60.0  # seconds for one page; slow real pages take two
_MEMORY = 4 << 30  # bytes of address space of a worker; the largest allowed page needs half
_ATTEMPTS = 2  # a worker may also die for a reason that is not the page's
_ADVICE = "Open it with another program, save it again and retry."


class RenderPool:
    """Up to `count` worker processes, started as there is work for them.

    Use it inside one running event loop; the workers end with the loop.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = asyncio.Semaphore(count)
        self._limiter = CapacityLimiter(math.inf)  # the semaphore bounds: waiting is not working

    async def count_pages(self, file: DocumentFile) -> int:
        """Return how many pages a document has.

        Raises:
            DocumentError: it cannot be opened.
        """
        try:
            return await self._call(_count_pages, file)
        except _WorkerLost as error:
            raise DocumentError(f"{file.name} {error} when it is opened. {_ADVICE}") from None

    async def prepare(
        self, document: DocumentFile, index: int, options: PageOptions
    ) -> PreparedPage:
        """See `Preparer`. A page whose text crashes the worker is prepared without it.

        Raises:
            DocumentError: the page is broken, or its document has become so.
        """
        if options.uses_text:
            with suppress(_WorkerLost, BrokenWorkerProcess):
                async with self._free:
                    return await self._call_once(_prepare, (document, index, options))
        plain = PageOptions(options.geometry, options.encoding)
        return await self._call_for_page(_prepare, document, index, plain)

    async def preview(self, document: DocumentFile, index: int) -> bytes:
        """Return a page as a JPEG of at most 1540 pixels, for people to look at.

        Raises:
            DocumentError: the page is broken, or its document has become so.
        """
        return await self._call_for_page(_preview, document, index)

    async def encode_whole(
        self, document: DocumentFile, index: int, options: PageOptions
    ) -> EncodedPage:
        """Return a page as one image, whether it is blank or a strip.

        Raises:
            DocumentError: the page is broken, or its document has become so.
        """
        return await self._call_for_page(_encode_whole, document, index, options)

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """See `Worker`."""
        try:
            return await self._call(_worked, work, *args)
        except _WorkerLost as error:
            raise PageError(f"it {error}") from None

    async def _call_for_page(
        self, work: Callable[..., T], document: DocumentFile, index: int, *args: object
    ) -> T:
        try:
            return await self._call(work, document, index, *args)
        except _WorkerLost as error:
            raise PageError(f"Page {index + 1} of {document.name} {error}. {_ADVICE}") from None

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


class _WorkerLost(Exception):
    """A worker that gave no answer, and what a document did to it."""


# Everything below runs in the workers.

_opened: tuple[object, Document] | None = None  # the last one: pages mostly come in order
_is_set_up = False


def _guarded(work: Callable[..., T], args: tuple[object, ...]) -> T:
    """Run `work` within limits; turn what a library raises on a hostile file into our error."""
    _set_up()
    try:
        return work(*args)
    except LightonOcrError:
        raise
    except Exception as error:
        file, *index = args
        name = file.name if isinstance(file, DocumentFile) else "A document"
        if index and isinstance(index[0], int):
            name = f"Page {index[0] + 1} of {name}"
        if isinstance(error, MemoryError):
            limit = f"{_MEMORY >> 30} GiB of memory"
            raise PageError(f"{name} takes the renderer more than {limit}. {_ADVICE}") from None
        raise PageError(f"{name} cannot be rendered: {type(error).__name__} ({error}).") from None


def _set_up() -> None:
    global _is_set_up  # noqa: PLW0603
    if _is_set_up:
        return
    _is_set_up = True
    # The parent handles Ctrl-C, and what else is sent to all processes of a terminal or container.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):  # where the machine's memory ends first, Linux ends this process
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(ImportError, ValueError, OSError):  # no such limits on Windows
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, most))


def _worked(work: Callable[..., T], *args: object) -> T:
    """Run `work` on no document; turn what it raises into our error, which processes exchange."""
    try:
        return work(*args)
    except Exception as error:
        raise PageError(f"{type(error).__name__} ({error})") from None


def _count_pages(file: DocumentFile) -> int:
    return _open(file).page_count


def _prepare(file: DocumentFile, index: int, options: PageOptions) -> PreparedPage:
    return prepare(_open(file), index, options)


def _preview(file: DocumentFile, index: int) -> bytes:
    return preview(_open(file), index)


def _encode_whole(file: DocumentFile, index: int, options: PageOptions) -> EncodedPage:
    return encode(_open(file).render(index, options.geometry), options.encoding)


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
