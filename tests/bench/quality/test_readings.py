from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lighton_ocr.bench.quality.data_set import DataSet, open_data_set
from lighton_ocr.bench.quality.readings import Readings
from lighton_ocr.bench.quality.report import totals
from lighton_ocr.documents import Document
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.results import PageResult, failed_page
from tests.support.quality_gate import DATA, linked


@dataclass
class Answers:
    """A candidate that fails on some pages and stops after some."""

    name: str = "answers"
    usd_per_second: float | None = None
    fails: set[str] = field(default_factory=set)
    stops_after: int = 1000
    asked: list[str] = field(default_factory=list)

    async def read_pages(
        self, pages: Sequence[tuple[Document, int]]
    ) -> AsyncIterator[tuple[Document, PageResult]]:
        for document, _ in pages:
            if len(self.asked) == self.stops_after:
                raise KeyboardInterrupt
            name = Path(document.name).parent.name
            self.asked.append(name)
            failed = name in self.fails
            yield document, failed_page(1, "no") if failed else PageResult(1, name, "stop")


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return linked(tmp_path)


async def test_texts_lie_where_olmocr_looks_for_them(data: DataSet) -> None:
    await Readings(data, "answers", 1).read(Answers())
    page = data.pages[0]
    text = data.folder / "answers" / page.pdf.replace(".pdf", "_pg1_repeat1.md")
    assert text.read_text() == Path(page.pdf).parent.name


async def test_an_interrupted_run_reads_each_page_once(data: DataSet) -> None:
    readings = Readings(data, "answers", 2)
    stopped, rest = Answers(stops_after=7), Answers()
    with pytest.raises(KeyboardInterrupt):
        await readings.read(stopped)
    await readings.read(rest)
    assert len(stopped.asked) + len(rest.asked) == 2 * len(data.pages)
    assert readings.missing() == []


async def test_a_failed_page_has_no_text_and_is_read_again(data: DataSet) -> None:
    readings = Readings(data, "answers", 1)
    await readings.read(Answers(fails={"letters"}))
    assert [page.category for page, _ in readings.missing()] == ["letters"]
    assert totals(readings.log())[1] == 1
    again = Answers()
    await readings.read(again)
    assert again.asked == ["letters"]
    assert totals(readings.log())[1] == 0


def test_a_sample_has_pages_of_all_categories_and_holds_smaller_ones() -> None:
    whole = open_data_set(DATA)
    sample = whole.sample(22).pages
    assert len(whole.pages) == 146
    assert {page.category for page in sample} == {page.category for page in whole.pages}
    assert whole.sample(11).pages == sample[:11]


def test_a_folder_without_tests_is_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "pdfs").mkdir()
    with pytest.raises(UsageError, match="--download"):
        open_data_set(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"pdf": "a.pdf", "page": 1, "id": "1", "type": "present"}')
    with pytest.raises(UsageError, match=r"pdfs/a\.pdf, which has tests, is missing"):
        open_data_set(tmp_path)
