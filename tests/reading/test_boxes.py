"""Pages read with boxes: what is asked, what streams, and where blocks are on the page."""

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from reportlab.pdfgen.canvas import Canvas

import lighton_ocr
from lighton_ocr.documents import Document, Source, open_document
from lighton_ocr.documents.boxes import Box
from lighton_ocr.documents.pages import EncodedPage, Geometry, encode
from lighton_ocr.documents.splitting import halves, pieces
from lighton_ocr.engines.remote import connect
from lighton_ocr.reading.blocks import Block, parse_blocks
from lighton_ocr.reading.own_text import CheckedText, Correction, OwnTextCheck, correct_blocks
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult
from lighton_ocr.reading.stream import Answer
from lighton_ocr.reading.transcript import Transcript, join_transcripts
from tests.support.box_answers import FIGURES, LAYOUT
from tests.support.scripted_endpoint import ScriptedEndpoint, says

GEOMETRY = Geometry(1540, 28)
CELL = 6  # points


def drawn(boxes: list[Box], size: tuple[float, float] = (600, 800)) -> Document:
    """A PDF page with chequered boxes, given in thousandths of the page from its top left."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=size)
    width, height = size
    for left, top, right, bottom in boxes:
        x, y = left * width / 1000, height - bottom * height / 1000
        across, down = (right - left) * width / 1000, (bottom - top) * height / 1000
        canvas.rect(x, y, across, down)
        for row in range(int(down / CELL)):
            for column in range(row % 2, int(across / CELL), 2):
                canvas.rect(x + column * CELL, y + row * CELL, CELL, CELL, stroke=0, fill=1)
    canvas.save()
    return open_document(Source("a.pdf", file.getvalue()))


async def read(
    server: ScriptedEndpoint,
    document: Document,
    boxes: bool = True,
    listener: Listener | None = None,
) -> PageResult:
    async with Reader(connect(server.url), boxes=boxes, listener=listener) as reader:
        (result,) = [result async for result in reader.read(document)]
    return result


def ink(image: EncodedPage) -> Box:
    """Where the ink of an image is, 0 to 1000 of the image."""
    with Image.open(BytesIO(image.data)) as file:
        gray = file.convert("L")
    found = ImageChops.invert(gray).point(lambda shade: 255 * (shade > 128)).getbbox()
    assert found
    left, top, right, bottom = found
    width, height = image.size
    sides = left / width, top / height, right / width, bottom / height
    x0, y0, x1, y1 = (round(1000 * side) for side in sides)
    return x0, y0, x1, y1


def on_page(image: EncodedPage) -> Box:
    """Where a model that finds the ink of an image says that it is on the page."""
    left, top, right, bottom = ink(image)
    answer = Answer(f"![text]({left},{top},{right},{bottom}) ink", "stop", 1, 1)
    (block,) = Transcript.of(answer, image, "layout").blocks
    assert block.box
    return block.box


def near(box: Box, other: Box, most: int) -> bool:
    return all(abs(side - same) <= most for side, same in zip(box, other, strict=True))


async def test_a_layout_model_is_asked_for_it_and_its_text_streams_without_markers() -> None:
    class Collects(Listener):
        text = ""

        def on_text(self, page: int, text: str) -> None:
            self.text += text

    listener = Collects()
    document = drawn([(120, 320, 480, 560)])
    with ScriptedEndpoint(default=says(LAYOUT, pieces=90), model="3-1b") as server:
        result = await read(server, document, listener=listener)
    image, prompt = server.bodies[0]["messages"][0]["content"]
    assert (image["type"], prompt) == ("image_url", {"type": "text", "text": "grounding"})
    assert listener.text == result.text == parse_blocks(LAYOUT, "layout")[0]
    assert result.blocks == parse_blocks(LAYOUT, "layout")[1]
    assert result.size_pt == (600, 800)
    pictures = [base64.b64decode(figure.jpeg) for figure in result.figures]
    first, second = (Image.open(BytesIO(picture)).convert("L") for picture in pictures)
    dark = first.point(lambda shade: 255 * (shade < 128)).getbbox()
    assert dark
    edges = (0, 0, *first.size)
    assert all(abs(side - edge) <= 3 for side, edge in zip(dark, edges, strict=True))
    assert second.getextrema() == (255, 255)  # nothing is drawn there


async def test_a_model_that_gives_boxes_of_figures_is_asked_as_ever() -> None:
    with ScriptedEndpoint(default=says(FIGURES, pieces=30), model="2-1b-bbox") as server:
        result = await read(server, drawn([(120, 80, 880, 410)]))
    assert [part["type"] for part in server.bodies[0]["messages"][0]["content"]] == ["image_url"]
    assert result.text == FIGURES.replace("image_1.png)120,80,880,410", "image_1.jpg)")
    assert [figure.box for figure in result.figures] == [(120, 80, 880, 410)]


def test_read_returns_blocks_and_saves_figures(letter: Path, tmp_path: Path) -> None:
    with ScriptedEndpoint(default=says(LAYOUT), model="3-1b") as server:
        result = lighton_ocr.read(letter, url=server.url, boxes=True)
        assert result.pages[0].blocks[1].kind == "title"
        result.save(tmp_path / "a.md")
    for figure in result.pages[0].figures:
        saved = tmp_path / "a-figures" / f"page-0001-image-{figure.number}.jpg"
        assert saved.read_bytes() == base64.b64decode(figure.jpeg)


async def test_without_boxes_the_answer_stays_as_it_is() -> None:
    with ScriptedEndpoint(default=says(FIGURES), model="2-1b-bbox") as server:
        result = await read(server, drawn([(120, 80, 880, 410)]), boxes=False)
    assert (result.text, result.blocks, result.figures) == (FIGURES, (), ())


def test_boxes_of_halves_are_on_the_page() -> None:
    boxes = [(100, 100, 900, 200), (150, 800, 700, 900)]
    with drawn(boxes) as document:
        page = encode(document.render(0, GEOMETRY))
    for half, box in zip(halves(page), boxes, strict=True):
        assert near(on_page(half), box, 1)
    lower = halves(page)[1]
    assert lower.area[1] > 0.3


def test_boxes_of_halves_of_halves_are_on_the_page() -> None:
    boxes = [(100, 50, 900, 150), (100, 250, 900, 350), (100, 650, 900, 750), (99, 850, 500, 950)]
    with drawn(boxes) as document:
        page = encode(document.render(0, GEOMETRY))
    quarters = [quarter for half in halves(page) for quarter in halves(half)]
    assert len(quarters) == 4
    for quarter, box in zip(quarters, boxes, strict=True):
        assert near(on_page(quarter), box, 1)


@pytest.mark.parametrize("size", [(400.0, 4000.0), (4000.0, 400.0)], ids=["tall", "wide"])
def test_boxes_of_a_strips_pieces_are_on_the_page(size: tuple[float, float]) -> None:
    spans = [(40, 160), (340, 420), (600, 700), (900, 970)]
    is_tall = size[0] < size[1]
    boxes = [(200, start, 800, end) if is_tall else (start, 200, end, 800) for start, end in spans]
    with drawn(boxes, size) as document:
        page = document.render(0, GEOMETRY.for_strip(*size))
        cut = [encode(piece) for piece in pieces(page, GEOMETRY)]
    assert len(cut) == 4
    for piece, box in zip(cut, boxes, strict=True):
        assert near(on_page(piece), box, 8)  # a pixel of the piece is more of the page


def test_sections_number_their_figures_and_join_what_was_cut() -> None:
    def part(text: str) -> Transcript:
        image = EncodedPage(0, b"", "image/png", (100, 100))
        return Transcript.of(Answer(text, "stop", 1, 1), image, "layout")

    joined = join_transcripts(
        [
            part("![image](1,1,9,9)\n![text](1,10,9,20) It is three to four"),
            part("![text](1,1,9,9) minutes more.\n![image](1,20,9,29)"),
        ]
    )
    assert joined.text == (
        "![image](image_1.jpg)\n\nIt is three to four minutes more.\n\n![image](image_2.jpg)"
    )
    assert [block.figure for block in joined.blocks] == [1, 0, 0, 2]


def test_corrections_of_the_text_are_in_its_blocks_too() -> None:
    text, blocks = parse_blocks("![text](1,1,2,2) Mr Sarensen\n![text](3,3,4,4) a sheell", "layout")
    check = OwnTextCheck(
        "high",
        4,
        corrections=(
            Correction("Sarensen", "Sørensens", 3, (0, 0, 9, 9)),
            Correction("sheell", "shell", 16, (0, 0, 9, 9)),
        ),
    )
    checked = CheckedText("Mr Sørensens\n\na shell", check)
    assert correct_blocks(blocks, text, checked) == (
        Block("text", (1, 1, 2, 2), "Mr Sørensens"),
        Block("text", (3, 3, 4, 4), "a shell"),
    )


async def test_a_loop_whose_boxes_differ_is_noticed_and_leaves_one_copy() -> None:
    line = "![text](100,{0},900,{1}) The default is used, unless another value is given here."
    loop = "\n".join(line.format(10 + number, 17 + number) for number in range(900))
    answer = says(f"![title](1,1,9,9) # Start\n{loop}", "length", 900)
    with ScriptedEndpoint(default=answer, model="3-1b") as server:
        result = await read(server, drawn([(120, 80, 880, 100)]))  # nothing to cut in two
    assert result.finish == "loop"
    assert result.text == ("# Start\n\nThe default is used, unless another value is given here.")
    assert [block.box for block in result.blocks] == [(1, 1, 9, 9), (100, 10, 900, 17)]
