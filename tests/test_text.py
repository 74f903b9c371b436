from lighton_ocr._text import escape_controls, pluralize, printable


def test_what_a_terminal_obeys_is_shown() -> None:
    assert escape_controls("a\x1b]0;title\x07b\x9bc") == r"a\x1b]0;title\x07b\x9bc"
    assert escape_controls("\u202egnp.exe") == r"\u202egnp.exe"
    assert escape_controls("two\nlines\tand é, 漢") == "two\nlines\tand é, 漢"


def test_a_name_is_one_line() -> None:
    assert printable("a\nall pages read\x1b[2K.pdf") == r"a\nall pages read\x1b[2K.pdf"


def test_numbers_and_nouns() -> None:
    assert (pluralize(1, "page"), pluralize(2000, "page")) == ("1 page", "2,000 pages")
