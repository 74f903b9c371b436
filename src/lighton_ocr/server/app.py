"""The server's app: all routes, in front of one endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server import ocr_routes
from lighton_ocr.server.document_reader import DocumentReader
from lighton_ocr.server.errors import add_error_handlers
from lighton_ocr.server.limits import ServerLimits
from lighton_ocr.server.studio import add_studio


def create_app(endpoint: Endpoint, limits: ServerLimits | None = None) -> FastAPI:
    """Return an app that reads documents through an endpoint."""
    reader = DocumentReader(endpoint, limits or ServerLimits())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with reader:
            yield

    app = FastAPI(title="lighton-ocr", lifespan=lifespan)
    app.state.reader = reader
    add_error_handlers(app)
    app.include_router(ocr_routes.router)
    add_studio(app)
    return app
