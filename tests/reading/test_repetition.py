import random

from hypothesis import given
from hypothesis import strategies as st

from lighton_ocr.reading.repetition import (
    LoopDetector,
    cut_loop,
    has_repeated_passage,
    keep_one_copy,
)

WORDS = "river stone under candle walk paper seven quiet harbour letter before green".split()


def prose(count: int) -> str:
    rng = random.Random(count)
    return " ".join(rng.choice(WORDS) + str(rng.randrange(1000)) for _ in range(count))


def looped_at(text: str) -> int | None:
    detector = LoopDetector()
    for end in range(0, len(text), 4):
        if detector.feed(text[end : end + 4]):
            return end
    return None


def test_a_short_loop_is_seen_within_three_thousand_characters() -> None:
    start = prose(200)
    at = looped_at(start + "The default is used. " * 1000)
    assert at is not None
    assert at < len(start) + 3000


def test_a_word_said_without_end_is_seen_within_a_thousand_characters() -> None:
    start = prose(20)
    for loop in (" ", "t ", "\\bf}{", "c(n)\n\n", "-"):
        at = looped_at(start + loop * 1000)
        assert at is not None
        assert at < len(start) + 1000, loop


def test_counting_without_end_is_seen_within_two_thousand_characters() -> None:
    start = prose(20)
    for line in ("{0}    14\n", "{0}. {1}, ", "c({1}) = {0}\n"):
        at = looped_at(start + "".join(line.format(n, 1990 - 2 * n) for n in range(1, 400)))
        assert at is not None
        assert at < len(start) + 2000, line


def test_numbers_that_do_not_count_and_short_counts_are_no_loops() -> None:
    rng = random.Random(0)
    measured = "".join(f"{n}    {rng.randint(10, 99)}\n" for n in range(400))
    assert looped_at(measured) is None
    assert looped_at(prose(200) + "".join(f"{n}. ____\n" for n in range(1, 101))) is None


def test_an_empty_form_is_no_loop() -> None:
    assert looped_at("|  |  |  |  |\n" * 40) is None
    assert looped_at("<tr><td></td><td></td></tr>\n" * 40) is None


def test_a_repeated_paragraph_is_seen() -> None:
    paragraph = prose(60) + "\n\n"
    assert looped_at(prose(300) + paragraph * 12) is not None


def test_ordinary_text_tables_and_dot_leaders_are_no_loops() -> None:
    rng = random.Random(0)
    row = "<tr><td>{}</td><td>{}</td><td>{:.2f}</td></tr>\n"
    table = "".join(row.format(i, rng.choice(WORDS), rng.uniform(0, 500)) for i in range(150))
    contents = "".join(f"{i}. {prose(i)[:30]} {'.' * 60} {i * 3}\n" for i in range(1, 80))
    assert looped_at(prose(2000)) is None
    assert looped_at(table) is None
    assert looped_at(contents) is None


def test_a_passage_that_comes_twice_is_found_however_far_apart() -> None:
    passage = prose(25)
    assert has_repeated_passage(f"{passage}. {prose(300)[200:]} {passage}")
    assert not has_repeated_passage(f"{prose(2000)[:900]} {passage}")


def test_the_copies_are_cut_and_the_first_stays() -> None:
    start = prose(100)
    assert cut_loop(start + " again and again it goes" * 30) == start + " again and again it goes"
    assert cut_loop(start) == start
    assert cut_loop("") == ""


def test_the_copies_of_a_loop_that_counts_are_cut_as_well() -> None:
    start = prose(100) + ".\n"
    counted = "".join(f"{number}    \\DeclareOptions of 3\n" for number in range(96, 300))
    assert cut_loop(start + counted) == start + "96    \\DeclareOptions of 3"
    rows = "".join(f"{number * number % 97} of {number % 7}\n" for number in range(200))
    assert cut_loop(start + rows) == (start + rows).rstrip()  # they do not count


@given(st.text(max_size=400))
def test_cutting_gives_a_beginning_of_the_text(text: str) -> None:
    assert text.startswith(cut_loop(text))


def test_one_copy_is_kept_of_what_is_said_again_and_again_in_the_middle() -> None:
    start, end = prose(50), prose(40)
    for loop in ("Figure 2011 ", "250\n\n", "``` text ``` ", "of the line. The number "):
        assert keep_one_copy(f"{start} {loop * 30}{end}") == f"{start} {loop}{end}"


def test_what_may_be_meant_is_left_alone() -> None:
    table = "| 0 | 0 | 0 | 0 | 0 | 0 |\n" * 30 + "<tr><td>0</td><td>0</td></tr>\n" * 30
    leaders = "Chapter" + " ." * 60 + " 12\n" + "-" * 80
    short = "00 " * 16 + "|................|"
    for text in (prose(300), table, leaders, short):
        assert keep_one_copy(text) == text
