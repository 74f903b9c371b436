"""The server's app: all routes in front of one endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.client import http_client
from lighton_ocr.server import (
    chat_routes,
    file_routes,
    ocr_routes,
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
    reader = DocumentReader(endpoint, limits)
    files = FileStore(limits)
    chat_client = http_client(endpoint)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with reader, chat_client:
            with files:
                yield

    app = FastAPI(
        title="lighton-ocr",
        version=version("lighton-ocr"),
        description="Documents in, Markdown out, with LightOnOCR models.",
        redoc_url=None,  # one page about the API is enough
        lifespan=lifespan,
    )
    app.state.reader = reader
    app.state.files = files
    app.state.sources = DocumentSources(files, fetcher)
    app.state.chat_client = chat_client
    add_error_handlers(app)
    # The last one added is the first that a request meets.
    app.add_middleware(Access, api_key=api_key)
    app.add_middleware(Traffic, limits=limits, on_response=reader.metrics.count_response)
    for routes in (ocr_routes, process_routes, file_routes, chat_routes, status_routes):
        app.include_router(routes.router)
    add_schemas(app)
    add_studio(app)
    return app
