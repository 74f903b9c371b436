"""Programs that read on this machine: Tesseract, RapidOCR, and poppler's pdftotext."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from lighton_ocr.documents import Document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.documents.tesseract import NEEDS_TESSERACT, Tesseract
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.results import PageResult, failed_page

ReadPage = Callable[[Document, int], PageResult]

# A4 at 200 dpi, as scanners make it.
_GEOMETRY = Geometry(edge=2339, grid=1)
_INSTALL = {
    "tesseract": NEEDS_TESSERACT,
    "pdftotext": "poppler's programs (Debian and Ubuntu: apt install poppler-utils; "
    "macOS: brew install poppler)",
    "rapidocr": "two packages (pip install rapidocr onnxruntime)",
}
PROGRAMS = tuple(_INSTALL)


def find_program(name: str) -> ReadPage:
    """Return what reads a page with one of PROGRAMS.

    Raises:
        UsageError: it is not installed.
    """
    if name == "rapidocr":
        if not (find_spec("rapidocr") and find_spec("onnxruntime")):
            raise UsageError(f"{name} needs {_INSTALL[name]}.")
        return _rapidocr()
    if name == "tesseract":
        return _tesseract(Tesseract.find(name))
    if shutil.which(name) is None:
        raise UsageError(f"{name} needs {_INSTALL[name]}.")
    return _pdftotext


def _tesseract(program: Tesseract) -> ReadPage:
    def read(document: Document, index: int) -> PageResult:
        image = _image(document, index)
        start = time.monotonic()
        return _run(program.command, image, index, start, program.environment)

    return read


def _pdftotext(document: Document, index: int) -> PageResult:
    """Take the text that the PDF itself holds; a picture has none."""
    start = time.monotonic()
    page = str(index + 1)
    path = Path(document.name)
    if not path.is_file() or path.suffix.lower() != ".pdf":
        return PageResult(index + 1, "", "stop")
    command = ["pdftotext", "-f", page, "-l", page, str(path.absolute()), "-"]
    return _run(command, b"", index, start)


def _run(
    command: list[str],
    data: bytes,
    index: int,
    start: float,
    environment: Mapping[str, str] | None = None,
) -> PageResult:
    done = subprocess.run(command, input=data, capture_output=True, env=environment, check=False)
    seconds = time.monotonic() - start
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        last = reason[-1] if reason else f"exit status {done.returncode}"
        return failed_page(index + 1, f"Page {index + 1}: {command[0]}: {last}", seconds=seconds)
    text = done.stdout.decode(errors="replace").replace("\f", "").strip()
    return PageResult(index + 1, text, "stop", seconds=seconds)


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
