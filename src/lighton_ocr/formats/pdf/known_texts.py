"""An OCR engine for OCRmyPDF that returns texts which are already known."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from threading import Lock

from ocrmypdf import OcrEngine, OcrOptions, hookimpl, ocr
from ocrmypdf._plugin_manager import OcrmypdfPluginManager, get_plugin_manager
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions
from pikepdf import PageCopyWarning
from pydantic import BaseModel

from lighton_ocr.formats.pdf.ocr_engine import LightonOcrEngine, PrintedText, without_tesseract

_ONE_AT_A_TIME = Lock()


class KnownTexts(LightonOcrEngine):
    """An engine for pages whose texts are known, and the plugin that names it.

    `was_asked` says whether any page was in need of text. `on_warning` gets sentences for the user.
    """

    def __init__(self, texts: Mapping[int, PrintedText], on_warning: Callable[[str], None]) -> None:
        """Take the texts by the pages' indices, from 0."""
        self.was_asked = False
        self.texts = texts
        self._on_warning = on_warning

    def plugin_manager(self) -> OcrmypdfPluginManager:
        """Return OCRmyPDF's own plugins with this one."""
        plugins = get_plugin_manager()
        without_tesseract(plugins.pluggy_manager)
        plugins.pluggy_manager.register(self)
        return plugins

    @hookimpl
    def register_options(self) -> dict[str, type[BaseModel]]:
        """Name the options of Tesseract's that OCRmyPDF looks at."""
        return {"tesseract": TesseractOptions}

    @hookimpl
    def get_ocr_engine(self, options: OcrOptions | None) -> OcrEngine:
        """Return this engine."""
        return self

    def read_page(self, image: Path, options: OcrOptions, index: int) -> PrintedText:
        """Return the page's text."""
        self.was_asked = True
        return self.texts.get(index, PrintedText(""))

    def warn(self, sentence: str) -> None:
        """Pass it on."""
        self._on_warning(sentence)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep from standard error what OCRmyPDF and pikepdf say there; one thread at a time."""
    logging.getLogger("ocrmypdf").addHandler(logging.NullHandler())
    # pikepdf, which OCRmyPDF checks its results with, leaves another file in `sys.stderr`.
    with _ONE_AT_A_TIME, redirect_stderr(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore", PageCopyWarning)
        yield


def add_text(source: Path, result: Path, known: KnownTexts) -> None:
    """Write a copy of a PDF with the text of its pages, except of those that hold text already.

    Raises:
        ocrmypdf.ExitCodeException: the file is signed, encrypted or damaged.
    """
    with quiet():
        ocr(
            source,
            result,
            plugin_manager=known.plugin_manager(),
            mode="skip",
            pages=",".join(str(index + 1) for index in sorted(known.texts)),
            output_type="pdf",
            optimize=0,
            progress_bar=False,
        )
