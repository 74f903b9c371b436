import pytest

from lighton_ocr.documents import choose_pages
from lighton_ocr.errors import UsageError


@pytest.mark.parametrize(
    ("ranges", "pages"),
    [
        (None, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("1-3,7,-1", [1, 2, 3, 7, 9]),
        ("8-", [8, 9]),
        ("-3--2", [7, 8]),
        ("-2-", [8, 9]),
        ("4, 2", [4, 2]),
        ("2,1-3", [2, 1, 3]),
    ],
)
def test_ranges(ranges: str | None, pages: list[int]) -> None:
    assert [index + 1 for index in choose_pages(ranges, 9, "a.pdf")] == pages


@pytest.mark.parametrize("ranges", ["0", "10", "-10", "3-1", "x", "1..3", "", "1,,2"])
def test_nonsense_is_refused_by_name(ranges: str) -> None:
    with pytest.raises(UsageError):
        choose_pages(ranges, 9, "a.pdf")


@pytest.mark.parametrize("ranges", ["3-1", "-1--3"])
@pytest.mark.parametrize("count", [1, 9])
def test_a_range_that_runs_backwards_is_told_of_any_document(ranges: str, count: int) -> None:
    with pytest.raises(UsageError, match=f"The range {ranges} runs backwards"):
        choose_pages(ranges, count, "a.pdf")


def test_a_page_that_is_not_there_names_the_document_and_its_length() -> None:
    with pytest.raises(UsageError, match=r"no page 12 in a\.pdf: it has 9 pages"):
        choose_pages("12", 9, "a.pdf")
