"""Pages with boxes: their blocks say the plain transcript, and their boxes hold the ink."""

import random
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("typst")
from pocket.corpus import Source  # noqa: E402
from pocket.drawing import manuscript, passages  # noqa: E402
from pocket.drawing.grounding import (  # noqa: E402
    Block,
    fitted,
    label_of,
    markdown,
    stray,
    thousandths,
)
from pocket.drawing.kinds import BANDED, KINDS  # noqa: E402
from pocket.drawing.manuscript import Typesetter  # noqa: E402
from pocket.drawing.press import Press  # noqa: E402

SIZE = (644, 868)


@pytest.fixture(scope="module")
def typesetter(data: Path) -> Typesetter:
    return Typesetter(Source.open(data), Press(data / "fonts"))


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - BANDED))
def test_links_show_nothing_and_blocks_say_the_plain_page(typesetter, kind, monkeypatch):
    """In one column the same pages are set, but where one more block fits a page with links.

    A band over the page's whole width is set a little higher with links.
    """
    share, _, makers = KINDS[kind]
    monkeypatch.setattr(manuscript, "KINDS", {kind: (share, (1,), makers)})
    monkeypatch.setattr(manuscript, "BLANK", 0)
    same = 0
    for seed in range(4):
        grounded = typesetter.grounded(random.Random(f"{kind} {seed}"), *SIZE, seed == 0)
        plain, text = typesetter.page(random.Random(f"{kind} {seed}"), *SIZE, seed == 0)
        if grounded is not None and markdown(grounded[1]) == text:
            same += 1
            assert (grounded[0] == plain).all()
    assert same


@pytest.mark.parametrize("kind", KINDS)
def test_each_box_holds_ink_and_no_ink_is_elsewhere(typesetter, kind, monkeypatch):
    monkeypatch.setattr(manuscript, "KINDS", {kind: KINDS[kind]})
    monkeypatch.setattr(manuscript, "BLANK", 0)
    pages = (typesetter.grounded(random.Random(n), *SIZE, n == 0) for n in range(3))
    for ink, blocks in filter(None, pages):
        assert stray(ink, blocks) <= 6
        for block in blocks:
            left, top, right, bottom = map(round, block.box)
            part = ink[top:bottom, left:right] > 24
            edges = part[0], part[-1], part[:, 0], part[:, -1]
            assert all(edge.any() for edge in edges), block


def test_a_paragraph_goes_on_in_the_next_column(typesetter, monkeypatch):
    monkeypatch.setattr(manuscript, "BLANK", 0)
    monkeypatch.setattr(manuscript, "KINDS", {"prose": (1, (2,), {passages.paragraph: 1})})
    pages = [typesetter.grounded(random.Random(seed), *SIZE, True) for seed in range(12)]
    divided = [blocks for _, blocks in filter(None, pages) if "text+" in {b.label for b in blocks}]
    assert divided
    for blocks in divided:
        after = [block.label for block in blocks].index("text+")
        first, second = blocks[after - 1 : after + 1]
        assert second.box[0] > first.box[2]
        assert second.box[1] < first.box[1]
        assert f"{first.text} {second.text}" in markdown(blocks)


def test_boxes_are_fitted_to_the_ink_between_their_neighbours():
    ink = np.zeros((100, 80), np.uint8)
    ink[10:20, 10:60] = 255
    ink[20:24, 30:34] = 255  # below the line
    ink[32:40, 12:70] = 255
    ink[29:30, 20:24] = 255  # above the line
    rough = [Block("text", "a", (10, 11, 60, 20)), Block("text", "b", (10, 32, 72, 40))]
    boxes = [block.box for block in fitted(ink, rough) or []]
    assert boxes == [(10, 10, 60, 24), (12, 29, 70, 40)]
    assert stray(ink, fitted(ink, rough) or []) == 0
    assert fitted(ink, [Block("text", "a", (10, 60, 60, 80))]) is None  # nothing is there
    assert fitted(ink, [rough[0], Block("text", "b", (10, 12, 60, 22))]) is None


def test_places_are_thousandths_of_the_page():
    assert thousandths((0, 434, 322, 900), *SIZE) == [0, 500, 500, 1000]


def test_a_block_goes_on_with_the_one_before_it_and_pictures_are_numbered():
    box = (0, 0, 644, 868)
    labels = {"text": "a", "text+": "b", "image": "", "list": "- c", "list+": "- d"}
    blocks = [Block(label, text, box) for label, text in labels.items()]
    assert markdown(blocks) == "a b\n\n![image](image_1.png)\n\n- c\n- d"


def test_what_a_block_is_can_be_told_from_its_text():
    labels = {
        "# A": "title",
        "### A": "section",
        "- a": "list",
        "```\nx\n```": "code",
        "<table>\n</table>": "table",
        "$$x$$": "formula",
        "![image](image_1.png)": "image",
        "Figure 3. The tide": "caption",
        "Tables are set": "text",
        "# A\n\nb": "text",
    }
    assert {text: label_of(text) for text in labels} == labels
