"""The studio: a page of static files, which speaks to `/v1/ocr`, and the examples it offers."""

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lighton_ocr._examples import INVOICE, LETTER, PAPER, example

FOLDER = Path(__file__).parent / "studio"
_HEADERS = {
    # Nothing from elsewhere, and no scripts or styles but the page's own files.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; frame-src blob:; manifest-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class _StudioFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response


def add_studio(app: FastAPI) -> None:
    """Serve the studio at `/`, after all other routes."""
    for name in (LETTER, INVOICE, PAPER):
        app.router.routes.append(Route(f"/examples/{name}", _example))
    app.mount("/", _StudioFiles(directory=FOLDER, html=True), name="studio")


def _example(request: Request) -> FileResponse:
    return FileResponse(example(request.url.path.rpartition("/")[2]))
