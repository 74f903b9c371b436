import sqlite3
from pathlib import Path

import pytest

from lighton_ocr.batch.journal import FILE, Journal, PageRow
from lighton_ocr.batch.outputs import is_locked, lock
from lighton_ocr.errors import OutputError, UsageError
from lighton_ocr.reading.attempts import Attempt
from lighton_ocr.reading.results import PageResult

READING = PageResult(1, "text", "stop", 2, 10, 20, 1.5, ("a warning",), 0.97)
FAILED = PageResult(2, "", "error", 8, 0, 0, 9.0, ("no",))


def test_pages_come_back_as_they_were(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.begin_run("m", "e")
    recipe = journal.find_recipe("a way of reading")
    tries = (Attempt(1, 0.2, 4096, "answers 503", 0.1), Attempt(2, 0.2, 4096, "stop", 1.0))
    journal.save_pages([PageRow("c", recipe, READING, tries), PageRow("c", recipe, FAILED, ())])
    journal.close()
    again = Journal.open(tmp_path)
    assert again.find_recipe("a way of reading") == recipe
    assert list(again.readings("c", recipe)) == [READING, FAILED]
    assert again.pages_read("c", recipe) == {1}
    other = again.find_recipe("another")
    assert again.pages_read("c", other) == set()
    assert again.totals().pages_failed == 1
    again.close()


def test_a_stem_stays_with_its_document(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.begin_run("m", "e")
    stems = [journal.take_up(address, "a") for address in ("/x/a.pdf", "/y/a.pdf", "/y/a.png")]
    assert [entry and entry.stem for entry in stems] == ["a", "a-2", "a-3"]
    assert journal.take_up("/x/a.pdf", "a") is None  # twice in one run
    journal.begin_run("m", "e")
    again = journal.take_up("/y/a.png", "a")
    assert again
    assert again.stem == "a-3"
    journal.close()


def test_stems_that_differ_in_case_alone_are_told_apart(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    given = ["A/Report", "a/report", "A/REPORT", "Maß", "MASS", "Manifest", "a/Manifest"]
    stems = [journal.take_up(f"/{number}", stem) for number, stem in enumerate(given)]
    assert [entry and entry.stem for entry in stems] == [
        "A/Report", "a/report-2", "A/REPORT-3", "Maß", "MASS-2", "Manifest-2", "a/Manifest",
    ]  # fmt: skip
    journal.close()


def test_equal_stems_cost_the_same_however_many_there_are(tmp_path: Path) -> None:
    Journal.open(tmp_path).close()
    sql = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    journal = Journal(sql)
    statements: list[str] = []
    sql.set_trace_callback(statements.append)
    stems, costs = [], []
    for number in range(50):
        entry = journal.take_up(f"https://host/{number}/download", "download")
        stems.append(entry and entry.stem)
        costs.append(len(statements))
        statements.clear()
    assert stems == ["download", *(f"download-{number}" for number in range(2, 51))]
    assert costs[2:] == [costs[2]] * 48
    journal.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        ("PRAGMA user_version = 99", "is version 99; this lighton-ocr writes version 3"),
        ("PRAGMA application_id = 7", "is no journal of lighton-ocr"),
    ],
)
def test_another_version_is_refused(tmp_path: Path, make: str, said: str) -> None:
    Journal.open(tmp_path).close()
    sql = sqlite3.connect(tmp_path / FILE)
    sql.execute(make)
    sql.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(OutputError, match=said):
        Journal.open(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database at all, but long enough to be looked at " * 20)
    with pytest.raises(OutputError, match="cannot be opened"):
        Journal.open(tmp_path)


def test_two_on_one_output_refuse_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.batch.outputs._LOCK_SECONDS", 0)
    with lock(tmp_path, "out"):
        assert is_locked(tmp_path)
        with pytest.raises(UsageError, match="Another lighton-ocr batch is writing to out"):
            lock(tmp_path, "out")
    assert not is_locked(tmp_path)
