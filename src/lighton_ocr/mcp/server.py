"""The MCP server: one tool that reads a document, one resource that lists the models."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, ExitStack, aclosing, asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from lighton_ocr._text import pluralize
from lighton_ocr.catalog import models
from lighton_ocr.documents import choose_pages
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.documents.sources import DocumentFile
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import LightonOcrError
from lighton_ocr.formats import DEFAULT, FORMATS
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.mcp.roots import Roots
from lighton_ocr.reading.reader import PageStream
from lighton_ocr.reading.results import PageResult

MODELS_URI = "lighton-ocr://models"
# A format that is made from the document's file is not text.
TEXT_FORMATS = {name: format for name, format in FORMATS.items() if not format.needs_original}
FormatName = Annotated[
    str,
    Field(
        description="; ".join(
            f"{name}: {found.description}" for name, found in TEXT_FORMATS.items()
        ),
        json_schema_extra={"enum": list(TEXT_FORMATS)},
    ),
]
OpenEndpoint = Callable[[], AbstractContextManager[Endpoint]]


def create_server(roots: Roots, open_endpoint: OpenEndpoint) -> MCPServer:
    """Return a server that reads documents within `roots`.

    The endpoint is opened when the first document is read, and closed when the server ends: an
    assistant starts its servers whether it needs them or not.
    """
    tools = _Tools(roots, open_endpoint)

    @asynccontextmanager
    async def lifespan(_: MCPServer) -> AsyncIterator[None]:
        with tools.stack:
            yield

    server = MCPServer(
        "lighton-ocr",
        instructions=f"Reads PDFs and images in these folders: {roots}.",
        version=version("lighton-ocr"),
        log_level="WARNING",
        lifespan=lifespan,
    )
    server.tool(structured_output=False)(tools.read_document)
    server.resource(MODELS_URI, name="models", mime_type="application/json")(list_models)
    return server


class _Tools:
    def __init__(self, roots: Roots, open_endpoint: OpenEndpoint) -> None:
        self.stack = ExitStack()
        self._roots = roots
        self._open = open_endpoint
        self._endpoint: Endpoint | None = None
        self._one_opens = asyncio.Lock()
        self._pool = RenderPool(1)

    async def read_document(
        self,
        path: str,
        context: Context[None, Any],
        pages: str | None = None,
        format: FormatName = DEFAULT,
    ) -> list[str]:
        """Read a PDF or an image with OCR and return its text.

        `path` is a file in one of the allowed folders. `pages` chooses pages, counted from 1, such
        as `1-3,7,-1`; without it, all are read, a few seconds each. Warnings about pages that may
        be misread follow the text.
        """
        if format not in TEXT_FORMATS:
            raise ToolError(f"Unknown format {format!r}: choose from {', '.join(TEXT_FORMATS)}.")
        try:
            file = self._roots.find(path)
            count = await self._pool.count_pages(file)
            chosen = choose_pages(pages, count, file.name)
            await context.report_progress(0, len(chosen), f"Opening {file.name}")
            document = await self._read(file, count, list(chosen), context)
        except LightonOcrError as error:
            raise ToolError(str(error)) from None
        warnings = [warning for page in document.pages for warning in page.warnings]
        if len(document.failed_pages) == len(document.pages):
            raise ToolError("\n".join(warnings))
        return [TEXT_FORMATS[format].render(document), *warnings]

    async def _read(
        self, file: DocumentFile, page_count: int, chosen: list[int], context: Context[None, Any]
    ) -> DocumentResult:
        endpoint = await self._open_endpoint()
        done: list[PageResult] = []

        async def wanted() -> AsyncIterator[tuple[DocumentFile, int]]:
            for index in chosen:
                yield file, index

        stream = PageStream(endpoint, self._pool)
        async with stream, aclosing(stream.read_pages(wanted())) as results:
            async for _, result in results:
                done.append(result)
                read = f"Read {len(done)} of {pluralize(len(chosen), 'page')} of {file.name}"
                await context.report_progress(len(done), len(chosen), read)
        return DocumentResult(file.name, tuple(done), endpoint.model.id, endpoint.label, page_count)

    async def _open_endpoint(self) -> Endpoint:
        async with self._one_opens:
            if self._endpoint is None:
                self._endpoint = await asyncio.to_thread(self.stack.enter_context, self._open())
            return self._endpoint


def list_models() -> list[dict[str, Any]]:
    """The models that `lighton-ocr mcp --model` takes."""
    return [
        {
            "name": model.aliases[0],
            "id": model.id,
            "parameters_millions": model.parameters_m,
            "olmocr_bench_percent": model.quality.overall if model.quality else None,
            "languages": model.languages,
            "license": model.license,
            "purpose": model.note,
        }
        for model in models()
    ]
