"""The journal: one SQLite file that records every document and page of an output."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from lighton_ocr.batch.manifest_rows import MANIFEST_QUERY, ManifestRow, manifest_row
from lighton_ocr.batch.migrations import describe_for_version_3, prepare_schema
from lighton_ocr.batch.own_text_totals import OWN_TEXT_TOTALS, OwnTextTotals
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.records import (
    DOCUMENT_COLUMNS,
    DONE_WITH_OTHER_SETTINGS,
    RESULT_COLUMNS,
    DocumentRecord,
    PageRecord,
    RunRecord,
    Totals,
    WarnedPage,
    document_from_row,
    document_row,
    result_from_row,
    result_row,
)
from lighton_ocr.errors import OutputError
from lighton_ocr.reading.results import PageResult

FILE = "journal.sqlite3"
RESERVED_STEM = "manifest"  # the batch itself writes manifest.jsonl
_DOCUMENT = ", ".join(f"documents.{name}" for name in DOCUMENT_COLUMNS)
_RESULT = ", ".join(RESULT_COLUMNS)
# Of all documents, the pages of the settings that are bound; of their own, if that is NULL.
_PAGES_IN_USE = (
    "FROM (SELECT DISTINCT digest, ifnull(?, settings_id) AS settings_id FROM documents)"
    " JOIN pages USING (digest, settings_id)"
)


class Journal:
    """An open journal. Only one thread may use it at a time; close it when done."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        *_, self.path = connection.execute("PRAGMA database_list").fetchone()
        self._run = 0
        self._last_numbers: dict[str, int] = {}  # for stems that several documents would have

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the journal in `folder`, or start a new one; an older version is brought up to date.

        Raises:
            OutputError: it cannot be opened, is not a journal, or is of a later version.
        """
        path = folder / FILE
        with ExitStack() as on_failure:
            try:
                # Autocommit: every transaction begins with a statement of ours.
                sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
                on_failure.callback(sql.close)
                prepare_schema(sql, path)
                # A page counts as read when it is on the disk: not even a power cut loses it.
                sql.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            except sqlite3.Error as error:
                raise OutputError(f"The journal {path} cannot be opened: {error}.") from None
            on_failure.pop_all()
        return cls(sql)

    def close(self) -> None:
        """Close the file; everything that was saved is on the disk."""
        self._sql.close()

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Translate what SQLite raises into an error that names the file.

        Raises:
            OutputError: the journal cannot be read or written.
        """
        try:
            yield
        except sqlite3.Error as error:
            raise OutputError(
                f"The journal {self.path} cannot be read or written: {error}. What was read so far "
                "is kept: fix the cause, then run the same command again to resume."
            ) from None

    def begin_run(self, model: str, endpoint: str, settings_id: int) -> None:
        """Record that a run begins; everything saved from now on belongs to it."""
        cursor = self._sql.execute(
            "INSERT INTO runs (started, model, endpoint, settings_id) VALUES (?, ?, ?, ?)",
            (time.time(), model, endpoint, settings_id),
        )
        self._run = cursor.lastrowid or 0

    def save_stats(self, stats: str, ended: bool = False) -> None:
        """Save the stats of this run (JSON), and when it has ended."""
        self._sql.execute(
            "UPDATE runs SET stats = ?, ended = ? WHERE id = ?",
            (stats, time.time() if ended else None, self._run),
        )

    def last_run(self) -> RunRecord | None:
        """Return the latest run, None if there was none."""
        row = self._sql.execute(
            "SELECT started, ended, model, endpoint, stats FROM runs ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return RunRecord(*row) if row else None

    def find_settings(self, settings: ReadingSettings) -> int:
        """Return the number of these settings; new ones are added.

        Pages that were read with another time limit, and did not reach it, then count as read with
        these.

        The pages of a version 3 journal, which recorded fewer settings, are taken to have been read
        with the first ones that agree with what it recorded.
        """
        key, description = settings.to_json(), settings.description
        row = self._sql.execute("SELECT id FROM settings WHERE json = ?", (key,)).fetchone()
        if row is None:
            (row,) = self._sql.execute(
                "INSERT INTO settings (id, json, description) VALUES"
                " ((SELECT id FROM settings WHERE json IS NULL AND description = ?), ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET json = excluded.json,"
                " description = excluded.description RETURNING id",
                (describe_for_version_3(settings), key, description),
            ).fetchall()
        self._take_pages_of_other_limits(int(row[0]), key)
        return int(row[0])

    def _take_pages_of_other_limits(self, settings_id: int, key: str) -> None:
        # A page that another time limit did not end has the text that it would have with this one.
        self._sql.execute(
            "UPDATE OR REPLACE pages SET settings_id = :id WHERE finish != 'error'"
            " AND settings_id IN (SELECT id FROM settings WHERE id != :id"
            " AND json_remove(json, :limit) = json_remove(:key, :limit))"
            " AND NOT EXISTS (SELECT 1 FROM json_each(attempts)"
            " WHERE value ->> 'outcome' = 'timeout')",
            {"id": settings_id, "key": key, "limit": "$.policy.budget.seconds"},
        )

    def open_document(self, address: str, stem: str) -> DocumentRecord | None:
        """Return the record of a document, a new one if it has none; None the second time in a run.

        If another document has the stem, a number is added to it.
        """
        with self._sql:
            self._sql.execute("BEGIN IMMEDIATE")
            row = self._sql.execute(
                f"SELECT {_DOCUMENT}, run_id FROM documents WHERE address = ?",  # noqa: S608
                (address,),
            ).fetchone()
            if row is None:
                stem = self._free_stem(stem)
                self._sql.execute(
                    "INSERT INTO documents (address, stem, folded, state, run_id)"
                    " VALUES (?, ?, ?, 'open', ?)",
                    (address, stem, stem.casefold(), self._run),
                )
                return DocumentRecord(address, stem, "open")
            if row[-1] == self._run:
                return None
            self._sql.execute(
                "UPDATE documents SET run_id = ? WHERE address = ?", (self._run, address)
            )
        return document_from_row(row[:-1])

    def save_document(self, document: DocumentRecord) -> None:
        """Replace what is known about a document."""
        values = dict(zip(DOCUMENT_COLUMNS, document_row(document), strict=True))
        changes = ", ".join(f"{name} = :{name}" for name in DOCUMENT_COLUMNS)
        self._sql.execute(
            f"UPDATE documents SET {changes} WHERE address = :address",  # noqa: S608
            values,
        )

    def save_pages(self, pages: Iterable[PageRecord]) -> None:
        """Save all of these pages or none; they are on the disk when this returns."""
        with self._sql:
            self._sql.execute("BEGIN IMMEDIATE")
            self._sql.executemany(
                f"INSERT OR REPLACE INTO pages (digest, settings_id, run_id, {_RESULT})"  # noqa: S608
                f" VALUES (?, ?, ?, {', '.join('?' * len(RESULT_COLUMNS))})",
                [
                    (page.digest, page.settings_id, self._run, *result_row(page.result))
                    for page in pages
                ],
            )

    def pages_read(self, digest: str, settings_id: int) -> set[int]:
        """Return the numbers (from 1) of the pages of a document that did not fail."""
        found = self._sql.execute(
            "SELECT page FROM pages WHERE digest = ? AND settings_id = ? AND finish != 'error'",
            (digest, settings_id),
        )
        return {page for (page,) in found}

    def results(self, digest: str, settings_id: int) -> Iterator[PageResult]:
        """Yield the results of a document's pages in order, failed ones included."""
        found = self._sql.execute(
            f"SELECT {_RESULT} FROM pages"  # noqa: S608
            " WHERE digest = ? AND settings_id = ? ORDER BY page",
            (digest, settings_id),
        )
        yield from map(result_from_row, found)

    def all_results(self) -> Iterator[tuple[str, PageResult]]:
        """Yield the address and the result of every page, of the last settings of its document."""
        columns = ", ".join(f"pages.{name}" for name in RESULT_COLUMNS)
        found = self._sql.execute(
            f"SELECT documents.address, {columns} FROM documents JOIN pages"  # noqa: S608
            " ON pages.digest = documents.digest AND pages.settings_id = documents.settings_id"
        )
        for address, *row in found:
            yield address, result_from_row(row)

    def manifest_rows(self) -> Iterator[ManifestRow]:
        """Yield a row for each document that is not open, by address."""
        found = self._sql.execute(f"{MANIFEST_QUERY} WHERE state != 'open' ORDER BY address")
        yield from map(manifest_row, found)

    def manifest_row(self, address: str) -> ManifestRow:
        """Return the row of one document."""
        found = self._sql.execute(f"{MANIFEST_QUERY} WHERE address = ?", (address,))
        return manifest_row(found.fetchone())

    def warned_pages(self) -> list[WarnedPage]:
        """Return the pages with warnings, those that failed included, by document and number."""
        found = self._sql.execute(
            "SELECT address, page, confidence, warnings FROM documents JOIN pages"
            " USING (digest, settings_id) WHERE warnings != '[]' ORDER BY address, page"
        )
        return [
            WarnedPage(address, page, confidence, tuple(json.loads(warnings)))
            for address, page, confidence, warnings in found
        ]

    def totals(self) -> Totals:
        """Return counts over the documents of the journal."""
        last_run = self._sql.execute("SELECT settings_id FROM runs ORDER BY id DESC LIMIT 1")
        (settings_id,) = last_run.fetchone() or (None,)
        states = self._sql.execute(
            "SELECT iif(state = 'done' AND settings_id != ?, ?, state), count(*)"
            " FROM documents GROUP BY 1",
            (settings_id, DONE_WITH_OTHER_SETTINGS),
        )
        documents = dict(states.fetchall())
        (known,) = self._sql.execute(
            # The pages of copies are read once.
            "SELECT total(pages) FROM (SELECT DISTINCT digest, pages FROM documents)"
        ).fetchone()
        read, failed, tokens, own_text = self._sql.execute(
            "SELECT count(*) FILTER (WHERE finish != 'error'),"
            " count(*) FILTER (WHERE finish = 'error'), total(completion_tokens),"
            f" {OWN_TEXT_TOTALS} {_PAGES_IN_USE}",
            (settings_id,),
        ).fetchone()
        (others,) = self._sql.execute(
            "SELECT count(*) FROM (SELECT digest, page FROM documents JOIN pages USING (digest)"  # noqa: S608
            f" WHERE finish != 'error' EXCEPT SELECT digest, page {_PAGES_IN_USE})",
            (settings_id,),
        ).fetchone()
        differences = OwnTextTotals(**json.loads(own_text))
        return Totals(documents, int(known), read, failed, others, int(tokens), differences)

    def _free_stem(self, stem: str) -> str:
        folded = stem.casefold()
        number = self._last_numbers.get(folded, 1)  # stems stay taken: lower numbers are not free
        while self._is_taken(name := f"{stem}-{number}" if number > 1 else stem):
            number += 1
        if number > 1:
            self._last_numbers[folded] = number
        return name

    def _is_taken(self, stem: str) -> bool:
        folded = stem.casefold()
        taken = "SELECT 1 FROM documents WHERE folded = ?"
        return folded == RESERVED_STEM or bool(self._sql.execute(taken, (folded,)).fetchone())
