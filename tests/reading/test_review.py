from dataclasses import replace

from lighton_ocr.reading.attempts import Attempt, AttemptSettings
from lighton_ocr.reading.own_text.check import OwnTextCheck
from lighton_ocr.reading.results import PageResult, failed_page
from lighton_ocr.reading.review import review


def attempts(count: int) -> tuple[Attempt, ...]:
    return tuple(Attempt(n, AttemptSettings(0, 1, 9), "stop", 1.0) for n in range(1, count + 1))


SURE = PageResult(1, "text", "stop", attempts=attempts(1), confidence=0.98)
AGAIN = PageResult(2, "text", "stop", attempts=attempts(3), confidence=0.98)
UNSURE = PageResult(3, "text", "stop", attempts=attempts(1), confidence=0.8)
LOOPED = PageResult(4, "text", "loop", doubt="loop", attempts=attempts(8), confidence=0.9)
FAILED = failed_page(5, "Page 5 could not be read.")


def test_the_most_doubtful_pages_come_first() -> None:
    pages = sorted((SURE, AGAIN, UNSURE, LOOPED, FAILED), key=lambda page: -review(page).score)
    assert [page.page for page in pages] == [5, 4, 3, 2, 1]


def test_a_page_that_was_read_at_once_and_surely_needs_no_look() -> None:
    assert [review(page).is_advised for page in (SURE, AGAIN, UNSURE)] == [False, True, True]


def test_the_reasons_are_named() -> None:
    assert review(LOOPED).reasons == ("the model repeated itself", "confidence 0.90")
    assert review(FAILED).reasons == ("it could not be read",)


def test_the_files_own_text_counts_if_it_is_really_drawn() -> None:
    differs = OwnTextCheck("high", words=100, differ=10, missing=20)
    older = OwnTextCheck("low", words=100, differ=10, missing=20)
    found, ignored = (
        review(PageResult(1, "text", "stop", own_text=check)) for check in (differs, older)
    )
    assert found.reasons == ("30% of the file's own words differ",)
    assert not ignored.is_advised


def test_an_empty_page_whose_file_has_text_is_named() -> None:
    empty = PageResult(1, "", "stop", own_text=OwnTextCheck("low", words=100))
    assert review(empty).reasons == ("it is empty, but the file has text",)


def test_a_page_with_a_warning_deserves_a_look() -> None:
    warned = replace(SURE, warnings=("Page 1: 2 numbers differ from the file's own text.",))
    assert review(warned).is_advised
    assert review(warned).reasons[-1] == "it has a warning"
