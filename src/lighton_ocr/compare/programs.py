"""Programs that read on this machine: Tesseract, RapidOCR, and poppler's pdftotext."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from lighton_ocr.documents import Document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.results import PageResult, failed_page

ReadPage = Callable[[Document, int], PageResult]

# A4 at 200 dpi, as scanners make it.
_GEOMETRY = Geometry(edge=2339, grid=1)
_INSTALL = {
    "tesseract": "the program tesseract (Debian and Ubuntu: apt install tesseract-ocr; "
    "macOS: brew install tesseract)",
    "pdftotext": "poppler's programs (Debian and Ubuntu: apt install poppler-utils; "
    "macOS: brew install poppler)",
    "rapidocr": "two packages (pip install rapidocr onnxruntime)",
}
PROGRAMS = tuple(_INSTALL)
_LANGUAGES = ("eng", "fra", "deu", "spa", "ita", "nld", "por", "swe", "dan")


def find_program(name: str) -> ReadPage:
    """Return what reads a page with one of PROGRAMS.

    Raises:
        UsageError: it is not installed.
    """
    if name == "rapidocr":
        if not (find_spec("rapidocr") and find_spec("onnxruntime")):
            raise UsageError(f"{name} needs {_INSTALL[name]}.")
        return _rapidocr()
    if shutil.which(name) is None:
        raise UsageError(f"{name} needs {_INSTALL[name]}.")
    return _tesseract if name == "tesseract" else _pdftotext


def _tesseract(document: Document, index: int) -> PageResult:
    """Read with the languages of version 1 that Tesseract has data for."""
    image = _image(document, index)
    start = time.monotonic()
    command = ["tesseract", "stdin", "stdout", "-l", _languages(), "--dpi", "200"]
    return _run(command, image, index, start)


def _pdftotext(document: Document, index: int) -> PageResult:
    """Take the text that the PDF itself holds; a picture has none."""
    start = time.monotonic()
    page = str(index + 1)
    path = Path(document.name)
    if not path.is_file() or path.suffix.lower() != ".pdf":
        return PageResult(index + 1, "", "stop")
    command = ["pdftotext", "-f", page, "-l", page, str(path.absolute()), "-"]
    return _run(command, b"", index, start)


def _run(command: list[str], data: bytes, index: int, start: float) -> PageResult:
    # One thread: on single pages Tesseract's threads mostly wait for each other.
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(command, input=data, capture_output=True, env=environment, check=False)
    seconds = time.monotonic() - start
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        last = reason[-1] if reason else f"exit status {done.returncode}"
        return failed_page(index + 1, f"Page {index + 1}: {command[0]}: {last}", seconds=seconds)
    text = done.stdout.decode(errors="replace").replace("\f", "").strip()
    return PageResult(index + 1, text, "stop", seconds=seconds)


def _languages() -> str:
    command = ["tesseract", "--list-langs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    installed = set(done.stdout.split())
    return "+".join(name for name in _LANGUAGES if name in installed) or "eng"


def _rapidocr() -> ReadPage:
    from rapidocr import RapidOCR

    engine: Any = RapidOCR(params={"Global.log_level": "error"})

    def read(document: Document, index: int) -> PageResult:
        image = Image.open(BytesIO(_image(document, index))).convert("RGB")
        start = time.monotonic()
        found = engine(image)
        text = "\n".join(found.txts or ())
        return PageResult(index + 1, text, "stop", seconds=time.monotonic() - start)

    return read


def _image(document: Document, index: int) -> bytes:
    file = BytesIO()
    document.render(index, _GEOMETRY).image.save(file, "PNG")
    return file.getvalue()
