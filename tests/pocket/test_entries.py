import random

import pytest

pytest.importorskip("numpy")
from pocket.corpus import ALLOWED

from pocket import entries


def test_what_cannot_be_guessed_is_made_of_characters_that_all_fonts_have():
    rng = random.Random(1)
    made = [entries.unguessable(rng) for _ in range(3000)]
    assert set("".join(made)) <= ALLOWED | {" "}
    assert len(set(made)) > 2500
    assert all(text == text.strip() and text for text in made)


def test_a_misspelt_word_differs_by_one_letter():
    rng = random.Random(2)
    made = {entries.misspelt(rng, "Quay") for _ in range(300)}
    assert len(made) > 20
    assert "Qvay" in made or "Quav" in made
    for word in made - {"Quay"}:
        assert len(word) == 3 or sum(a != b for a, b in zip(word, "Quay", strict=True)) == 1
    assert entries.misspelt(rng, "") == ""


def test_amounts_come_with_points_and_commas():
    rng = random.Random(3)
    made = [entries.amount(rng) for _ in range(400)]
    assert any("." in text and "," in text for text in made)
    assert any(text[-3] == "," for text in made)
    assert all(text[-3] in ".," for text in made)


def test_signs_that_look_alike_stand_side_by_side():
    rng = random.Random(4)
    made = [entries.alike(rng) for _ in range(2000)]
    assert all(text.strip() == text and text for text in made)
    assert any(text.endswith(" l") for text in made)
    assert any({"1", "l"} <= set(text) for text in made)
    assert any({"0", "O"} <= set(text) for text in made)
