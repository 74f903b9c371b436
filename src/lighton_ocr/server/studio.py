"""The studio: a page of static files that uses `/v1/ocr`, its examples, and the text's style."""

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lighton_ocr._examples import INVOICE, LETTER, PAPER, example
from lighton_ocr.errors import UsageError
from lighton_ocr.formats import FORMATS, Format
from lighton_ocr.formats.options import DEFAULT_OPTIONS
from lighton_ocr.formats.page_html import page_stylesheet

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
    app.router.routes.append(Route("/page.css", _page_css))
    app.router.routes.append(Route("/formats.json", _formats))
    files = _StudioFiles(directory=FOLDER, html=True)
    # Not mounted at `/`, where paths without a route would be looked up among the files.
    for path in ("/", *map(_route, FOLDER.iterdir())):
        app.router.routes.append(Route(path, files))


def _route(path: Path) -> str:
    return f"/{path.name}/{{path:path}}" if path.is_dir() else f"/{path.name}"


def _example(request: Request) -> FileResponse:
    return FileResponse(example(request.url.path.rpartition("/")[2]))


def _formats(_: Request) -> JSONResponse:
    """The formats that this server can write."""
    return JSONResponse([name for name, format in FORMATS.items() if _can_write(format)])


def _can_write(format: Format) -> bool:
    try:
        format.check(DEFAULT_OPTIONS)
    except UsageError:
        return False
    return True


def _page_css(_: Request) -> Response:
    return Response(page_stylesheet(), media_type="text/css")
