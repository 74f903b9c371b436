from pathlib import Path

import pytest

from lighton_ocr.compare.comparison import ComparedPage
from lighton_ocr.documents import Source, open_document
from lighton_ocr.reading.review import Review


@pytest.mark.parametrize(
    ("disagreement", "score", "deserves_it"), [(0, 0.02, False), (0.1, 0, True), (0, 0.5, True)]
)
def test_pages_that_all_read_alike_deserve_no_look(
    letter: Path, disagreement: float, score: float, deserves_it: bool
) -> None:
    with open_document(Source("letter.pdf", letter)) as document:
        reviews = (Review(score, ()), Review(0, ()))
        page = ComparedPage(document, 0, None, (), disagreement, reviews)
        assert page.deserves_a_look == deserves_it
