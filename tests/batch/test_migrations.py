"""Journals of earlier versions are brought up to date, and no page is read again."""

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lighton_ocr.batch.journal import FILE, Journal
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.records import PageRecord
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, run_batch
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import find_model
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import OutputError
from lighton_ocr.reading.attempts import Attempt, AttemptSettings
from lighton_ocr.reading.results import PageResult
from tests.support.corpus import journal, make_corpus, manifest, results
from tests.support.journal_3 import RECIPE, convert_to_version_3, version_3
from tests.support.scripted_endpoint import ScriptedEndpoint

ENDPOINT = Endpoint("http://x/v1", find_model("1b"), "x")


def json_results(out: Path) -> dict[str, Any]:
    """Return the JSON results without what version 3 does not know.

    SQLite's own JSON has 15 digits of a number.
    """

    def rounded(number: str) -> float:
        return round(float(number), 9)

    found = {
        path.name: json.loads(path.read_text(), parse_float=rounded) for path in out.rglob("*.json")
    }
    for result in found.values():
        for page in result["pages"]:
            del page["own_text"], page["size_pt"]
    return found


def schema(folder: Path) -> list[tuple[str]]:
    with sqlite3.connect(folder / FILE) as sql:
        found = sql.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    sql.close()
    return found


@pytest.mark.slow
def test_a_batch_of_version_3_continues_without_reading_a_page_again(
    endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    inputs, out = make_corpus(tmp_path / "in", 6, 2), tmp_path / "out"
    job = BatchJob(BatchPlan((str(inputs),), ("md", "json")), str(out), endpoint.url)
    run_batch(job, BatchStats(), BatchListener())
    requests, texts, lines = len(endpoint.bodies), results(out), manifest(out)
    as_json = json_results(out)
    convert_to_version_3(out)
    for folder in out.glob("box*"):
        shutil.rmtree(folder)

    stats = BatchStats()
    run_batch(job, stats, BatchListener())
    assert len(endpoint.bodies) == requests
    assert (stats.pages_before, stats.pages_read, stats.documents_done) == (12, 0, 6)
    assert results(out) == texts
    assert json_results(out) == as_json
    assert manifest(out) == lines
    assert journal(out, "PRAGMA user_version") == [(6,)]


def test_a_migrated_journal_has_the_schema_of_a_new_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    with version_3(old / FILE):
        pass
    for folder in (old, new):
        Journal.open(folder).close()
    assert schema(old) == schema(new)


@pytest.mark.parametrize(
    ("version", "new"),
    [
        (
            4,
            {
                "documents": ["options"],
                "pages": ["blocks", "figures", "size_pt"],
                "runs": ["settings_id"],
            },
        ),
        (5, {"runs": ["settings_id"]}),
    ],
)
def test_journals_of_earlier_versions_keep_their_pages_and_their_documents(
    tmp_path: Path, version: int, new: dict[str, list[str]]
) -> None:
    """Version 4 lacks what came with boxes and with options for results; 5 lacks runs' settings."""
    settings = ReadingSettings.of(ENDPOINT)
    current = Journal.open(tmp_path)
    settings_id = current.find_settings(settings)
    current.begin_run("m", "e", settings_id)
    opened = current.open_document("a.pdf", "a")
    assert opened is not None
    done = replace(opened, state="done", digest="d", settings_id=settings_id, formats="md")
    current.save_document(done)
    page = PageRecord("d", settings_id, PageResult(1, "text", "stop"))
    current.save_pages([page])
    current.close()
    with sqlite3.connect(tmp_path / FILE) as sql:
        for table, columns in new.items():
            for column in columns:
                sql.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        sql.execute(f"PRAGMA user_version = {version}")
    sql.close()

    migrated = Journal.open(tmp_path)
    assert migrated.find_settings(settings) == settings_id
    assert list(migrated.results("d", settings_id)) == [page.result]
    assert migrated.totals().pages_read == 1
    migrated.begin_run("m", "e", settings_id)
    assert migrated.open_document("a.pdf", "a") == done
    migrated.close()
    (tmp_path / "new").mkdir()
    Journal.open(tmp_path / "new").close()
    assert schema(tmp_path) == schema(tmp_path / "new")


def test_pages_of_version_3_keep_the_attempts_of_their_run(tmp_path: Path) -> None:
    with version_3(tmp_path / FILE) as sql:
        sql.execute("INSERT INTO recipes VALUES (7, ?)", (RECIPE,))
        sql.executemany(
            "INSERT INTO runs VALUES (?, 0, NULL, 'm', 'e', NULL)", [(number,) for number in (1, 2)]
        )
        sql.execute(
            "INSERT INTO pages VALUES"
            " ('d', 1, 7, 'text', 'loop', 2, 10, 20, 1.5, '[\"a warning\"]', 0.9, 2)"
        )
        sql.executemany(
            "INSERT INTO tries VALUES ('d', 1, 7, ?, ?, ?, 4096, ?, 0.5)",
            [(1, 1, 0.2, "answers 503"), (2, 1, 0.2, "loop"), (2, 2, 0.5, "loop")],
        )
    migrated = Journal.open(tmp_path)
    settings_id = migrated.find_settings(ReadingSettings.of(ENDPOINT))
    assert list(migrated.results("d", settings_id)) == [
        PageResult(
            page=1,
            text="text",
            finish="loop",
            doubt="loop",
            attempts=(
                Attempt(1, AttemptSettings(0.2, 0.9, 4096), "loop", 0.5),
                Attempt(2, AttemptSettings(0.5, 0.9, 4096), "loop", 0.5),
            ),
            prompt_tokens=10,
            completion_tokens=20,
            seconds=1.5,
            warnings=("a warning",),
            confidence=0.9,
        )
    ]
    migrated.close()


def test_pages_of_version_3_belong_to_the_first_settings_that_agree(tmp_path: Path) -> None:
    with version_3(tmp_path / FILE) as sql:
        sql.execute("INSERT INTO recipes VALUES (7, ?)", (RECIPE,))
    migrated = Journal.open(tmp_path)
    as_jpeg = migrated.find_settings(ReadingSettings.of(ENDPOINT, "jpeg"))
    first = migrated.find_settings(ReadingSettings.of(ENDPOINT))
    vllm = Endpoint("http://x/v1", find_model("1b"), "x", software="vllm")
    other = migrated.find_settings(ReadingSettings.of(vllm))
    assert first == 7
    assert len({as_jpeg, first, other}) == 3
    migrated.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("PRAGMA user_version = 99", "is a journal of version 99; this lighton-ocr reads versions"),
        ("PRAGMA user_version = 2", "is a journal of version 2; this lighton-ocr reads versions"),
        ("PRAGMA application_id = 7", "is not a journal of lighton-ocr"),
    ],
)
def test_other_versions_and_other_programs_are_refused(
    tmp_path: Path, change: str, message: str
) -> None:
    Journal.open(tmp_path).close()
    sql = sqlite3.connect(tmp_path / FILE)
    sql.execute(change)
    sql.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(OutputError, match=message):
        Journal.open(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_migration_that_fails_leaves_the_old_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with version_3(tmp_path / FILE) as sql:
        sql.execute("INSERT INTO recipes VALUES (7, ?)", (RECIPE,))
        sql.execute("INSERT INTO runs VALUES (1, 0, NULL, 'm', 'e', NULL)")
        sql.execute(
            "INSERT INTO pages VALUES ('d', 1, 7, 'text', 'stop', 1, 1, 1, 1, '[]', NULL, 1)"
        )
    from lighton_ocr.batch import migrations

    script = migrations._script
    broken = {"migrate_3.sql": script("migrate_3.sql") + "SELECT no_such_function();"}
    monkeypatch.setattr(migrations, "_script", lambda name: broken.get(name) or script(name))
    with pytest.raises(OutputError, match="no_such_function"):
        Journal.open(tmp_path)
    monkeypatch.undo()
    migrated = Journal.open(tmp_path)
    assert migrated.pages_read("d", 7) == {1}
    migrated.close()
