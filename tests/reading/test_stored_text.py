"""The text that a file holds for a page: when it is taken, and how it is laid out."""

import random
from dataclasses import replace

import pytest

from lighton_ocr.documents.own_text import Kind, OwnText, OwnWord
from lighton_ocr.reading.own_text.check import Trust
from lighton_ocr.reading.own_text.stored import stored_text

LINES = (
    "Report of the harbour office",
    "",
    "The ferry left the harbour of Kendal with 214 people on board, and",
    "not one of them had paid for the passage that was due on that day.",
    "Which of these boats are to be kept for the winter is not known.",
    "",
    "All prices are in pounds, from the list which is on the wall.",
)


def layer(lines: tuple[str, ...] = LINES, kind: Kind = "drawn") -> OwnText:
    """Words as they stand on a page, in lines of 12; an empty one is half as high."""
    words, top = [], 100
    for line in lines:
        left = 80
        for word in line.split():
            words.append(OwnWord(word, (left, top, left + 8 * len(word), top + 9), 0, kind))
            left += 8 * len(word) + 4
        top += 12 if line else 6
    return OwnText(tuple(words))


def test_lines_and_paragraphs_are_kept() -> None:
    assert stored_text(layer(), "", "none") == "\n".join(LINES)


def test_a_text_that_has_most_of_the_words_is_kept() -> None:
    words = " ".join(LINES).split()
    assert stored_text(layer(), " ".join(words[: len(words) * 5 // 6]), "none") is None
    assert stored_text(layer(), " ".join(words[: len(words) * 2 // 3]), "none") is not None
    assert stored_text(layer(), " ".join(words + words[: len(words) // 2]), "none") is not None
    assert stored_text(layer(), " ".join([*words, *["More"] * 99]), "none") is None
    assert stored_text(layer(), "the the the " * 40, "none") is not None


def shuffled(own: OwnText) -> OwnText:
    words = list(own.words)
    random.Random(0).shuffle(words)
    return OwnText(tuple(words))


def by_letter(own: OwnText, become: dict[int, int | str]) -> OwnText:
    return OwnText(tuple(replace(word, text=word.text.translate(become)) for word in own.words))


@pytest.mark.parametrize(
    "own",
    [
        OwnText(),
        layer(kind="hidden"),
        layer(kind="rotated"),
        layer(("1 2 3 4", "5 6 7 8") * 9),
        layer(("Kartoffelsalat Blutwurst",) * 9),
        OwnText(layer().words + layer(LINES[2:4], kind="hidden").words),
        shuffled(layer()),
        by_letter(layer(), {letter: letter + 1 for letter in range(97, 122)}),
        by_letter(layer(), dict.fromkeys(map(ord, "xyzkv"), "\ue012")),
    ],
    ids=[
        "none",
        "hidden",
        "rotated",
        "numbers",
        "no language",
        "partly hidden",
        "no order",
        "other letters",
        "letters without a code",
    ],
)
def test_a_text_that_deserves_no_trust_is_not_taken(own: OwnText) -> None:
    assert stored_text(own, "", "none") is None


@pytest.mark.parametrize(("trust", "is_taken"), [("none", False), ("low", True), ("high", True)])
def test_a_text_in_no_language_has_to_agree_with_what_was_read(
    trust: Trust, is_taken: bool
) -> None:
    index = layer(tuple(f"ALPHA_{n} BETA_{n} {n}12" for n in range(20)))
    assert (stored_text(index, "ALPHA_1 BETA_1", trust) is not None) == is_taken


def test_formulas_are_taken_if_the_model_read_less_than_half_of_the_page() -> None:
    lines = ("x 2 + y 2 is the area that we have for all of them",) * 20
    assert stored_text(layer(lines), " ".join(lines[:12]), "high") is None
    assert stored_text(layer(lines), " ".join(lines[:8]), "high") is not None


def test_what_markdown_would_take_for_markup_is_escaped() -> None:
    odd = ("a*b* <b> $5 `c` x_y_z _d_ ~e~ [f](g) AT&amp;T \\n", "# 1", "> 2", "| 3", "---", "===")
    text = stored_text(layer(LINES + odd), "", "none")
    assert text is not None
    assert text.splitlines()[-6:] == [
        r"a\*b\* \<b> \$5 \`c\` x_y_z \_d\_ \~e\~ [f\](g) AT\&amp;T \\n",
        r"\# 1",
        r"\> 2",
        r"\| 3",
        r"\---",
        r"\===",
    ]


def test_dots_before_a_page_number_are_few_and_characters_whole() -> None:
    odd = ("1.2 Ferries . . . . . . . 12", "1.3 Boats.......13", "\ud83d\ude00 \ud83d")
    text = stored_text(layer(LINES * 9 + odd), "", "none")
    assert text is not None
    last = text.splitlines()[-3:]
    assert last == ["1.2 Ferries ... 12", "1.3 Boats ...13", "\U0001f600 \ufffd"]


def test_parts_of_a_word_and_small_full_stops_are_joined() -> None:
    words = list(layer().words)
    last = words.pop()
    left, top, right, bottom = last.box
    words += [
        replace(last, text="wa", box=(left, top, right - 16, bottom)),
        replace(last, text="ﬂl", box=(right - 16, top, right, bottom), font=1),
        replace(last, text=".", box=(right, bottom - 1, right + 1, bottom), kind="hidden"),
    ]
    text = stored_text(OwnText(tuple(words)), "", "none")
    assert text is not None
    assert text.endswith("on the wafll.")
