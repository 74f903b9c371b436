"""What the journal stores comes back, and no two documents share the name of a result."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from lighton_ocr.batch.journal import FILE, Journal
from lighton_ocr.batch.own_text_totals import OwnTextTotals
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.records import PageRecord
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import find_model
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import OutputError
from lighton_ocr.reading.attempts import Attempt, AttemptSettings
from lighton_ocr.reading.own_text import OwnTextCheck
from lighton_ocr.reading.results import PageResult, failed_page

SETTINGS = ReadingSettings.of(Endpoint("http://x/v1", find_model("1b"), "x"))
HOTTER = AttemptSettings(0.5, 0.9, 4096, (("repetition_penalty", 1.1),))
RESULT = PageResult(
    page=1,
    text="text",
    finish="stop",
    doubt="unsure",
    attempts=(
        Attempt(1, AttemptSettings(0.2, 0.9, 4096), "answers 503", 0.1),
        Attempt(2, HOTTER, "stop", 1.0),
    ),
    prompt_tokens=10,
    completion_tokens=20,
    seconds=1.5,
    warnings=("a warning",),
    confidence=0.97,
)
FAILED = failed_page(2, "no")


def test_pages_come_back_as_they_were(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    settings_id = journal.find_settings(SETTINGS)
    journal.begin_run("m", "e", settings_id)
    journal.save_pages(PageRecord("d", settings_id, result) for result in (RESULT, FAILED))
    journal.close()
    again = Journal.open(tmp_path)
    assert again.find_settings(SETTINGS) == settings_id
    assert list(again.results("d", settings_id)) == [RESULT, FAILED]
    assert again.pages_read("d", settings_id) == {1}
    other = again.find_settings(replace(SETTINGS, encoding="jpeg"))
    assert again.pages_read("d", other) == set()
    again.close()


def test_the_manifest_derives_its_figures_from_the_pages(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    settings_id = journal.find_settings(SETTINGS)
    journal.begin_run("m", "e", settings_id)
    document = journal.open_document("/x/a.pdf", "a")
    assert document
    done = replace(document, state="done", digest="d", settings_id=settings_id, failed_pages=(3,))
    journal.save_document(done)
    check = OwnTextCheck("high", words=90, differ=5, numbers_differ=2, missing=7)
    results = [
        replace(RESULT, own_text=check),
        replace(RESULT, page=2, completion_tokens=22, own_text=replace(check, words=10, differ=0)),
        replace(FAILED, page=3),
        replace(RESULT, page=4, completion_tokens=0, own_text=replace(check, trust="low")),
        replace(RESULT, page=5, completion_tokens=0, own_text=replace(check, used=True)),
    ]
    journal.save_pages(PageRecord("d", settings_id, result) for result in results)
    (row,) = journal.manifest_rows()
    assert row == journal.manifest_row("/x/a.pdf")
    assert row.document == done
    assert row.read_by == SETTINGS.description
    own_text = {"words": 100, "differ": 5, "numbers_differ": 4, "missing": 14}
    assert row.figures == {
        "tokens": 42,
        "warnings": ["a warning", "a warning", "no", "a warning", "a warning"],
        "warned_pages": [1, 2, 3, 4, 5],
        "lowest_confidence": 0.97,
        "own_text": own_text,
        "own_text_pages": [5],
    }
    totals = OwnTextTotals(**own_text)
    assert journal.totals().own_text == totals
    stats = BatchStats()
    for result in results:
        stats.count(result, "a")
    assert stats.own_text == totals
    assert totals.describe() == (
        "100 words compared: 5 differences, 4 of them in numbers, 14 missing words"
    )
    assert OwnTextTotals(words=100).describe() == "100 words compared, no differences"
    journal.close()


def test_a_stem_stays_with_its_document(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.begin_run("m", "e", 1)
    stems = [
        journal.open_document(address, "a") for address in ("/x/a.pdf", "/y/a.pdf", "/y/a.png")
    ]
    assert [document and document.stem for document in stems] == ["a", "a-2", "a-3"]
    assert journal.open_document("/x/a.pdf", "a") is None  # twice in one run
    journal.begin_run("m", "e", 1)
    again = journal.open_document("/y/a.png", "a")
    assert again
    assert again.stem == "a-3"
    journal.close()


def test_stems_that_differ_only_in_case_get_a_number(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    given = ["A/Report", "a/report", "A/REPORT", "Maß", "MASS", "Manifest", "a/Manifest"]
    stems = [journal.open_document(f"/{number}", stem) for number, stem in enumerate(given)]
    assert [document and document.stem for document in stems] == [
        "A/Report", "a/report-2", "A/REPORT-3", "Maß", "MASS-2", "Manifest-2", "a/Manifest",
    ]  # fmt: skip
    journal.close()


def test_the_cost_of_an_equal_stem_does_not_grow(tmp_path: Path) -> None:
    Journal.open(tmp_path).close()
    sql = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    journal = Journal(sql)
    statements: list[str] = []
    sql.set_trace_callback(statements.append)
    stems, costs = [], []
    for number in range(50):
        document = journal.open_document(f"https://host/{number}/download", "download")
        stems.append(document and document.stem)
        costs.append(len(statements))
        statements.clear()
    assert stems == ["download", *(f"download-{number}" for number in range(2, 51))]
    assert costs[2:] == [costs[2]] * 48
    journal.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database at all, but long enough to be looked at " * 20)
    with pytest.raises(OutputError, match="cannot be opened"):
        Journal.open(tmp_path)


def test_a_full_disk_names_the_journal(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal._sql.execute("PRAGMA max_page_count = 1")  # SQLite's own full disk
    full = pytest.raises(OutputError, match=r"journal\.sqlite3 .*disk is full")
    with full, journal.translate_errors():
        journal.begin_run("a model" * 5000, "embedded", 1)
    journal.close()
