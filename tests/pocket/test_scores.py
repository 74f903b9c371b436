import random

from pocket.scores import (
    bare_word_f1,
    cell_f1,
    character_error_rate,
    edit_distance,
    loops,
    plain,
    word_f1,
    wrong_words,
)


def slow_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        new = [i + 1]
        for j, y in enumerate(b):
            new.append(min(row[j] + (x != y), row[j + 1] + 1, new[-1] + 1))
        row = new
    return row[-1]


def test_edit_distance_is_levenshteins():
    rng = random.Random(3)
    for _ in range(400):
        a, b = ("".join(rng.choices("abc", k=rng.randint(0, 14))) for _ in range(2))
        assert edit_distance(a, b) == slow_distance(a, b), (a, b)


def test_markup_quotes_and_leaders_do_not_count():
    assert plain("# A “b”\n\n- c&amp;d") == 'A "b" c&d'
    assert plain("Index . . . . . . 7") == plain("Index ....... 7")


def test_only_tags_of_tables_and_type_are_markup():
    assert plain("<table>\n<tr><td>a</td></tr>\n</table> H<sub>2</sub>O<br/>b") == "a H 2 O b"
    page = "#include <stdio.h> if a < b\nthen c; x > y"
    assert plain(page) == " ".join(page.split())
    assert plain("x <b, y> z") == "x <b, y> z"
    assert plain("![image](image_1.png) a![b]\n(c)") == "a![b] (c)"


def test_bare_words_are_the_same_however_a_text_layer_spaces_signs():
    found, layer = "f( [selection] ) s48_on_load", "f ( [ selection ] ) s48 on load"
    assert word_f1(found, layer) < 0.5
    assert bare_word_f1(found, layer) == 1
    assert bare_word_f1("s48_on_road", layer) < 0.8
    assert bare_word_f1("...", "--") == 1


def test_word_f1_ignores_order_and_character_error_rate_does_not():
    assert word_f1("b a", "a b") == 1
    assert character_error_rate("b a", "a b") > 0
    assert word_f1("", "") == 1
    assert word_f1("a", "") == 0


def test_cells_count_by_table_and_row():
    truth = "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>"
    assert cell_f1(truth, truth) == 1
    assert cell_f1(truth.replace("2", "3"), truth) == 0.75
    assert cell_f1("a b 1 2", truth) == 0


def test_a_loop_is_twenty_words_that_come_again():
    words = [str(n) for n in range(60)]
    assert not loops(" ".join(words))
    assert loops(" ".join([*words, *words[10:30]]))
    assert not loops(" ".join([*words, *words[10:29]]))


def test_wrong_words_are_counted_once_each():
    assert wrong_words("12 Qyay Street", "12 Quay Street") == 1
    assert wrong_words("a b c d", "a b") == 2
    assert wrong_words("**a** b", "a b c") == 1
    assert wrong_words("same", "same") == 0
