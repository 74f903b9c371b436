"""The server's app: all routes in front of one endpoint."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.version import lighton_ocr_version
from lighton_ocr.reading.client import http_client
from lighton_ocr.server import (
    chat_routes,
    file_routes,
    html_routes,
    ocr_routes,
    pdf_routes,
    process_routes,
    status_routes,
)
from lighton_ocr.server.access import Access
from lighton_ocr.server.document_reader import DocumentReader
from lighton_ocr.server.errors import add_error_handlers
from lighton_ocr.server.file_store import FileStore
from lighton_ocr.server.limits import ServerLimits
from lighton_ocr.server.openapi import add_schemas
from lighton_ocr.server.sources import DocumentSources
from lighton_ocr.server.studio import add_studio
from lighton_ocr.server.traffic import Traffic
from lighton_ocr.server.url_fetcher import UrlFetcher

DOCUMENT_ROUTES = (
    ocr_routes.router,
    process_routes.router,
    file_routes.router,
    html_routes.router,
    pdf_routes.router,
)


def create_app(
    endpoint: Endpoint,
    limits: ServerLimits | None = None,
    api_key: str | None = None,
    fetcher: UrlFetcher | None = None,
) -> FastAPI:
    """Return an app that reads documents through an endpoint.

    With an `api_key`, clients must send it. With a `fetcher`, they may name documents on the web.
    """
    limits = limits or ServerLimits()
    chat_client = http_client(endpoint)
    app = bare_app(
        DocumentReader(endpoint, limits), FileStore(limits), fetcher, [chat_client], has_docs=True
    )
    app.state.chat_client = chat_client
    app.state.keys_tell_senders = False  # there is one key, or none
    # The last one added is the first that a request meets.
    app.add_middleware(Access, api_key=api_key)
    add_routes(app, limits, (*DOCUMENT_ROUTES, chat_routes.router, status_routes.router))
    return app


def bare_app(
    reader: DocumentReader,
    files: FileStore,
    fetcher: UrlFetcher | None = None,
    resources: Sequence[AbstractAsyncContextManager[Any]] = (),
    *,
    has_docs: bool = False,
) -> FastAPI:
    """Return an app without routes of ours; what it needs is open during its lifespan.

    With `has_docs`, `/docs` and `/openapi.json` describe its routes.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for resource in (reader, *resources):
                await stack.enter_async_context(resource)
            stack.enter_context(files)
            yield

    described: dict[str, Any] = {
        "title": "lighton-ocr",
        "version": lighton_ocr_version(),
        "description": "Converts documents to Markdown, with LightOnOCR models.",
        "lifespan": lifespan,
    }
    if has_docs:
        from fastapi_offline import (
            FastAPIOffline,  # FastAPI's own page loads scripts from elsewhere
        )

        app = FastAPIOffline(redoc_url=None, **described)
    else:
        app = FastAPI(openapi_url=None, **described)
    app.state.reader = reader
    app.state.files = files
    app.state.pdf_lock = asyncio.Lock()
    app.state.sources = DocumentSources(files, fetcher)
    add_error_handlers(app)
    return app


def add_routes(app: FastAPI, limits: ServerLimits, routers: Sequence[APIRouter]) -> None:
    """Add routes and the studio, and bound what is received and sent."""
    app.add_middleware(Traffic, limits=limits, on_response=app.state.reader.metrics.count_response)
    for router in routers:
        app.include_router(router)
    add_schemas(app)
    add_studio(app)
