"""Pages too wide for one image: timelines, banners, sheets of tables side by side."""

from io import BytesIO

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry, PageOptions
from lighton_ocr.documents.prepare import prepare

COLUMNS = 8


def timeline(height: float = 400, columns: int = COLUMNS) -> bytes:
    """Columns of text, 300 pt wide with 75 pt between them."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(375 * columns, height))
    for column in range(columns):
        for line in range(int(height / 20) - 2):
            canvas.drawString(375 * column + 40, height - 40 - 20 * line, f"c{column} " + "x" * 42)
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize("geometry", [Geometry(1540, 28), Geometry(1288, 28, enlarge=True)])
def test_a_wide_strip_is_cut_between_its_columns(geometry: Geometry) -> None:
    with open_document(Source("a.pdf", timeline())) as document:
        pieces = prepare(document, 0, PageOptions(geometry)).pieces
    assert 4 <= len(pieces) <= COLUMNS
    for piece in pieces:
        assert geometry.fit(*piece.size) == piece.size
        with Image.open(BytesIO(piece.data)) as image:
            gray = image.convert("L")
        edges = (0, 0, 4, gray.height), (gray.width - 4, 0, gray.width, gray.height)
        for edge in edges:  # no letter is cut
            assert min(gray.crop(edge).tobytes()) > 128


def test_a_page_twice_as_wide_as_high_is_whole_if_its_print_is_large() -> None:
    with open_document(Source("a.pdf", timeline(height=150, columns=1))) as document:
        assert len(prepare(document, 0, PageOptions(Geometry(1540, 28))).pieces) == 1
