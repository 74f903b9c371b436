"""The journal: one SQLite file that knows what was read, and survives whatever happens to us."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import TypeAdapter

from lighton_ocr.errors import OutputError
from lighton_ocr.reading.results import PageResult

FILE = "journal.sqlite3"
RESERVED = "manifest"  # no document's stem: the batch itself writes manifest.jsonl
_VERSION = 4
_APPLICATION = 0x4C4F4352  # "LOCR", in the file's header
_RESULT = TypeAdapter(PageResult)

State = Literal["open", "done", "kept", "failed"]


@dataclass(frozen=True)
class Entry:
    """What the journal knows of a document; see `schema.sql` for the fields."""

    address: str
    stem: str
    state: State
    stamp: str | None = None
    content: str | None = None
    pages: int | None = None
    recipe: int | None = None
    formats: str | None = None
    failed_pages: tuple[int, ...] = ()
    tokens: int = 0
    error: str | None = None


@dataclass(frozen=True)
class PageRow:
    """A page that was read, with the key it is kept under and every request for it."""

    content: str
    recipe: int
    reading: PageResult


@dataclass(frozen=True)
class Totals:
    """What a journal holds: documents by state, and the pages of all of them."""

    documents: dict[str, int]
    pages: int
    pages_read: int
    pages_failed: int
    tokens: int


@dataclass(frozen=True)
class BatchRun:
    """One call of the command; `figures` is JSON, `ended` None if it runs or was killed."""

    started: float
    ended: float | None
    model: str
    endpoint: str
    figures: str | None


class Journal:
    """An open journal. It belongs to one thread at a time; close it when done."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._run = 0
        self._numbers: dict[str, int] = {}  # the last one given to a stem that several have

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the journal in `folder`, or start one.

        Raises:
            OutputError: it cannot be opened, is no journal, or one of another version.
        """
        path = folder / FILE
        try:
            # Autocommit: transactions are begun and ended by `with _transaction`.
            sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            _check_version(sql, path)
            # Full: a page is on the disk itself before it is counted, should the power fail.
            sql.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        except sqlite3.Error as error:
            raise OutputError(f"The journal {path} cannot be opened: {error}.") from None
        return cls(sql)

    def close(self) -> None:
        """Close the file; everything in it is safe already."""
        self._sql.close()

    def begin_run(self, model: str, endpoint: str) -> None:
        """Note that a run begins; what is saved from now on belongs to it."""
        row = (time.time(), model, endpoint)
        cursor = self._sql.execute(
            "INSERT INTO runs (started, model, endpoint) VALUES (?, ?, ?)", row
        )
        self._run = cursor.lastrowid or 0

    def save_figures(self, figures: str, ended: bool = False) -> None:
        """Keep this run's figures (JSON), and that it has ended."""
        self._sql.execute(
            "UPDATE runs SET figures = ?, ended = ? WHERE id = ?",
            (figures, time.time() if ended else None, self._run),
        )

    def last_run(self) -> BatchRun | None:
        """The run that began last."""
        row = self._sql.execute(
            "SELECT started, ended, model, endpoint, figures FROM runs ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return BatchRun(*row) if row else None

    def find_recipe(self, recipe: str) -> int:
        """The number of a way of reading, a new one if it is new."""
        self._sql.execute("INSERT OR IGNORE INTO recipes (recipe) VALUES (?)", (recipe,))
        row = self._sql.execute("SELECT id FROM recipes WHERE recipe = ?", (recipe,)).fetchone()
        return int(row[0])

    def take_up(self, address: str, stem: str) -> Entry | None:
        """The document of that address, entered if it is new; None if this run had it already.

        A stem that another document has gets a number.
        """
        with self._sql:
            self._sql.execute("BEGIN IMMEDIATE")
            row = self._sql.execute(
                f"SELECT {_ENTRY}, run FROM documents WHERE address = ?",  # noqa: S608
                (address,),
            ).fetchone()
            if row is None:
                stem = self._free_stem(stem)
                self._sql.execute(
                    "INSERT INTO documents (address, stem, folded, state, run)"
                    " VALUES (?, ?, ?, 'open', ?)",
                    (address, stem, stem.casefold(), self._run),
                )
                return Entry(address, stem, "open")
            if row[-1] == self._run:
                return None
            self._sql.execute(
                "UPDATE documents SET run = ? WHERE address = ?", (self._run, address)
            )
        return _entry(row[:-1])

    def save_document(self, entry: Entry) -> None:
        """Keep what is known of a document now."""
        self._sql.execute(
            "UPDATE documents SET state = ?, stamp = ?, content = ?, pages = ?, recipe = ?,"
            " formats = ?, failed_pages = ?, tokens = ?, error = ? WHERE address = ?",
            (
                entry.state,
                entry.stamp,
                entry.content,
                entry.pages,
                entry.recipe,
                entry.formats,
                json.dumps(entry.failed_pages),
                entry.tokens,
                entry.error,
                entry.address,
            ),
        )

    def save_pages(self, rows: Iterable[PageRow]) -> None:
        """Keep pages, all or none; they are on the disk when this returns."""
        with self._sql:
            self._sql.execute("BEGIN IMMEDIATE")
            for row in rows:
                self._save_page(row)

    def pages_read(self, content: str, recipe: int) -> set[int]:
        """The numbers (from 1) of a document's pages that were read; failed ones are not."""
        found = self._sql.execute(
            "SELECT page FROM pages WHERE content = ? AND recipe = ? AND finish != 'error'",
            (content, recipe),
        )
        return {page for (page,) in found}

    def readings(self, content: str, recipe: int) -> Iterator[PageResult]:
        """A document's pages, failed ones too, in order."""
        found = self._sql.execute(
            f"SELECT {_READING} FROM pages"  # noqa: S608
            " WHERE content = ? AND recipe = ? ORDER BY page",
            (content, recipe),
        )
        for row in found:
            yield _reading(row)

    def entries(self) -> Iterator[tuple[Entry, str | None]]:
        """Every document that has come to an end, by address, with the recipe it was read by."""
        found = self._sql.execute(
            f"SELECT {_ENTRY}, recipes.recipe FROM documents"  # noqa: S608
            " LEFT JOIN recipes ON recipes.id = documents.recipe"
            " WHERE state != 'open' ORDER BY address"
        )
        for *row, recipe in found:
            yield _entry(row), recipe

    def totals(self) -> Totals:
        """Counts over the whole journal."""
        states = self._sql.execute("SELECT state, count(*) FROM documents GROUP BY state")
        documents = dict(states.fetchall())
        (known,) = self._sql.execute("SELECT total(pages) FROM documents").fetchone()
        read, failed, tokens = self._sql.execute(
            "SELECT count(*) FILTER (WHERE finish != 'error'),"
            " count(*) FILTER (WHERE finish = 'error'), total(completion_tokens) FROM pages"
        ).fetchone()
        return Totals(documents, int(known), read, failed, int(tokens))

    def _free_stem(self, stem: str) -> str:
        folded = stem.casefold()
        number = self._numbers.get(folded, 1)  # no stem is ever given back: lower ones are taken
        while self._is_taken(name := f"{stem}-{number}" if number > 1 else stem):
            number += 1
        if number > 1:
            self._numbers[folded] = number
        return name

    def _is_taken(self, stem: str) -> bool:
        folded = stem.casefold()
        taken = "SELECT 1 FROM documents WHERE folded = ?"
        return folded == RESERVED or bool(self._sql.execute(taken, (folded,)).fetchone())

    def _save_page(self, row: PageRow) -> None:
        reading = row.reading
        key = (row.content, reading.page, row.recipe)
        self._sql.execute(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key,
                reading.text,
                reading.finish,
                reading.doubt,
                json.dumps([asdict(attempt) for attempt in reading.attempts]),
                reading.prompt_tokens,
                reading.completion_tokens,
                reading.seconds,
                json.dumps(reading.warnings),
                reading.confidence,
                self._run,
            ),
        )
        self._sql.executemany(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*key, self._run, t.number, json.dumps(asdict(t.settings)), t.outcome, t.seconds)
                for t in reading.attempts
            ],
        )


_ENTRY = ", ".join(f"documents.{field.name}" for field in fields(Entry))
_READING = ", ".join(field.name for field in fields(PageResult))


def _entry(row: Iterable[Any]) -> Entry:
    values = dict(zip((field.name for field in fields(Entry)), row, strict=True))
    return Entry(**values | {"failed_pages": tuple(json.loads(values["failed_pages"]))})


def _reading(row: Iterable[Any]) -> PageResult:
    values = dict(zip((field.name for field in fields(PageResult)), row, strict=True))
    lists = {name: json.loads(values[name]) for name in ("attempts", "warnings")}
    return _RESULT.validate_python(values | lists)


def _check_version(sql: sqlite3.Connection, path: Path) -> None:
    (application,) = sql.execute("PRAGMA application_id").fetchone()
    (version,) = sql.execute("PRAGMA user_version").fetchone()
    if (application, version) == (_APPLICATION, _VERSION):
        return
    if sql.execute("SELECT 1 FROM sqlite_master").fetchone():
        what = f"version {version}" if application == _APPLICATION else "no journal of lighton-ocr"
        raise OutputError(
            f"{path} is {what}; this lighton-ocr writes version {_VERSION}. Go on with the one "
            "that began it, or name another --out."
        )
    schema = resources.files(__package__).joinpath("schema.sql").read_text("utf-8")
    # One transaction: a kill leaves the whole schema with its version, or an empty file.
    sql.executescript(
        f"BEGIN IMMEDIATE; {schema} PRAGMA application_id = {_APPLICATION};"
        f" PRAGMA user_version = {_VERSION}; COMMIT;"
    )
