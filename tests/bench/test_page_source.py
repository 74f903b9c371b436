from io import BytesIO

import pytest
from PIL import Image, ImageChops

from lighton_ocr.bench import PageSource
from lighton_ocr.documents import Source, load_source, open_document
from lighton_ocr.documents.pages import Encoding, Geometry
from lighton_ocr.errors import UsageError
from tests.conftest import EXAMPLES

GEOMETRY = Geometry(1540, 28)


def supply(*names: str, encoding: Encoding = "png") -> PageSource:
    documents = [open_document(load_source(str(EXAMPLES / name))) for name in names]
    return PageSource.render(documents, GEOMETRY, encoding)


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_no_page_is_given_twice_however_many_are_taken(encoding: Encoding) -> None:
    source = supply("letter.pdf", encoding=encoding)
    pictures = [
        Image.open(BytesIO(page.data)).tobytes() for page in source.take(4) + source.take(3)
    ]
    assert len(set(pictures)) == 7


def test_copies_differ_in_a_corner_only() -> None:
    source = supply("letter.pdf")
    first, second = (Image.open(BytesIO(page.data)) for page in source.take(2))
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None
    assert (box[2] <= 64, box[3] <= 4) == (True, True)


def test_pages_of_all_documents_come_in_order() -> None:
    source = supply("paper.pdf", "letter.pdf")
    assert source.distinct > 1
    indices = [page.index for page in source.take(source.distinct + 1)]
    assert indices == [*range(source.distinct - 1), 0, 0]


def test_pages_of_a_pdf_bring_their_text_along() -> None:
    source = supply("letter.pdf", "scan.jpg")
    assert (source.distinct, source.drafted) == (2, 1)
    first, second, again = source.take(3)
    assert "Harbour Museum" in first.draft
    assert (second.draft, again.draft) == ("", first.draft)


def test_nothing_but_blank_pages_is_refused() -> None:
    file = BytesIO()
    Image.new("L", (1008, 1288), 250).save(file, "PNG")
    with pytest.raises(UsageError, match="blank"):
        PageSource.render([open_document(Source("a.png", file.getvalue()))], GEOMETRY, "png")
