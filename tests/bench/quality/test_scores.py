"""olmocr's own benchmark on the data set: right texts pass every test, wrong ones do not."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lighton_ocr.bench.quality.data_set import DataSet, open_data_set
from lighton_ocr.bench.quality.report import QualityReport, as_html
from lighton_ocr.bench.quality.scores import (
    CategoryScore,
    Score,
    Scores,
    differences,
    find_browser,
    score,
)
from lighton_ocr.catalog import find_model
from lighton_ocr.errors import UsageError
from tests.support.quality_gate import DATA, linked


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    shutil.copytree(DATA / "truth", tmp_path / "truth")
    return linked(tmp_path)


@pytest.mark.slow
def test_the_truth_passes_every_test() -> None:
    found = score(open_data_set(DATA), "truth", find_browser(None))
    assert [(failure.test["id"], failure.explanation) for failure in found.failures] == []
    assert found.overall == found.without_headers == Score(100, 100, 100)
    assert {"tables", "scans", "formulas", "headers_footers"} <= {
        category.name for category in found.categories
    }


@pytest.mark.slow
def test_a_wrong_text_fails_its_tests_and_is_shown_beside_its_page(data: DataSet) -> None:
    page = next(page for page in data.pages if page.category == "letters")
    path = data.folder / "truth" / page.text_name(1)
    path.write_text("Something <b>else</b> altogether.")
    found = score(data, "truth", browser=None)
    scores = {category.name: category.score.percent for category in found.categories}
    assert scores.pop("letters") == 25  # the baseline test is content with any text
    assert set(scores.values()) == {100}
    assert found.skipped_formulas == 3
    assert found.overall.low < found.overall.percent < 100
    report = QualityReport("command", "truth", None, 11, 1, 0, 1.0, None, found)
    html = as_html(report, data, {page: path.read_text()})
    assert f"{page.pdf}, page 1: 3 failed" in html
    assert "Something &lt;b&gt;else&lt;/b&gt; altogether." in html
    assert html.count("<article>") == 1
    assert "data:image/jpeg;base64," in html


@pytest.mark.slow
def test_a_page_without_text_fails(data: DataSet) -> None:
    (data.folder / "truth" / data.pages[0].text_name(1)).unlink()
    one = replace(data, pages=data.pages[:1])
    assert score(one, "truth", browser=None).overall.percent == 0


def test_published_scores_outside_of_the_interval_are_named() -> None:
    tables = CategoryScore("table_tests", 100, Score(80, 75, 85))
    columns = CategoryScore("multi_column", 100, Score(80, 75, 85))
    overall = Score(76, 75, 77)
    found = Scores(overall, overall, (tables, columns), (), 0)
    assert differences(found, find_model("1b")) == []
    better = replace(found, categories=(replace(tables, score=Score(90, 85, 95)),))
    assert differences(better, find_model("1b")) == [
        "tables: 90.0 (85.0 to 95.0), but published is 76.4."
    ]
    assert differences(better, find_model("pocket")) == []


def test_a_browser_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="--browser /no/such: there is no such program"):
        find_browser("/no/such")
