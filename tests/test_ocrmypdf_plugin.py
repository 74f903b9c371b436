import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from lighton_ocr.layout.ink import page_ink
from lighton_ocr.layout.skew import skew_of
from tests.support.command_line import run
from tests.support.drawn_pages import PANGRAMS, scan
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow
LINES = ("The museum is open from Tuesday to Sunday.", "Please ask for me at the front desk.")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "scan.png"
    scan(LINES).save(path, dpi=(200, 200))
    return path


def ocrmypdf(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ocrmypdf", "--plugin", "lighton_ocr.ocrmypdf_plugin"]
    # Without programs: neither Tesseract nor Ghostscript is needed.
    environment = os.environ | {"PATH": "/nowhere"}
    return subprocess.run([*command, *arguments], capture_output=True, env=environment, check=False)


def text_of(pdf: Path) -> list[str]:
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    return [" ".join(line.split()) for line in text.splitlines()]


def test_ocrmypdf_reads_with_the_embedded_engine(picture: Path, tmp_path: Path) -> None:
    result, sidecar = tmp_path / "out.pdf", tmp_path / "out.md"
    done = ocrmypdf("--sidecar", sidecar, picture, result)
    assert done.returncode == 0, done.stderr.decode()
    assert text_of(result) == list(LINES)
    assert b"PDF/A" in result.read_bytes() or b"pdfaid" in result.read_bytes()
    assert LINES[0] in sidecar.read_text()


def test_ocrmypdf_makes_a_skewed_page_straight(tmp_path: Path) -> None:
    path, result = tmp_path / "skewed.png", tmp_path / "out.pdf"
    scan(PANGRAMS).rotate(3, fillcolor=255).save(path, dpi=(200, 200))
    done = ocrmypdf("--deskew", "--output-type", "pdf", path, result)
    assert done.returncode == 0, done.stderr.decode()
    page = pypdfium2.PdfDocument(result)[0]
    image = page.render(scale=2, grayscale=True).to_pil()
    assert abs(skew_of(page_ink(image))) < 0.2


def test_an_endpoint_is_asked_with_its_key(
    scripted: ScriptedEndpoint, picture: Path, tmp_path: Path
) -> None:
    result = tmp_path / "out.pdf"
    options = ("--lighton-url", scripted.url, "--lighton-api-key", "secret")
    done = ocrmypdf(*options, picture, result)
    assert done.returncode == 0, done.stderr.decode()
    assert len(scripted.bodies) == 1
    assert scripted.headers[-1]["authorization"] == "Bearer secret"
    assert text_of(result)


def test_boxes_that_a_model_writes_into_its_text_are_no_text(picture: Path, tmp_path: Path) -> None:
    result, sidecar = tmp_path / "out.pdf", tmp_path / "out.md"
    answer = "\n\n".join((LINES[0], "![image](image_1.png)120,80,880,410", LINES[1]))
    with ScriptedEndpoint(default=says(answer), model="2-1b-bbox") as scripted:
        done = ocrmypdf("--lighton-url", scripted.url, "--sidecar", sidecar, picture, result)
    assert done.returncode == 0, done.stderr.decode()
    assert " ".join(text_of(result)) == " ".join(LINES)
    assert "880" not in sidecar.read_text()


def test_an_unknown_model_is_a_sentence(picture: Path, tmp_path: Path) -> None:
    done = ocrmypdf("--lighton-model", "2b", picture, tmp_path / "out.pdf")
    assert done.returncode == 1
    assert "Unknown model '2b'" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_read_writes_a_searchable_pdf(picture: Path, tmp_path: Path) -> None:
    done = run("read", picture, "-o", tmp_path / "out.pdf")
    assert done.returncode == 0, done.stderr.decode()
    assert text_of(tmp_path / "out.pdf") == list(LINES)


def test_batch_writes_searchable_pdfs(picture: Path, tmp_path: Path) -> None:
    done = run("batch", picture, "--out", tmp_path / "out", "--format", "pdf", "--format", "md")
    assert done.returncode == 0, done.stderr.decode()
    (result,) = (tmp_path / "out").rglob("*.pdf")
    assert text_of(result) == list(LINES)


def test_without_ocrmypdf_the_command_says_what_to_install(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "ocrmypdf.py").write_text("raise ImportError")
    path = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
    done = run("read", picture, "-o", tmp_path / "out.pdf", PYTHONPATH=path)
    assert done.returncode == 2
    assert "[pdf]" in done.stderr.decode()
