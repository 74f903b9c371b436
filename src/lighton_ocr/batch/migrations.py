"""The journal's schema: make a new one, or bring that of an earlier version up to date."""

import sqlite3
from importlib import resources
from pathlib import Path

from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.errors import OutputError

VERSION = 6
_APPLICATION = 0x4C4F4352  # "LOCR", in the file's header
# Tables of earlier versions whose names are in use again.
_TABLES = {
    3: ("runs", "documents", "pages"),
    4: ("settings", "runs", "documents", "pages"),
    5: ("settings", "runs", "documents", "pages"),
}


def prepare_schema(sql: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new journal, or copy those of an earlier version into new ones.

    Either is one transaction: a process that is killed leaves the old tables or the new ones.

    Raises:
        OutputError: the file is another program's, or of a later version.
        sqlite3.Error: it cannot be read or written.
    """
    (application,) = sql.execute("PRAGMA application_id").fetchone()
    (version,) = sql.execute("PRAGMA user_version").fetchone()
    if (application, version) == (_APPLICATION, VERSION):
        return
    schema = _script("schema.sql")
    if sql.execute("SELECT 1 FROM sqlite_master").fetchone():
        if application != _APPLICATION:
            raise OutputError(f"{path} is not a journal of lighton-ocr. Choose another --out.")
        if version not in _TABLES:
            raise OutputError(
                f"{path} is a journal of version {version}; this lighton-ocr reads versions 3 to "
                f"{VERSION}. Continue with the lighton-ocr that wrote it, or choose another --out."
            )
        tables = _TABLES[version]
        renames = [f"ALTER TABLE {name} RENAME TO old_{name};" for name in tables]
        schema = "".join([*renames, schema, _script(f"migrate_{version}.sql")])
    sql.executescript(
        f"BEGIN IMMEDIATE; {schema} PRAGMA application_id = {_APPLICATION};"
        f" PRAGMA user_version = {VERSION}; COMMIT;"
    )


def describe_for_version_3(settings: ReadingSettings) -> str:
    """Return how version 3 would have recorded these settings: it left out software and policy."""
    policy = settings.policy
    return (
        f"{settings.model}, {settings.encoding}, edge {settings.edge}, grid {settings.grid}, "
        f"temperature {policy.temperature}, top_p {policy.top_p}, max_tokens {policy.max_tokens}"
    )


def _script(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
