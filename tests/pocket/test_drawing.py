import random
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
from pocket.corpus import Source, clean, paragraphs  # noqa: E402
from pocket.entries import unguessable  # noqa: E402
from pocket.scores import cells  # noqa: E402


@pytest.fixture(scope="module")
def painter(data: Path):
    from pocket.drawing.page import Painter
    from pocket.fonts import Families

    return Painter(Source.open(data), Families(data / "fonts"))


@pytest.mark.parametrize("dense", [False, True])
def test_pages_have_ink_exactly_where_they_have_text(painter, dense):
    rng = random.Random(11)
    for _ in range(12):
        ink, text = painter.page(rng, 644, 868, dense)
        assert ink.shape == (868, 644)
        assert ink.dtype == np.uint8
        assert bool(text) == bool(ink.any())
        assert "\u00ad" not in text


def test_one_seed_draws_one_page(data):
    from pocket.drawing.page import Painter
    from pocket.fonts import Families

    def draw() -> tuple[Any, str]:
        painter = Painter(Source.open(data), Families(data / "fonts"))
        return painter.page(random.Random(4), 644, 868, True)

    (ink, text), (again, same) = draw(), draw()
    assert text == same
    assert (ink == again).all()


def test_tables_are_html_with_their_cells(painter):
    from pocket.drawing.sheet import Box, Sheet
    from pocket.drawing.tables import table

    rng = random.Random(2)
    sheet = Sheet(644, 868, rng, painter.source, painter.fonts)
    assert table(sheet, painter._style(rng, False), Box(20, 20, 600, 840))
    assert sheet.blocks[0].startswith("<table>\n<tr><th")
    assert len(cells(sheet.blocks[0])) >= 4


def test_words_broken_at_a_line_are_whole_in_the_transcript(painter):
    from pocket.drawing.sheet import joined, wrap

    font = painter.fonts.pick(random.Random(0))[""][0]
    from pocket.fonts import load

    lines = wrap(["extraordinary"] * 9, load(font, 15), 150, hyphens=True)
    assert any(line[-1].endswith("\u00ad") for line in lines)
    assert joined(lines) == " ".join(["extraordinary"] * 9)


def test_text_of_a_manual_page_becomes_paragraphs():
    page = (
        "<p>Short.</p><p>A paragraph &amp; its entity, long enough to be kept.</p><pre>code</pre>"
    )
    assert list(paragraphs(page, is_html=True)) == [
        "A paragraph & its entity, long enough to be kept."
    ]
    assert clean("ﬁne →") == "fine ->"
    assert clean("漢字だけ") == ""
    assert unguessable(random.Random(1))
