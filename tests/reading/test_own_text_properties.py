"""What holds for any text and any text of a file."""

import random
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.reading.own_text import check_text, correct_text, uncorrected
from lighton_ocr.reading.own_text.words import words_of
from tests.support.own_texts import INVOICE, PASSAGE, READ, own

CHARACTERS = st.text(st.characters(exclude_categories=()), max_size=60)
MARKDOWN = st.lists(
    st.sampled_from(
        [
            *READ.split(" "),
            "$x$",
            "|",
            "\n",
            "<td>",
            "</td>",
            "```\n",
            "`",
            "$",
            "577.15",
            "shelf",
            "ofice",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(CHARACTERS | MARKDOWN, CHARACTERS | MARKDOWN)
def test_any_layer_is_survived_and_correcting_again_changes_nothing(text: str, layer: str) -> None:
    text, layer = f"{text}\n{INVOICE}", f"{INVOICE} {layer}"
    unsure = frozenset(word.text for word in words_of(text))
    once = correct_text(text, own(layer), unsure)
    again = correct_text(once.text, own(layer), unsure)
    assert (again.text, again.check.corrections) == (once.text, ())
    assert uncorrected(once.text, once.check.corrections) == text
    assert check_text(once.text, own(layer)).check == replace(once.check, corrections=())


@given(MARKDOWN)
def test_an_empty_layer_changes_nothing(text: str) -> None:
    assert correct_text(text, OwnText(), None).text == text


@given(CHARACTERS | MARKDOWN)
def test_an_equal_layer_changes_nothing(text: str) -> None:
    unsure = frozenset(word.text for word in words_of(text))
    checked = correct_text(text, own(" ".join(word.text for word in words_of(text))), unsure)
    assert (checked.text, checked.check.corrections) == (text, ())


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_no_word_is_added_or_removed(rng: random.Random, errors: int) -> None:
    words = PASSAGE.split()
    for index in rng.sample(range(len(words)), errors):
        words[index] = words[index][:-1] + rng.choice("XYZ0123456789")
    text = " ".join(words)
    corrected = correct_text(text, own(PASSAGE), frozenset(words)).text
    assert len(corrected.split()) == len(words)
    assert corrected == PASSAGE


@given(st.randoms(use_true_random=False), st.integers(1, 2), st.integers(1, 20))
def test_a_misread_layer_takes_no_right_word(rng: random.Random, sure: int, unsure: int) -> None:
    words = PASSAGE.split()
    rng.shuffle(words)
    wrong, doubted = words[: sure + unsure], frozenset(words[sure:60])
    misread = {word: word[:-1] + rng.choice("ijklmnopqrst") for word in wrong}
    layer = " ".join(misread.get(word, word) for word in PASSAGE.split())
    assert correct_text(PASSAGE, own(layer, on_pictures=True), doubted).text == PASSAGE


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_planted_numbers_are_named(rng: random.Random) -> None:
    numbers = [f"{number / 100:.2f}" for number in rng.sample(range(10_000, 99_999), 40)]
    rows = [f"Row{n} {number}" for n, number in enumerate(numbers)]
    planted = rng.sample(range(40), 5)
    wrong = list(rows)
    for index in planted:
        digit = rng.randrange(len(numbers[index]) - 3)
        changed = list(numbers[index])
        changed[digit] = str((int(changed[digit]) + rng.randint(1, 9)) % 10)
        assume("".join(changed) not in numbers)  # rows that swap their numbers are only moved
        wrong[index] = f"Row{index} {''.join(changed)}"
    rng.shuffle(rows)
    check = check_text("\n".join(wrong), own(" ".join(rows))).check
    named = {one.read for one in check.differences if one.kind == "differs"}
    assert named == {wrong[index].split()[1] for index in planted}
