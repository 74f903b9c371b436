import re
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pytest.importorskip("typst")
pypdfium2 = pytest.importorskip("pypdfium2")
from pocket.drawing.press import Press  # noqa: E402
from pocket.everyday import PAGES  # noqa: E402
from pocket.scores import cells, plain  # noqa: E402


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_its_truth_on_one_sheet(page, data: Path):
    with pypdfium2.PdfDocument(Press(data / "fonts").pdf(page.markup)) as document:
        assert len(document) == 1
        printed = document[0].get_textpage().get_text_bounded()

    def letters(text: str) -> list[str]:
        return sorted(re.sub(r"\W", "", text))

    if "formula" not in page.markup and "$" not in page.markup.replace('"', ""):
        assert letters(plain(page.truth)) == letters(printed)


def test_the_pages_are_of_all_kinds():
    assert len({page.name for page in PAGES}) == 20
    families = {re.findall('font: "([^"]+)"', page.markup)[0] for page in PAGES}
    assert len(families) >= 12
    assert sum(bool(cells(page.truth)) for page in PAGES) >= 8
