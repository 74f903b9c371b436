"""Read a document in one call; open the endpoint that settings and arguments ask for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

from lighton_ocr.catalog import DEFAULT_MODEL, POCKET, Model, find_model
from lighton_ocr.config import load_config
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.documents.ocr_drafts import find_program, no_drafts
from lighton_ocr.documents.page_ranges import Pages
from lighton_ocr.documents.sources import Input
from lighton_ocr.endpoint import Endpoint, Engine
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.engine import VllmEngine
from lighton_ocr.errors import UsageError
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.reading.reader import Reader

T = TypeVar("T")
POCKET_NOTICE = (
    "Reading on this CPU with the small pocket model, which is good for clean print. For better "
    "text, use --model 1b (slow here) or `make deploy` (a GPU on Modal)."
)


@contextmanager
def open_endpoint(
    url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
    engine: Engine | None = None,
    on_notice: Callable[[str], None] = lambda _: None,
    check_model: Callable[[Model], None] = lambda _: None,
    ocr_drafts: bool = False,
) -> Iterator[Endpoint]:
    """Open the endpoint that arguments, environment and config file ask for, in that order.

    With a URL, wait for the server there. Without one, run an engine as long as the `with` block
    lasts: the embedded one, unless `engine` is `vllm`, with the pocket model if none is named.
    `on_notice` gets sentences for the user. `check_model` gets the model, before an engine is
    started for it. With `ocr_drafts`, the endpoint is for a `Reader` with that option.

    Raises:
        UsageError: an unknown model, an invalid URL, a URL and an engine, what `check_model`
            raises; with `ocr_drafts`, no Tesseract here or an endpoint that takes no drafts.
        EndpointError: no endpoint available.
    """
    if ocr_drafts:
        find_program()
    settings = load_config()
    if url is not None and engine:
        raise UsageError("--engine starts a server, --url names a running one: choose one of them.")
    if url is None and not engine:
        url = settings.url
    name = settings.model if model is None else model
    if url is not None:
        stored = settings.api_key.get_secret_value() if settings.api_key else None
        known = None if name is None else find_model(name)
        endpoint = connect(url, api_key or stored, known, on_wait=on_notice)
        check_model(endpoint.model)
        if ocr_drafts and not endpoint.is_vllm:
            raise no_drafts(endpoint.label)
        yield endpoint
        return
    default = DEFAULT_MODEL if engine == "vllm" else POCKET
    chosen = find_model(default if name is None else name)
    check_model(chosen)
    if engine == "vllm":
        with VllmEngine(chosen, on_notice) as endpoint:
            yield endpoint
        return
    if ocr_drafts:
        raise no_drafts("the embedded engine")
    if name is None:
        on_notice(POCKET_NOTICE)
    with EmbeddedEngine(chosen) as endpoint:
        yield endpoint


def read(
    source: Input,
    *,
    pages: Pages | None = None,
    password: str | None = None,
    url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
    boxes: bool = False,
) -> DocumentResult:
    """Read one document: `lighton_ocr.read("invoice.pdf").markdown`.

    `source` is a path, an http(s) URL, `-` for standard input, or the document itself: bytes, a
    file opened in binary mode, a Pillow image. `pages` are numbers from 1, or a range such as
    `1-3,7,-1`. Without a `url` here or in the settings, the embedded engine reads. Pages that fail
    are part of the result, marked: see `DocumentResult.failed_pages`. With `boxes`, pages have
    `blocks` and `figures`. It also works in a notebook.

    Raises:
        DocumentError: the document cannot be opened.
        UsageError: the pages or a name make no sense.
        EndpointError: no endpoint available.
    """
    loaded = load_source(source)
    with (
        open_document(loaded, password) as document,
        open_endpoint(url, model, api_key) as endpoint,
        # A notebook already runs an event loop in this thread, so read in another one. Ctrl-C here
        # ends it, too.
        start_blocking_portal() as portal,
    ):
        return portal.call(_read, document, pages, endpoint, boxes)


async def aread(
    source: Input,
    *,
    pages: Pages | None = None,
    password: str | None = None,
    url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
    boxes: bool = False,
) -> DocumentResult:
    """Read one document from asynchronous code; see `read`.

    Of many documents, each call opens an endpoint of its own: `open_endpoint` and `Reader` share
    one.
    """
    loaded = await asyncio.to_thread(load_source, source)
    async with (
        _entered(lambda: open_document(loaded, password)) as document,
        _entered(lambda: open_endpoint(url, model, api_key)) as endpoint,
    ):
        return await _read(document, pages, endpoint, boxes)


async def _read(
    document: Document, pages: Pages | None, endpoint: Endpoint, boxes: bool
) -> DocumentResult:
    async with Reader(endpoint, boxes=boxes) as reader:
        results = tuple([result async for result in reader.read(document, pages)])
    return DocumentResult(
        document.name, results, endpoint.model.id, endpoint.label, document.page_count
    )


@asynccontextmanager
async def _entered(make: Callable[[], AbstractContextManager[T]]) -> AsyncIterator[T]:
    """Enter and leave a context manager in threads: opening may take seconds.

    If the caller is cancelled while it opens, it is closed as soon as it is open.
    """
    with ExitStack() as stack:
        opening = asyncio.ensure_future(asyncio.to_thread(lambda: stack.enter_context(make())))
        try:
            opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            with suppress(Exception):
                await opening
            raise
        try:
            yield opened
        finally:
            await asyncio.to_thread(stack.close)
