"""Pages too tall for one picture: long screenshots, web pages printed as one, rolls of paper."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Document, Source, open_document
from lighton_ocr.documents.pages import Geometry, PageImage, PageOptions, page_image
from lighton_ocr.documents.prepare import prepare
from lighton_ocr.documents.splitting import pieces
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import Attempt
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult
from tests.support.drawn_pages import LICENSE_LINES, printed
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status

VLLM, LLAMA = Geometry(1540, 28), Geometry(1288, 28, enlarge=True)


def screenshot(pdf: bytes) -> bytes:
    file = BytesIO()
    pypdfium2.PdfDocument(pdf)[0].render(scale=1.6).to_pil().save(file, "PNG", dpi=(96, 96))
    return file.getvalue()


def opened(content: bytes) -> Document:
    return open_document(Source("strip", content))


@pytest.mark.parametrize("geometry", [VLLM, LLAMA])
@pytest.mark.parametrize("content", [printed(), screenshot(printed())], ids=["pdf", "png"])
def test_it_is_cut_into_pages_that_fit(content: bytes, geometry: Geometry) -> None:
    pieces = prepare(opened(content), 0, PageOptions(geometry)).pieces
    assert 4 <= len(pieces) <= 6
    for piece in pieces:
        assert geometry.fit(*piece.size) == piece.size
        assert piece.size[1] >= piece.size[0]


def test_no_line_is_lost_or_cut() -> None:
    strip = Image.new("L", (600, 5000), 255)
    draw = ImageDraw.Draw(strip)
    for y in range(900, 4000, 17):
        draw.text((40, y), f"Line {y} and what else stands in it.", 0, ImageFont.load_default(13))
    cut = pieces(page_image(0, strip, (600, 5000)), Geometry(5000, 1))
    assert len(cut) == 4
    assert sum(map(ink, cut)) == ink(page_image(0, strip, (600, 5000)))
    assert sum(map(lines, cut)) == len(range(900, 4000, 17))


def ink(page: PageImage) -> int:
    return sum(shade < 128 for shade in page.image.tobytes())


def lines(page: PageImage) -> int:
    """How often a row with ink comes after one without."""
    data, width = page.image.tobytes(), page.image.width
    inked = [min(data[row : row + width]) < 128 for row in range(0, len(data), width)]
    return sum(now and not before for before, now in pairwise(inked))


@pytest.mark.parametrize("size", [(595, 842), (842, 595), (1684, 2384), (227, 560)])
def test_pages_that_can_be_read_whole_are_not_cut(size: tuple[float, float]) -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=size)
    for y in range(20, int(size[1]) - 20, 20):
        canvas.drawString(20, y, "A page, a sheet of A1, a receipt.")
    canvas.save()
    assert len(prepare(opened(file.getvalue()), 0, PageOptions(VLLM)).pieces) == 1


def test_empty_stretches_are_not_sent() -> None:
    lines = LICENSE_LINES[:20] + [""] * 200 + LICENSE_LINES[20:40]
    assert len(prepare(opened(printed(lines=lines)), 0, PageOptions(VLLM)).pieces) == 2


def test_a_line_of_pixels_is_a_few_pages_at_most() -> None:
    file = BytesIO()
    stripes = bytes(255 * (row // 3 % 2) for row in range(60_000))
    Image.frombytes("L", (1, 60_000), stripes).save(file, "PNG")
    assert len(prepare(opened(file.getvalue()), 0, PageOptions(LLAMA)).pieces) < 60
    assert LLAMA.for_strip(1, 60_000).edge < 40 * LLAMA.edge


async def read(endpoint: Endpoint, content: bytes, listener: Listener | None = None) -> PageResult:
    with opened(content) as document:
        async with Reader(endpoint, listener=listener) as reader:
            (result,) = [found async for found in reader.read(document)]
    return result


class Tries(Listener):
    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.text = ""

    def on_attempt(self, page: int, attempt: Attempt) -> None:
        self.numbers.append(attempt.number)

    def on_text(self, page: int, piece: str) -> None:
        self.text += piece


async def test_its_pieces_are_one_page(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    scripted.script = [says("# Top\n\nA sentence that goes"), status(503), says("on.")]
    scripted.default = says("More.")
    heard = Tries()
    content = printed()
    more = len(prepare(opened(content), 0, PageOptions.of(endpoint)).pieces) - 2
    result = await read(endpoint, content, heard)
    assert result.text == "# Top\n\nA sentence that goes on." + more * "\n\nMore."
    assert heard.text == result.text
    assert heard.numbers == list(range(1, len(result.attempts) + 1))
    assert len(result.attempts) == 3 + more
    assert (result.finish, result.warnings) == ("stop", ())


async def test_a_piece_that_cannot_be_read_fails_the_page(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says("One."), status(400, "too odd")]
    result = await read(endpoint, printed())
    assert (result.failed, len(result.attempts)) == (True, 2)


async def test_it_is_read_as_well_as_pages_are(pocket: Endpoint, tmp_path: Path) -> None:
    lines = LICENSE_LINES[:60]  # two pieces
    result = await read(pocket, printed(lines=lines))
    truth, text = (" ".join(part.split()) for part in ("\n".join(lines), result.text))
    assert Levenshtein.normalized_distance(truth, text) < 0.05
