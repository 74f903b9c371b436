import pytest

from lighton_ocr.compare.agreement import agreement, differences

REFERENCE = "The ferry left Whitby with 12 passengers."


@pytest.mark.parametrize(
    ("text", "characters", "words"),
    [
        (REFERENCE, 1, 1),
        ("# The **ferry** left\nWhitby with 12 passengers", 1, 1),  # markup does not count
        ("The ferry left Whitby with 72 passengers.", 1 - 1 / 40, 1 - 1 / 7),
        ("The ferry left Whitby", 1 - 19 / 40, 1 - 3 / 7),
        ("", 0, 0),
    ],
)
def test_agreement_is_one_minus_the_edit_distance(
    text: str, characters: float, words: float
) -> None:
    found = agreement(text, REFERENCE)
    assert (found.characters, found.words) == pytest.approx((characters, words))


def test_two_empty_pages_agree() -> None:
    assert agreement("", "").characters == 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("The ferry left Whitby with 12 passengers.", []),
        (
            "The ferry left Whitby with 72 passengers.",
            [("missing", "12"), ("added", "72")],
        ),
        ("The old ferry left Whitby with 12 passengers.", [("added", "old")]),
        ("The ferry left Whitby with 12", [("missing", "passengers")]),
        ("", [("missing", "The ferry left Whitby with 12 passengers")]),
    ],
)
def test_differences_are_marked_and_nothing_of_the_text_is_lost(
    text: str, parts: list[tuple[str, str]]
) -> None:
    found = list(differences(text, REFERENCE))
    assert [(part.kind, part.text) for part in found if part.kind != "same"] == parts
    assert "".join(part.text for part in found if part.kind != "missing") == text
