"""Journals of version 3, to test that they are migrated."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.corpus import JOURNAL, journal

_SCHEMA = Path(__file__).with_name("journal_3.sql").read_text("utf-8")
_HEADER = "PRAGMA application_id = 0x4C4F4352; PRAGMA user_version = 3;"
# What version 3 recorded of the settings that a scripted LightOnOCR-1B is read with.
RECIPE = (
    "lightonai/LightOnOCR-1B-1025, png, edge 1540, grid 28, temperature 0.2, top_p 0.9, "
    "max_tokens 4096"
)


@contextmanager
def version_3(path: Path) -> Iterator[sqlite3.Connection]:
    """Make an empty journal of version 3, and open it to be filled."""
    with closing(sqlite3.connect(path)) as sql:
        sql.executescript(_SCHEMA + _HEADER)
        with sql:
            yield sql


def convert_to_version_3(out: Path) -> None:
    """Replace the journal of a batch that has ended with one that version 3 could have written."""
    documents = journal(
        out,
        "SELECT address, stem, folded, etag, digest, pages, settings_id, formats, state, error,"
        " run_id FROM documents",
    )
    pages = journal(
        out,
        "SELECT digest, page, settings_id, text, finish, attempts, prompt_tokens,"
        " completion_tokens, seconds, warnings, run_id FROM pages",
    )
    runs = journal(out, "SELECT id, started, ended, model, endpoint, stats FROM runs")
    for file in (out / JOURNAL).parent.glob("journal.sqlite3*"):
        file.unlink()
    with version_3(out / JOURNAL) as sql:
        sql.execute("INSERT INTO recipes VALUES (1, ?)", (RECIPE,))
        sql.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", runs)
        sql.executemany(
            "INSERT INTO documents (address, stem, folded, stamp, content, pages, recipe, formats,"
            " state, error, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            documents,
        )
        for digest, page, recipe, text, finish, attempts, *figures, warnings, run in pages:
            key = (digest, page, recipe)
            made = json.loads(attempts)
            sql.execute(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
                (*key, text, finish, len(made), *figures, warnings, run),
            )
            for attempt in made:
                settings = attempt["settings"]
                sql.execute(
                    "INSERT INTO tries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *key, run, attempt["number"], settings["temperature"],
                        settings["max_tokens"], attempt["outcome"], attempt["seconds"],
                    ),
                )  # fmt: skip
