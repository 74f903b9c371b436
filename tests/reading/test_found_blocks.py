"""Boxes with models that give none: where the blocks of a page are found."""

import base64
import math
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Document, Source, ThreadPreparer, open_document
from lighton_ocr.documents.boxes import Box
from lighton_ocr.documents.own_text import NO_TEXT
from lighton_ocr.documents.pages import EncodedPage, Geometry, PageOptions, encode, page_image
from lighton_ocr.documents.prepare import prepare
from lighton_ocr.engines.remote import connect
from lighton_ocr.reading.blocks import Block
from lighton_ocr.reading.found_blocks import find_blocks
from lighton_ocr.reading.reader import PageStream, Reader
from lighton_ocr.reading.results import PageResult
from tests.support.scripted_endpoint import ScriptedEndpoint, says

ODD = [
    "$$",
    "![](x)",
    "![image](image_3.jpg)",
    "$$x$$",
    "<table>",
    "```",
    "- a",
    "\ufffc",
    "W" * 900,
    "…",
]
GEOMETRY = Geometry(2000, 1, enlarge=True)
SIZE = WIDTH, HEIGHT = 600, 800
LEFT = "Those who walk along the|shore in winter find glass|among the stones there"
RIGHT = "Most of it is green or quite|brown because the bottles|were of these colours"
CELLS = (("Season", "Minutes"), ("Spring", "4.1"), ("Autumn", "3.2"))
TEXT = f"""\
# Glass on the shore

{LEFT.replace("|", " ")}

![image](image_1.png)

Figure 1: The shore.

$$a = \\frac{{b}}{{c}}$$

{RIGHT.replace("|", " ")}

<table>
<tr><th>Season</th><th>Minutes</th></tr>
<tr><td>Spring</td><td>4.1</td></tr>
<tr><td>Autumn</td><td>3.2</td></tr>
</table>
"""


def text_box(left: float, baseline: float, lines: list[str], size: float, step: float = 0) -> Box:
    """Where lines stand that are drawn in points, in thousandths of the page."""
    right = left + max(stringWidth(line, "Helvetica", size) for line in lines)
    bottom = baseline + step * (len(lines) - 1) + 0.1 * size
    sides = left / WIDTH, (baseline - 0.72 * size) / HEIGHT, right / WIDTH, bottom / HEIGHT
    x0, y0, x1, y1 = (round(1000 * side) for side in sides)
    return x0, y0, x1, y1


# Where `draw` puts them.
BOXES: dict[str, Box] = {
    "title": text_box(60, 79, ["Glass on the shore"], 18),
    "text": text_box(60, 128, LEFT.split("|"), 14, 16),
    "image": (100, 250, 433, 350),
    "caption": text_box(60, 307, ["Figure 1: The shore."], 14),
    "formula": (200, 425, 300, 468),
    "other text": text_box(330, 128, RIGHT.split("|"), 14, 16),
    "table": (550, 262, 777, 336),
}


def draw(canvas: Canvas) -> None:
    """Draw a title and two columns: text, figure, caption, formula; text and table."""
    canvas.setFont("Helvetica", 18)
    canvas.drawString(60, HEIGHT - 79, "Glass on the shore")
    canvas.setFont("Helvetica", 14)
    for left, lines in ((60, LEFT), (330, RIGHT)):
        for number, line in enumerate(lines.split("|")):
            canvas.drawString(left, HEIGHT - 128 - 16 * number, line)
    canvas.line(60, HEIGHT - 184, 260, HEIGHT - 184)  # parts text and figure
    canvas.ellipse(60, HEIGHT - 280, 260, HEIGHT - 200, stroke=0, fill=1)
    canvas.drawString(60, HEIGHT - 307, "Figure 1: The shore.")
    canvas.setFont("Helvetica", 18)
    canvas.drawString(120, HEIGHT - 362, "a =")
    canvas.drawString(165, HEIGHT - 350, "b")
    canvas.line(158, HEIGHT - 356, 180, HEIGHT - 356)
    canvas.drawString(165, HEIGHT - 374, "c")
    canvas.setFont("Helvetica", 14)
    for number, cells in enumerate(CELLS):
        for column, cell in enumerate(cells):
            canvas.drawString(330 + 85 * column, HEIGHT - 220 - 22 * number, cell)


def invert(shade: int) -> int:
    return 255 - shade


def as_pdf(paint: Callable[[Canvas], None] = draw, size: tuple[float, float] = SIZE) -> Document:
    file = BytesIO()
    canvas = Canvas(file, pagesize=size)
    paint(canvas)
    canvas.save()
    return open_document(Source("a.pdf", file.getvalue()))


def as_scan(document: Document, edge: int = 2000) -> Document:
    buffer = BytesIO()
    with document:
        document.render(0, Geometry(edge, 1, enlarge=True)).image.save(buffer, "PNG")
    return open_document(Source("a.png", buffer.getvalue()))


async def read(
    document: Document, text: str = TEXT, model: str = "1b", boxes: bool = True
) -> PageResult:
    with ScriptedEndpoint(default=says(text, pieces=20), model=model) as server, document:
        async with Reader(connect(server.url), boxes=boxes, own_text="check") as reader:
            (result,) = [result async for result in reader.read(document)]
    assert all(body["messages"][0]["content"][1:] == [] for body in server.bodies)  # no prompt
    return result


def near(box: Box | None, other: Box, most: int = 12) -> bool:
    return box is not None and all(
        abs(side - same) <= most for side, same in zip(box, other, strict=True)
    )


def check(blocks: tuple[Block, ...], box_from: str) -> None:
    assert [block.kind for block in blocks] == [
        *("title", "text", "image", "text", "formula", "text", "table")
    ]
    for block, (name, box) in zip(blocks, BOXES.items(), strict=True):
        assert near(block.box, box, 40 if name == "formula" else 12), (name, block.box)
        assert block.box_from == box_from


@pytest.mark.parametrize(("is_scan", "box_from"), [(False, "file"), (True, "page")])
async def test_blocks_are_where_their_words_are(is_scan: bool, box_from: str) -> None:
    document = as_pdf()
    result = await read(as_scan(document) if is_scan else document)
    check(result.blocks, box_from)
    assert "\n\n![image](image_1.jpg)\n\nFigure 1" in result.text
    (figure,) = result.figures
    with Image.open(BytesIO(base64.b64decode(figure.jpeg))) as picture:
        dark = sum(picture.convert("L").histogram()[:128]) / (picture.width * picture.height)
    assert dark == pytest.approx(math.pi / 4, abs=0.03)  # the ellipse and no paper around it


async def test_the_image_decides_where_the_file_holds_another_text() -> None:
    def with_another_text(canvas: Canvas) -> None:
        picture = BytesIO()
        as_pdf().render(0, GEOMETRY).image.save(picture, "PNG")
        canvas.drawImage(ImageReader(picture), 0, 0, *SIZE)
        text = canvas.beginText(60, 100)
        text.setTextRenderMode(3)
        text.textLines("\n".join(["an older reader saw only noise on this sheet of paper"] * 4))
        canvas.drawText(text)

    check((await read(as_pdf(with_another_text))).blocks, "page")


@pytest.mark.parametrize("angle", [1, 3, -5])
def test_blocks_of_a_skewed_scan_are_where_it_has_them(angle: int, letter: Path) -> None:
    text, level = scanned(letter)
    skewed = level.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    for block, other in zip(found_on(level, text), found_on(skewed, text), strict=True):
        assert block.box
        assert other.box
        middle = [(block.box[side] + block.box[side + 2]) / 2 - 500 for side in (0, 1)]
        x, y = middle[0] * level.width, middle[1] * level.height
        sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        turned = (cosine * x + sine * y) / level.width, (cosine * y - sine * x) / level.height
        for side in (0, 1):
            there = (other.box[side] + other.box[side + 2]) / 2 - 500
            assert there == pytest.approx(turned[side], abs=6)


def test_nothing_is_found_on_the_page_of_another_text(letter: Path) -> None:
    license_text = letter.parents[1].joinpath("LICENSE").read_text()[800:2600]
    blocks = found_on(scanned(letter)[1], license_text)
    assert blocks
    assert {block.box for block in blocks} == {None}


def scanned(letter: Path) -> tuple[str, Image.Image]:
    """The text of the example letter and its picture."""
    with open_document(Source("letter.pdf", letter)) as document:
        text = document.text_layer(0).replace("\r\n", "\n")
        return "\n\n".join(text.split("\n \n")), document.render(0, GEOMETRY).image


def found_on(image: Image.Image, text: str) -> tuple[Block, ...]:
    return find_blocks(text, (encode(page_image(0, image, image.size)),), NO_TEXT, ())


async def test_boxes_that_a_model_gives_stay() -> None:
    given = TEXT.replace("image_1.png)", "image_1.png)90,240,440,360")
    result = await read(as_pdf(), given, model="2-1b-bbox")
    title, _, figure, *_ = result.blocks
    assert (figure.box, figure.box_from) == ((90, 240, 440, 360), "model")
    assert near(title.box, BOXES["title"])
    assert title.box_from == "file"


async def test_a_page_that_is_turned_has_boxes_as_it_is_read() -> None:
    def sideways(canvas: Canvas) -> None:
        canvas.translate(0, WIDTH)
        canvas.rotate(-90)
        draw(canvas)

    result = await read(as_pdf(sideways, (HEIGHT, WIDTH)))
    assert "turned" in "".join(result.warnings)
    check(result.blocks, "page")


async def test_blocks_of_a_long_page_are_found_in_its_pieces() -> None:
    lines = [f"Entry {number} of the log, written at the pier" for number in range(60)]

    def log(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(20, 1980 - 40 - 32 * number, line)

    document = as_scan(as_pdf(log, (300, 1980)), edge=6000)
    page = prepare(document, 0, PageOptions(Geometry(1540, 28)))
    assert len(page.pieces) > 2
    blocks = find_blocks("\n\n".join(lines), page.pieces, NO_TEXT, ())
    assert len(blocks) == len(lines)
    for number, block in enumerate(blocks):
        assert block.box
        assert block.box[1] == pytest.approx(1000 * (31 + 32 * number) / 1980, abs=4)


def test_any_text_has_boxes_on_the_page_or_none() -> None:
    with as_pdf() as document:
        page = document.render(0, GEOMETRY).image
    images = (page, page.crop((0, 0, 1400, 60)), Image.new("L", (28, 28), 255), page.point(invert))
    pieces = [(encode(page_image(0, image, image.size)),) for image in images]

    @given(
        st.lists(st.sampled_from([*TEXT.splitlines(), *ODD]), max_size=14), st.sampled_from(pieces)
    )
    @settings(max_examples=60, deadline=None)
    def check_boxes(lines: list[str], piece: tuple[EncodedPage, ...]) -> None:
        for block in find_blocks("\n".join(lines), piece, NO_TEXT, ()):
            left, top, right, bottom = block.box or (0, 0, 1, 1)
            assert 0 <= left <= right <= 1000
            assert 0 <= top <= bottom <= 1000

    check_boxes()


class FailingWorker(ThreadPreparer):
    runs = 0

    async def run(self, work: Callable[..., Any], *args: object) -> Any:
        self.runs += 1
        raise RuntimeError("a fault of ours")


async def test_a_fault_costs_the_boxes_and_not_the_text() -> None:
    async def wanted() -> Any:
        yield as_pdf(), 0

    with ScriptedEndpoint(default=says(TEXT), model="1b") as server:
        async with PageStream(connect(server.url), FailingWorker(), boxes=True) as stream:
            (result,) = [result async for _, result in stream.read_pages(wanted())]
    assert result.text.startswith("# Glass")
    assert (result.blocks, result.figures) == ((), ())
    assert result.warnings[-1] == "Page 1: its blocks were not found on the page: a fault of ours"


async def test_a_fault_is_no_warning_where_no_boxes_were_asked_for() -> None:
    async def wanted() -> Any:
        yield as_pdf(), 0

    half = TEXT.replace(RIGHT.replace("|", " "), "")  # what it lacks may stand in its figure
    worker = FailingWorker()
    with ScriptedEndpoint(default=says(half), model="1b") as server:
        async with PageStream(connect(server.url), worker) as stream:
            (result,) = [result async for _, result in stream.read_pages(wanted())]
    assert worker.runs == 1
    assert not [warning for warning in result.warnings if "blocks" in warning]
