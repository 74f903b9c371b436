"""An OCR engine for OCRmyPDF that gives texts which are known already."""

from collections.abc import Mapping
from pathlib import Path

from ocrmypdf import OcrEngine, OcrOptions, hookimpl
from pydantic import BaseModel
from ocrmypdf._plugin_manager import OcrmypdfPluginManager, get_plugin_manager
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions

from lighton_ocr.formats.pdf.ocr_engine import LightonOcrEngine, without_tesseract


def plugin_manager(texts: Mapping[int, str]) -> OcrmypdfPluginManager:
    """Return OCRmyPDF's plugins with an engine for these pages: Markdown by index, from 0."""
    plugins = get_plugin_manager()
    without_tesseract(plugins.pluggy_manager)
    plugins.pluggy_manager.register(_Readings(texts))
    return plugins


class _Readings(LightonOcrEngine):
    """The engine, and the plugin that names it."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts

    @hookimpl
    def register_options(self) -> dict[str, type[BaseModel]]:
        return {"tesseract": TesseractOptions}

    @hookimpl
    def get_ocr_engine(self, options: OcrOptions | None) -> OcrEngine:
        return self

    def read_page(self, image: Path, options: OcrOptions, index: int) -> str:
        return self._texts.get(index, "")
