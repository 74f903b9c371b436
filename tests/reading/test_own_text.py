"""A page's text against the file's own: what is found, corrected and left alone."""

import pytest

from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.reading.own_text import (
    Difference,
    check_text,
    correct_text,
    own_text_warnings,
    uncorrected,
)
from lighton_ocr.reading.own_text.words import words_of
from tests.support.own_texts import INVOICE, PASSAGE, READ, own

UNSURE = frozenset({"Sarensen", "shell", "$77.15"})


def differences(text: str, layer: OwnText) -> list[tuple[str, str, str]]:
    return [(one.kind, one.read, one.own) for one in check_text(text, layer).check.differences]


def test_misread_words_and_numbers_are_found() -> None:
    check = check_text(READ.replace("| Item | | | |", "| | | | |"), own(INVOICE)).check
    assert (check.trust, check.differ, check.numbers_differ) == ("high", 3, 1)
    assert [(one.read, one.own) for one in check.differences] == [
        ("Sarensen", "Sørensen"),
        ("shell", "shelf"),
        ("$77.15", "577.15"),
    ]
    assert list(own_text_warnings(check)) == [
        "1 number differs from the file's own text: $77.15 / 577.15.",
        "2 words differ from the file's own text: shell / shelf, Sarensen / Sørensen.",
    ]


def test_unsure_words_are_corrected_and_the_markup_stays() -> None:
    checked = correct_text(READ, own(INVOICE), UNSURE)
    expected = READ.replace("Sarensen", "Sørensen").replace("shell", "shelf")
    assert checked.text == expected.replace("$77.15", "577.15")
    assert [(one.read, one.own) for one in checked.check.corrections] == [
        ("Sarensen", "Sørensen"),
        ("shell", "shelf"),
        ("$77.15", "577.15"),
    ]
    for one in checked.check.corrections:
        assert checked.text[one.start :].startswith(one.own)
    assert uncorrected(checked.text, checked.check.corrections) == READ
    assert checked.check.differ == 0
    assert list(own_text_warnings(checked.check)) == [
        "1 number was corrected to the file's own text: $77.15 → 577.15."
    ]


def test_a_warning_names_the_numbers_that_are_least_alike() -> None:
    words = [f"word{chr(97 + n)}" for n in range(20)]
    numbers = ["1234567", "2345678", "3456789", "577.15"]
    text = " ".join([*words, "1234568", "2345679", "3456780", "911.15"])
    (warning,) = own_text_warnings(check_text(text, own(" ".join(words + numbers))).check)
    assert warning == (
        "4 numbers differ from the file's own text: "
        "911.15 / 577.15, 1234568 / 1234567, 2345679 / 2345678, …."
    )


def test_a_word_that_the_model_was_sure_of_is_left_and_warned_of() -> None:
    checked = correct_text(READ, own(INVOICE), frozenset({"shell", "$77.15"}))
    assert checked.text == READ.replace("shell", "shelf").replace("$77.15", "577.15")
    assert "Sarensen" in {one.read for one in checked.check.differences}
    assert next(own_text_warnings(checked.check)).endswith("Sarensen / Sørensen.")


def test_text_on_pictures_that_contradicts_sure_words_corrects_nothing_and_is_warned_of() -> None:
    layer = own(INVOICE, on_pictures=True)
    checked = correct_text(READ, layer, frozenset({"shell"}))
    assert checked.text == READ
    assert list(own_text_warnings(checked.check)) == [
        "1 number differs from the file's own text: $77.15 / 577.15.",
        "2 words differ from the file's own text: shell / shelf, Sarensen / Sørensen.",
    ]


@pytest.mark.parametrize(
    ("read", "layer", "is_corrected"),
    [
        ("asnl_node asnl_read", "asn1_node asn1_read", True),  # one kind in 200 words
        ("asnl_node asn1_read", "asn1_node asn1_raed", False),  # two kinds
        ("Age tar Forli", "Åge tør Forlì", True),  # accents, which the model does not see
        ("Åge Forlì", "Age Forlí", True),  # the file lacks one
        ("Åge Forlì", "Age Forli", False),  # it lacks two
    ],
)
def test_an_older_ocr_s_text_contradicts_sure_words_in_many_ways(
    read: str, layer: str, is_corrected: bool
) -> None:
    passages = f"{PASSAGE} {PASSAGE}"
    text = f"{passages} {INVOICE} {read} end"
    layer = f"{passages} {INVOICE.replace('shelf', 'shelves')} {layer} end"
    checked = correct_text(text, own(layer, on_pictures=True), frozenset({"shelf"}))
    assert ("shelves" in checked.text) == is_corrected
    assert "shelves" in correct_text(text, own(layer), frozenset({"shelf"})).text  # no picture
    assert checked.check.trust == "high"


def test_a_file_that_has_no_accents_takes_none() -> None:
    layer = own(INVOICE.replace("ø", "o").replace("shelf", "shelves"))
    checked = correct_text(INVOICE, layer, frozenset({"Sørensen", "shelf"}))
    assert checked.text == INVOICE.replace("shelf", "shelves")


def test_without_probabilities_words_are_corrected_and_no_number() -> None:
    text = correct_text(READ, own(INVOICE), None).text
    assert text == READ.replace("Sarensen", "Sørensen").replace("shell", "shelf")


def test_invented_repeated_and_missing_text_are_told_apart() -> None:
    invented = "All prices exclude local taxes and duties."
    repeated = "Delivery to the harbour on Thursday morning, if the weather allows it."
    text = INVOICE.replace("Brass hinge 12 4.75 57.00\n", "")
    text = f"{PASSAGE}\n\n{text}\n\n{invented}\n\n{repeated}"
    check = check_text(text, own(f"{PASSAGE} {INVOICE}")).check
    assert [(one.kind, one.read or one.own) for one in check.differences] == [
        ("invented", "All prices exclude local taxes and duties"),
        ("repeated", "Delivery to the harbour on Thursday morning if the weather allows it"),
        ("missing", "Brass hinge 12 4.75 57.00"),
    ]
    assert (check.invented, check.repeated, check.missing) == (7, 12, 5)
    assert list(own_text_warnings(check)) == [
        '5 words of the file\'s own text are missing: "Brass hinge 12 4.75 57.00".',
        '7 words are not in the file\'s own text: "All prices exclude local taxes and duties".',
    ]


def test_a_difference_says_where_it_is_in_the_text_and_on_the_page() -> None:
    text = INVOICE.replace("577.15", "511.15")
    (found,) = check_text(text, own(INVOICE)).check.differences
    place = INVOICE.split().index("577.15")
    assert found == Difference(
        "differs", "511.15", "577.15", text.index("511.15"), (place, 0, place + 1, 9)
    )


@pytest.mark.parametrize(
    "text",
    [
        INVOICE.replace("Invoice", "## **Invoice**").replace("Total 577.15", "<b>Total</b> 577.15"),
        INVOICE.replace("Oak shelf, oiled 3", "| Oak shelf, oiled | 3 |"),
        INVOICE.replace("Company", "COMPANY"),
        INVOICE.replace("2026-0417", "2026–0417"),
        INVOICE.replace("Brass hinge", "Brass\nhinge"),
        INVOICE.replace("Total", "[Total](https://shop.example/total)"),
        "\n".join(reversed(INVOICE.splitlines())),
    ],
)
def test_markup_order_capitals_and_typography_are_no_differences(text: str) -> None:
    assert differences(text, own(INVOICE)) == []


@pytest.mark.parametrize("layer", ["inter- national", "international", "inter national"])
def test_words_divided_or_run_together_are_no_differences(layer: str) -> None:
    assert differences(f"{INVOICE} international", own(f"{INVOICE} {layer}")) == []


SPACED = [
    ("LaTeX", "L A T E X"),
    ("LATEX’s", "L A T E X’s"),
    ("horoscop’s", "horoscop s"),  # the mark is in a font of its own
    ("latex/dvips", "latex dvips"),
    ("e.g.", "e. g."),
    ("$DATA", "$ DATA"),
    ("asn1_decode_simple_der", "asn1 decode simple der"),  # underscores are drawn as lines
    ("colors=0|1|2|3|4A|4B", "colors=0|1|2|3|4A|4B"),
    ("setup{<options>}", "setup{<options>}"),
    ("don't — or ‘won’t’", "don’t – or 'won't'"),
    ("co\u2011operation", "co-operation"),
    ("ﬁnal", "ﬁnal"),
    ("final oﬃce", "ﬁnal office"),
    ("17\xa0kg", "17 kg"),
    ("crashes.1", "crashes. 1"),  # the mark of a footnote is in a smaller font
    ("version 2.24.x", "version 2.24. x"),
    ("[0;3]", "[0; 3]"),
    ("zero\u200bwidth", "zerowidth"),
]


@pytest.mark.parametrize(("read", "layer"), SPACED)
def test_spaces_and_typography_are_no_differences(read: str, layer: str) -> None:
    assert differences(f"{INVOICE} {read} end", own(f"{INVOICE} {layer} end")) == []


@pytest.mark.parametrize(
    ("read", "layer"),
    [
        ("its", "it's"),
        ("38.50", "38,50"),
        ("3.5", "3 5"),
        ("crashes.2", "crashes. 1"),
        ("1.000", "1000"),
        ("LaTaX", "L A T E X"),
        ("asn1_decode_simple_ber", "asn1 decode simple der"),
        ("colors=0|1|2|8|4A|4B", "colors=0|1|2|3|4A|4B"),
        ("setup{<option>}", "setup{<options>}"),
    ],
)
def test_real_differences_are_named_all_the_same(read: str, layer: str) -> None:
    assert differences(f"{INVOICE} {read} end", own(f"{INVOICE} {layer} end")) != []


def test_the_signs_of_a_music_font_are_no_missing_words() -> None:
    check = check_text(INVOICE, own(f"{INVOICE} N N N N h h P N N N")).check
    assert check.missing == 10
    assert list(own_text_warnings(check)) == []


def test_what_a_formula_holds_is_not_missing() -> None:
    text = f"{INVOICE}\n\n$$x_1 = \\frac{{2ab}}{{1.5}}$$ and more"
    assert differences(text, own(f"{INVOICE} x 1 2 a b 1.5 and more")) == []
    assert differences(text, own(f"{INVOICE} x 1 2 a b 1.6 and more")) != []


def test_formulas_and_links_are_left_alone() -> None:
    text = f"{READ}\n\n$x_1 = 37$ and [more](http://a.example/shell)\n\n![shell](shell.png)"
    layer = own(f"{INVOICE} x1 = 31 and more")
    corrected = correct_text(text, layer, frozenset({word.text for word in words_of(text)})).text
    assert "$x_1 = 37$" in corrected
    assert "(http://a.example/shell)" in corrected
    assert "![shell](shell.png)" in corrected


@pytest.mark.parametrize(
    ("read", "layer"),
    [
        ("office", "ofce"),  # the file has lost its ligatures
        ("flows", "ows"),
        ("Jørgen", "J\ue012rgen"),  # a letter without a code
        ("harbours", "harb*urs"),  # would become markup
        ("harbours", "<harbours"),
        ("17.50", "17.S0"),  # no number any more
        ("lantern", "Thursday"),  # another word
    ],
)
def test_what_is_worse_or_another_word_is_not_taken(read: str, layer: str) -> None:
    text = f"{INVOICE} {read} end"
    assert correct_text(text, own(f"{INVOICE} {layer} end"), frozenset({read})).text == text


def test_a_font_that_says_9_for_what_looks_like_5_corrects_no_number() -> None:
    layer = own(INVOICE.replace("5", "9"))
    unsure = frozenset(INVOICE.split())
    checked = correct_text(INVOICE, layer, unsure)
    assert checked.text == INVOICE
    assert checked.check.numbers_differ == 5


NAMES = [f"asn1_{name}" for name in ("node", "read", "write", "copy", "find", "delete")]


@pytest.mark.parametrize("is_read_wrong", [False, True])
def test_the_same_letter_wrong_in_many_sure_words_is_a_habit(is_read_wrong: bool) -> None:
    texts = [f"{INVOICE} {' '.join(names)}" for names in (NAMES, _with_l(NAMES))]
    text, layer = reversed(texts) if is_read_wrong else texts
    checked = correct_text(text, own(layer), frozenset())
    assert (checked.text, checked.check.trust) == (text, "low")
    (warning,) = own_text_warnings(checked.check)
    ours, theirs = ("asnl_node", "asn1_node") if is_read_wrong else ("asn1_node", "asnl_node")
    assert warning.startswith("6 words differ from the file's own text, many in the same letters: ")
    assert f"{ours} / {theirs}" in warning
    assert warning.endswith("either may be wrong.")


def test_many_letters_wrong_in_sure_words_are_another_reader_s() -> None:
    layer = own(f"{INVOICE} asn7_node asn1_raed asm1_write asn1_c0py asn1-fimd osn1_delete")
    checked = correct_text(f"{INVOICE} {' '.join(NAMES)}", layer, frozenset())
    assert checked.check.trust == "low"
    assert list(own_text_warnings(checked.check)) == []


def _with_l(names: list[str]) -> list[str]:
    return [name.replace("1", "l") for name in names]


def test_half_a_layer_says_nothing_of_the_other_half() -> None:
    half = " ".join(INVOICE.split()[:16])
    assert differences(INVOICE, own(half)) == []
