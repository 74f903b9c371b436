"""A renderer that crashes or hangs costs one page, and says so; `read` goes on."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import DocumentFile, Source, open_document, render_pool
from lighton_ocr.documents.pages import Geometry, PageOptions
from lighton_ocr.documents.prepare import prepare
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.documents.sources import TemporaryFolder, save_source
from lighton_ocr.errors import DocumentError, PageError, PasswordNeeded
from tests.support.drawn_pages import make_pdf
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

GEOMETRY = Geometry(308, 28)
# What pdfium does to us on some pages, as far as a process can tell.
FAULTS = """
import os, signal, threading
from lighton_ocr.documents.prepare import prepare
from lighton_ocr.documents.render_pool import _open

def crash(file, index, options):
    if index == 1:
        os.kill(os.getpid(), signal.SIGSEGV)
    return prepare(_open(file), index, options)

def hang(file, index, options):
    if index == 1:
        threading.Event().wait()
    return prepare(_open(file), index, options)
"""
PROGRAM = """
import sys
import faults
from lighton_ocr.cli import main
from lighton_ocr.documents import render_pool
render_pool._prepare = getattr(faults, sys.argv.pop(1))
render_pool.TIMEOUT = 5
main()
"""

ENDINGS = """
import asyncio, sys
from pathlib import Path
from lighton_ocr.cli.process import set_up_process
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.render_pool import RenderPool

set_up_process()

async def count(file):
    return await RenderPool(1).count_pages(file)

if __name__ == "__main__":
    file = DocumentFile(Path(sys.argv[1]), "letter.pdf")
    for _ in range(60):
        assert asyncio.run(count(file)) == 1
"""


@pytest.fixture
def folder() -> Iterator[TemporaryFolder]:
    with TemporaryFolder() as made:
        yield made


def test_nothing_is_logged_when_workers_end(letter: Path) -> None:
    """Without the filter, asyncio reports about three of sixty."""
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


@pytest.mark.parametrize("with_text", [True, False])
async def test_a_worker_prepares_the_same_page(folder: TemporaryFolder, with_text: bool) -> None:
    data = make_pdf(pages=2)
    options = PageOptions(GEOMETRY, with_draft=with_text, with_own_text=with_text)
    pool = RenderPool(1)
    for source in (Source("a.pdf", data), Source("-", data)):
        file = save_source(source, folder)
        assert file.name == source.label
        assert await pool.count_pages(file) == 2
        with open_document(source) as document:
            assert await pool.prepare(file, 1, options) == prepare(document, 1, options)


async def test_errors_of_documents_come_from_a_worker_unchanged(folder: TemporaryFolder) -> None:
    file = BytesIO()
    canvas = Canvas(file, encrypt="secret")
    canvas.showPage()
    canvas.save()
    pool = RenderPool(1)
    with pytest.raises(DocumentError, match="standard input is damaged"):
        await pool.count_pages(save_source(Source("-", b"%PDF-1.7"), folder))
    locked = Source("a.pdf", file.getvalue())
    with pytest.raises(PasswordNeeded, match="--password"):
        await pool.count_pages(save_source(locked, folder))
    assert await pool.count_pages(save_source(locked, folder, "secret")) == 1


@pytest.mark.parametrize(
    ("work", "argument", "says"),
    [(os._exit, 1, "it crashes the renderer"), (int, "x", r"ValueError \(invalid literal for int")],
)
async def test_other_work_on_a_page_may_fail_too(
    work: Callable[..., object], argument: object, says: str
) -> None:
    pool = RenderPool(1)
    assert await pool.run(max, 2, 3) == 3
    with pytest.raises(PageError, match=says):
        await pool.run(work, argument)
    assert await pool.run(max, 2, 3) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux chooses which process to end")
async def test_linux_ends_a_worker_before_the_program_itself() -> None:
    file = Path("/proc/self/oom_score_adj")
    assert await RenderPool(1)._call(Path.read_text, file) == "1000\n"


def test_a_page_that_needs_too_much_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepares(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(render_pool, "_is_set_up", True)  # the limits are those of a worker
    with pytest.raises(PageError, match=r"Page 2 of a\.pdf takes the renderer more than 4 GiB"):
        render_pool._guarded(prepares, (DocumentFile(Path("a.pdf"), "a.pdf"), 1))
