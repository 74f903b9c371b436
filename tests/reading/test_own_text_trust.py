"""How far the file's own text is trusted."""

import pytest

from lighton_ocr.documents.own_text import OwnText, OwnWord
from lighton_ocr.reading.own_text import correct_text, own_text_warnings
from tests.support.own_texts import INVOICE, READ, own

UNSURE = frozenset({"Sarensen", "shell", "$77.15"})


@pytest.mark.parametrize(
    ("layer", "trust"),
    [
        (own(""), "none"),
        (own(INVOICE), "high"),
        (own(INVOICE, "hidden"), "low"),
        (own(INVOICE.translate({code: code + 1 for code in range(97, 123)})), "none"),
        (own(INVOICE.replace("o", "\ue000")), "none"),
        (own("The ferry left with many passengers, though half of them had not paid."), "none"),
        (own(INVOICE[: len(INVOICE) // 2]), "high"),
        (own(INVOICE.replace(" ", "")), "none"),
    ],
)
def test_trust_is_earned(layer: OwnText, trust: str) -> None:
    checked = correct_text(READ, layer, UNSURE)
    assert checked.check.trust == trust
    if trust != "high":
        assert checked.text == READ
        assert list(own_text_warnings(checked.check)) == []


def test_hidden_and_rotated_words_do_not_count_on_a_page_that_is_drawn() -> None:
    layer = own(INVOICE)
    lies = (
        OwnWord("977.15", (0, 0, 1, 9), 0, "hidden"),
        OwnWord("DRAFT", (0, 0, 1, 9), 0, "rotated"),
    )
    with_lies = OwnText((*layer.words, *lies))
    assert correct_text(READ, with_lies, UNSURE) == correct_text(READ, layer, UNSURE)
