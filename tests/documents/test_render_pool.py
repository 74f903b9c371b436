"""A renderer that crashes or hangs costs one page, and says so; `read` goes on."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.apart import Apart
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.errors import DocumentError, PasswordNeeded
from tests.documents.test_pdf import make_pdf
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

GEOMETRY = Geometry(308, 28)
# What pdfium does to us on some pages, as far as a process can tell.
FAULTS = """
import os, signal, threading
from lighton_ocr.documents.render_pool import _open

def crash(file, index, geometry):
    if index == 1:
        os.kill(os.getpid(), signal.SIGSEGV)
    return _open(file).render(index, geometry)

def hang(file, index, geometry):
    if index == 1:
        threading.Event().wait()
    return _open(file).render(index, geometry)
"""
PROGRAM = """
import sys
import faults
from lighton_ocr.cli import main
from lighton_ocr.documents import render_pool
render_pool._render = getattr(faults, sys.argv.pop(1))
render_pool.TIMEOUT = 5
main()
"""

ENDINGS = """
import asyncio, sys
from pathlib import Path
from lighton_ocr.documents.render_pool import DocumentFile, RenderPool

async def count(file):
    return await RenderPool(1).count_pages(file)

if __name__ == "__main__":
    file = DocumentFile(Path(sys.argv[1]), "letter.pdf")
    for _ in range(60):
        assert asyncio.run(count(file)) == 1
"""


def test_workers_end_without_a_word(letter: Path) -> None:
    """Of sixty, three were said to be unknown."""
    command = [sys.executable, "-c", ENDINGS, str(letter)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("fault", "says"),
    [("crash", "crashes the renderer"), ("hang", "takes the renderer more than 5 seconds")],
)
def test_read_survives(fault: str, says: str, tmp_path: Path, scripted: ScriptedEndpoint) -> None:
    (tmp_path / "faults.py").write_text(FAULTS)
    (tmp_path / "a.pdf").write_bytes(make_pdf(pages=3))
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    command = [fault, "read", str(tmp_path / "a.pdf"), "--url", scripted.url]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"Page 2 of {tmp_path / 'a.pdf'} {says}" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.count("Hello from the page.") == 2
    assert "<!-- page 3 -->" in done.stdout


def test_the_same_pages_come_from_there(tmp_path: Path) -> None:
    content = make_pdf(pages=2)
    (tmp_path / "a.pdf").write_bytes(content)
    with Apart() as apart:
        for source in (Source("a.pdf", tmp_path / "a.pdf"), Source("-", content)):
            with apart.open(source) as document:
                assert (document.name, document.page_count) == (source.label, 2)
                assert document.text_layer(1).strip() == "Page 2"
                with open_document(source) as here:
                    expected = here.render(1, GEOMETRY)
                assert document.render(1, GEOMETRY) == expected


def test_what_is_no_document_is_said_as_usual() -> None:
    file = BytesIO()
    canvas = Canvas(file, encrypt="secret")
    canvas.showPage()
    canvas.save()
    with Apart() as apart:
        with pytest.raises(DocumentError, match="standard input is damaged"):
            apart.open(Source("-", b"%PDF-1.7"))
        with pytest.raises(PasswordNeeded, match="--password"):
            apart.open(Source("a.pdf", file.getvalue()))
        assert apart.open(Source("a.pdf", file.getvalue()), "secret").page_count == 1
