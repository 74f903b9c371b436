"""A plugin that makes OCRmyPDF read with a LightOnOCR model.

    ocrmypdf --plugin lighton_ocr.ocrmypdf_plugin scan.pdf searchable.pdf

Without `--lighton-url`, and without LIGHTON_OCR_URL, the embedded engine reads.
"""

import asyncio
import atexit
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from ocrmypdf import ExitCodeException, OcrEngine, OcrOptions, hookimpl
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions
from ocrmypdf.exceptions import BadArgsError
from pluggy import PluginManager
from pydantic import BaseModel

from lighton_ocr.api import open_endpoint
from lighton_ocr.catalog import find_model
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import LightonOcrError, UsageError
from lighton_ocr.formats.pdf.ocr_engine import (
    LightonOcrEngine,
    PrintedText,
    log,
    printed_text,
    without_tesseract,
)
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.results import PageResult

_starting = threading.Lock()  # OCRmyPDF reads pages in several threads


class LightonOptions(BaseModel):
    """What `--lighton-url`, `--lighton-model` and `--lighton-api-key` say."""

    url: str | None = None
    model: str | None = None
    api_key: str | None = None


@hookimpl
def initialize(plugin_manager: PluginManager) -> None:
    """Do without Tesseract."""
    without_tesseract(plugin_manager)


@hookimpl
def register_options() -> dict[str, type[BaseModel]]:
    """Name the options of this plugin, and those of Tesseract's that OCRmyPDF looks at."""
    return {"lighton": LightonOptions, "tesseract": TesseractOptions}


@hookimpl
def add_options(parser: ArgumentParser) -> None:
    """Add the options to OCRmyPDF's command line."""
    group = parser.add_argument_group("LightOnOCR", "Where pages are read")
    group.add_argument(
        "--lighton-url",
        metavar="URL",
        help="endpoint that serves the model [default: LIGHTON_OCR_URL, or the embedded engine]",
    )
    group.add_argument(
        "--lighton-model",
        metavar="NAME",
        help="a name from `lighton-ocr models` [default: pocket, or what the URL serves]",
    )
    group.add_argument(
        "--lighton-api-key",
        metavar="KEY",
        help="the endpoint's key; LIGHTON_OCR_API_KEY is not seen by other users of the machine",
    )


@hookimpl
def check_options(options: OcrOptions) -> None:
    """Refuse unknown models before anything is read."""
    if options.lighton.model:
        try:
            find_model(options.lighton.model)
        except UsageError as error:
            raise BadArgsError(str(error)) from None


@hookimpl
def get_ocr_engine(options: OcrOptions | None) -> OcrEngine | None:
    """Return the engine, unless `--ocr-engine none` asks for none."""
    return None if options is not None and options.ocr_engine == "none" else _EndpointEngine()


class _EndpointEngine(LightonOcrEngine):
    def read_page(self, image: Path, options: OcrOptions, index: int) -> PrintedText:
        """Read the page; one that fails stays without text."""
        wanted = options.lighton
        try:
            with _starting:
                endpoint = _endpoint(wanted.url, wanted.model, wanted.api_key)
            with open_document(load_source(str(image))) as document:
                page = asyncio.run(_read(endpoint, document))
        except LightonOcrError as error:
            raise ExitCodeException(str(error)) from error
        for warning in page.warnings:
            self.warn(warning)
        return printed_text(page)


async def _read(endpoint: Endpoint, document: Document) -> PageResult:
    async with Reader(endpoint, boxes=endpoint.model.box_grammar is not None) as reader:
        return await anext(reader.read(document))


@cache
def _endpoint(url: str | None, model: str | None, api_key: str | None) -> Endpoint:
    """Open the endpoint, which stays open until the program ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(open_endpoint(url, model, api_key, on_notice=log.info))
