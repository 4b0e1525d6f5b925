"""The store's database: its tables, its version, and how it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from foley_plugin.takes.cast_book import TABLES as CAST_BOOK_TABLES
from foley_plugin.takes.cue_book import TABLES as CUE_BOOK_TABLES
from foley_plugin.takes.cue_sounds import TABLES as CUE_SOUNDS_TABLES
from foley_plugin.takes.cue_sources import TABLES as CUE_SOURCES_TABLES
from foley_plugin.takes.cue_sources import TWIN_TABLES, read_sources_of_requests
from foley_plugin.takes.errors import ProjectError, ProjectTooNew
from foley_plugin.takes.take_marks import TABLES as TAKE_MARKS_TABLES

DATABASE_NAME = "foley.db"
SCHEMA_VERSION = 7

_TABLES = """
CREATE TABLE cuts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    copy TEXT NOT NULL,
    opened_at TEXT NOT NULL
);
CREATE TABLE cues (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    media TEXT NOT NULL,
    label TEXT,
    layer INTEGER NOT NULL,
    spotting TEXT
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cue_id INTEGER NOT NULL REFERENCES cues(id),
    state TEXT NOT NULL,
    request TEXT NOT NULL,
    sentence TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT
);
CREATE TABLE take_names (
    number INTEGER PRIMARY KEY AUTOINCREMENT
);
CREATE TABLE takes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cue_id INTEGER NOT NULL REFERENCES cues(id),
    job_id INTEGER NOT NULL REFERENCES jobs(id),
    wav TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    seed INTEGER NOT NULL,
    hits TEXT NOT NULL,
    wall_s REAL NOT NULL,
    peak_dbfs REAL NOT NULL,
    sha256 TEXT NOT NULL,
    recipe TEXT NOT NULL,
    onset_f1_100ms REAL,
    created_at TEXT NOT NULL
);
CREATE INDEX takes_of_cue ON takes(cue_id);
CREATE INDEX cuts_by_sha256 ON cuts(sha256);
"""

_STEPS = {
    1: _TABLES,
    2: CUE_BOOK_TABLES,
    3: CUE_SOURCES_TABLES,
    4: CAST_BOOK_TABLES,
    5: TAKE_MARKS_TABLES,
    6: TWIN_TABLES,
    7: CUE_SOUNDS_TABLES,
}
"""What takes a project from the version before to each version; every step only adds."""

_FILLINGS = {3: read_sources_of_requests}
"""What a step reads out of the project's older tables, after its own are made."""


def open_database(folder: Path, *, read_only: bool) -> sqlite3.Connection:
    """The project's database, its tables made where it is new and added to where it is of an earlier version.

    Rollback journal and synchronous=FULL: editors work on network volumes, where a WAL is unsafe.

    A new one is made beside its place and moved there whole, so that no reader meets one without tables. Who
    writes holds the project's lock.

    Raises:
        ProjectTooNew: a later version wrote it.
        ProjectError: it cannot be opened, or is not a database.
    """
    path = folder / DATABASE_NAME
    try:
        if not read_only and not path.exists():
            _make_database(path)
        if not path.exists():
            raise _no_project(folder)
        connection = _connect(path)
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if read_only and version == 0:
            connection.close()
            raise _no_project(folder)
        if version > SCHEMA_VERSION:
            connection.close()
            raise ProjectTooNew(
                f"The project {folder} was written by a later version of foley; update foley to open it."
            )
        if not read_only:
            _bring_up_to_date(connection, version)
        else:
            connection.execute("PRAGMA query_only=ON")
        return connection
    except (sqlite3.Error, OSError) as error:
        raise ProjectError(
            f"The project's database {path} cannot be opened ({error}); "
            "put it back from a backup, or choose another folder with --project."
        ) from error


def _no_project(folder: Path) -> ProjectError:
    return ProjectError(f"There is no project in {folder}; make one with `foley generate`.")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10.0)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _make_database(path: Path) -> None:
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)  # a crash's
    connection = _connect(aside)
    _bring_up_to_date(connection, 0)
    connection.close()
    aside.replace(path)


def _bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Each step whole or not at all, so that a crash leaves a project of one version or the other."""
    try:
        for number in range(version + 1, SCHEMA_VERSION + 1):
            _take_step(connection, number)
    except sqlite3.Error:
        connection.close()  # holds nobody up
        raise


def _take_step(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _STEPS[number].split(";"):
            connection.execute(statement)
        if number in _FILLINGS:
            _FILLINGS[number](connection)
        connection.execute(f"PRAGMA user_version={number}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
