"""The real engine and the real pocket model on real pages."""

import asyncio
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ImageFilter
from rapidfuzz.distance import Levenshtein

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry, encode
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.results import PageResult
from tests.support.corpus import pdf
from tests.support.examples import EXAMPLES

LETTER = (EXAMPLES / "letter.typ").read_text()
LETTER_WORDS = LETTER[LETTER.index("Harbour Museum") :].replace("\\", "").split()


async def read(endpoint: Endpoint, name: str, content: bytes | Path) -> PageResult:
    with open_document(Source(name, content)) as document:
        async with Reader(endpoint) as reader:
            (result,) = [found async for found in reader.read(document)]
    return result


def error_rate(text: str) -> float:
    """Characters wrong per character of the letter, however its lines are broken."""
    truth = " ".join(LETTER_WORDS)
    return Levenshtein.distance(" ".join(text.replace("#", "").split()), truth) / len(truth)


@pytest.fixture(scope="module")
def letter_result(pocket: Endpoint, letter: Path) -> PageResult:
    return asyncio.run(read(pocket, "letter.pdf", letter))


def test_the_letter_is_read_without_a_mistake(letter_result: PageResult) -> None:
    assert letter_result.text.split() == LETTER_WORDS
    assert letter_result.own_text
    assert not letter_result.own_text.corrections  # the model itself read them
    finish, attempts = letter_result.finish, len(letter_result.attempts)
    assert (finish, attempts, letter_result.warnings) == ("stop", 1, ())
    assert letter_result.completion_tokens > 100
    assert letter_result.confidence
    assert letter_result.confidence > 0.97


async def test_what_cannot_be_read_is_read_with_a_warning(pocket: Endpoint, letter: Path) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        image = document.render(0, Geometry.of(pocket)).image.filter(ImageFilter.GaussianBlur(3))
    image.save(file := BytesIO(), "PNG")
    result = await read(pocket, "blurred.png", file.getvalue())
    assert error_rate(result.text) > 0.1
    assert result.confidence
    assert result.confidence < 0.85
    assert "the model was unsure of what it read" in result.warnings[0]


async def test_a_scan_of_it_is_read_as_well(pocket: Endpoint) -> None:
    assert error_rate((await read(pocket, "scan.jpg", EXAMPLES / "scan.jpg")).text) < 0.005


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
async def test_the_same_page_in_other_clothes_gives_the_same_text(
    pocket: Endpoint, letter: Path, letter_result: PageResult, format: str
) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        image = document.render(0, Geometry.of(pocket)).image
    file = BytesIO()
    image.save(file, format)
    pictured = await read(pocket, "a", file.getvalue())
    assert pictured.text == letter_result.text


@pytest.mark.slow
def test_standard_input_gives_the_same_text_as_the_file(tmp_path: Path) -> None:
    strip = tmp_path / "strip.pdf"
    strip.write_bytes(pdf("Invoice number", 1, size=(700, 100)))
    command = [sys.executable, "-m", "lighton_ocr", "read"]
    named = subprocess.run([*command, strip], capture_output=True, check=True)
    piped = subprocess.run(
        [*command, "-"], input=strip.read_bytes(), capture_output=True, check=True
    )
    assert b"Invoice" in named.stdout
    assert piped.stdout == named.stdout


@pytest.mark.parametrize("size", [(595.28, 841.89), (612, 300), (72, 700)])
async def test_llama_cpp_sees_as_many_cells_as_we_made(
    pocket: Endpoint, size: tuple[float, float]
) -> None:
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file, pagesize=size)
    canvas.drawString(5, size[1] / 2, "word")
    canvas.showPage()
    canvas.save()
    geometry = Geometry.of(pocket)
    width, height = geometry.fit_points(*size)
    result = await read(pocket, "a.pdf", file.getvalue())
    # What is left are the tokens of the chat template, the same for every page.
    assert result.prompt_tokens - width * height // geometry.grid**2 == 16


def test_what_is_sent_is_what_was_rendered(letter: Path) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        page = document.render(0, Geometry(1288, 28, enlarge=True))
    with open_document(Source("sent.png", encode(page).data)) as sent:
        again = sent.render(0, Geometry(1288, 28, enlarge=True))
    assert again.image.tobytes() == page.image.tobytes()
