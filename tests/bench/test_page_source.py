from io import BytesIO

import pytest
from PIL import Image, ImageChops

from lighton_ocr.bench import PageSource
from lighton_ocr.documents import Source, load_source, open_document
from lighton_ocr.documents.pages import Encoding, Geometry
from lighton_ocr.errors import UsageError
from tests.support.examples import EXAMPLES

GEOMETRY = Geometry(1540, 28)


def source_of(*names: str, encoding: Encoding = "png") -> PageSource:
    documents = [open_document(load_source(str(EXAMPLES / name))) for name in names]
    return PageSource.render(documents, GEOMETRY, encoding)


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_no_two_pages_are_equal(encoding: Encoding) -> None:
    source = source_of("letter.pdf", encoding=encoding)
    images = [Image.open(BytesIO(page.data)).tobytes() for page in source.take(4) + source.take(3)]
    assert len(set(images)) == 7


def test_copies_differ_only_in_a_corner() -> None:
    source = source_of("letter.pdf")
    first, second = (Image.open(BytesIO(page.data)) for page in source.take(2))
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None
    assert (box[2] <= 64, box[3] <= 4) == (True, True)


def test_pages_come_in_the_order_of_the_documents() -> None:
    source = source_of("paper.pdf", "letter.pdf")
    assert source.distinct > 1
    indices = [page.index for page in source.take(source.distinct + 1)]
    assert indices == [*range(source.distinct - 1), 0, 0]


def test_pages_of_a_pdf_have_their_text_as_a_draft() -> None:
    source = source_of("letter.pdf", "scan.jpg")
    assert (source.distinct, source.drafted) == (2, 1)
    first, second, again = source.take(3)
    assert "Harbour Museum" in first.draft
    assert (second.draft, again.draft) == ("", first.draft)


def test_documents_with_only_blank_pages_are_refused() -> None:
    file = BytesIO()
    Image.new("L", (1008, 1288), 250).save(file, "PNG")
    with pytest.raises(UsageError, match="blank"):
        PageSource.render([open_document(Source("a.png", file.getvalue()))], GEOMETRY, "png")
