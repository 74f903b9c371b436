"""Words that the end of a line divides are joined where the document says that they are one."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from lighton_ocr.formats import FORMATS
from lighton_ocr.formats.divided_words import Vocabulary, join_divided_words, join_words_of_page
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.files import result_files
from lighton_ocr.formats.options import OutputOptions
from lighton_ocr.reading.blocks import Block
from lighton_ocr.reading.own_text import Correction, Difference, OwnTextCheck
from lighton_ocr.reading.results import PageResult

MANUALS = Path(__file__).parents[2] / "benchmarks" / "quality" / "pdfs" / "manuals"
WORDS = st.text("abcdefgäéß", min_size=4, max_size=9)
BOX = (0, 0, 9, 9)


def page(text: str, number: int = 1) -> PageResult:
    return PageResult(number, text, "stop")


def joined(text: str, elsewhere: str = "") -> str:
    return join_divided_words([page(text), page(elsewhere, 2)])[0].text


@pytest.mark.parametrize(
    ("text", "elsewhere", "result"),
    [
        ("For exam-\nple, this.", "An example.", "For example, this."),
        ("For exam- ple, this.", "An example.", "For example, this."),
        ("**Exam-\nple** one", "(example)", "**Example** one"),
        ("| exam- ple | 1 |", "Example", "| example | 1 |"),
        ("an EXAM-\nPLE", "an example", "an EXAMPLE"),
        ("an exam\u2010\nple", "an example", "an example"),
    ],
)
def test_a_word_that_stands_whole_elsewhere_is_joined(
    text: str, elsewhere: str, result: str
) -> None:
    assert joined(text, elsewhere) == result


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("For exam-\nple, this.", "Nothing here."),
        ("A well-\nknown one", "wellknown, but also well-known"),
        ("A Well- known one", "wellknown, but also well-known"),
        ("pre- and post-war", "and before"),
        ("Frank-\nReich", "Frankreich"),
        ("```\nexam-\nple\n```", "example"),
        ("`exam- ple`", "example"),
        ("$exam- ple$", "example"),
        ("[a](exam- ple)", "example"),
        ("https://e.org/exam-\nple", "example"),
        ("e.org/exam-\nple", "example"),
        ("exam-\nple.org/a exam-\nple/b exam-\nple@c", "example"),
        ("pages 12-\n15, AB1-\nC, 2024- Mai", "1215 ab1c 2024mai"),
        ("multi-exam-\nple exam-\nple-like", "example"),
        ("exam-\n\nple exam-  ple exam -\nple", "example"),
        ("- exam-\n- ple", "example"),
    ],
)
def test_everything_else_stays(text: str, elsewhere: str) -> None:
    assert joined(text, elsewhere) == text


@given(st.lists(WORDS, min_size=1, max_size=12), st.data())
def test_whatever_is_divided_becomes_what_it_was(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    pieces = []
    for word in words:
        place = data.draw(st.integers(0, len(word) - 2))
        gap = data.draw(st.sampled_from(["- ", "-\n"]))
        pieces.append(word if place < 2 else word[:place] + gap + word[place:])
    assert joined(" ".join(pieces), text) == text


@given(st.text("ab- \n`$|./1", max_size=40), st.text("ab-\u2010 \n", max_size=20))
def test_no_letter_is_lost_and_a_second_time_changes_nothing(text: str, elsewhere: str) -> None:
    once = joined(text, elsewhere)
    assert [char for char in once if char not in "- \n"] == [
        char for char in text if char not in "- \n"
    ]
    assert joined(once, elsewhere) == once


def test_lines_of_a_manual() -> None:
    """Of eight pages set by LaTeX, each line as it stands there."""
    pages = []
    for path in sorted(MANUALS.glob("elastix-doc-*.pdf")):
        with closing(PdfDocument(path)) as manual:
            text = manual[0].get_textpage().get_text_range()
        # pdfium writes no end of a line behind a hyphen.
        pages.append(page(text.replace("\r\n", "\n").replace("\ufffe", "-\n")))
    before = "".join(page.text for page in pages)
    after = "".join(page.text for page in join_divided_words(pages))
    for word in ("trans-\nformation", "imple-\nments"):
        assert word in before
        before = before.replace(word, word.replace("-\n", ""))
    assert after == before
    assert "grey-\nvalue" in after
    assert "atlas-\nbased" in after


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pdf"])
def test_every_format_joins_by_what_other_pages_say(name: str) -> None:
    document = DocumentResult("a", (page("An exam-\nple."), page("example", 2)), "m", "embedded", 2)
    assert "An example." in FORMATS[name].render(document)
    assert document.markdown == "An example.\n\nexample\n"
    first, _ = result_files(document, FORMATS[name], OutputOptions(per_page=True), "a")
    assert "An example." in str(first.data)


def test_blocks_differences_and_corrections_move_with_the_text() -> None:
    text = "An exam-\nple of ferries.\n\nThe last exam- ple."
    own = OwnTextCheck(
        "high",
        9,
        differences=(
            Difference("differs", "ferries", "fairies", text.index("ferries"), BOX),
            Difference("missing", "", "example", None, BOX),
        ),
        corrections=(Correction("lost", "last", text.index("last"), BOX),),
    )
    blocks = tuple(Block("text", BOX, part) for part in text.split("\n\n"))
    read = replace(page(text), own_text=own, blocks=blocks)
    found = join_words_of_page(read, Vocabulary(["example"]))
    assert found.text == "An example of ferries.\n\nThe last example."
    assert [block.text for block in found.blocks] == found.text.split("\n\n")
    assert found.own_text
    assert [one.start for one in found.own_text.differences] == [found.text.index("ferries"), None]
    assert [one.start for one in found.own_text.corrections] == [found.text.index("last")]
