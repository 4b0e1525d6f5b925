"""What the small books of a project have in common: the connection, how they write, and what an old project lacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import ClassVar


class StoreBook:
    """Some tables of one project's database, reached as an attribute of its `Store`.

    Args:
        writing: a transaction; raises `ProjectReadOnly` where the project is open for reading only.
    """

    since_version: ClassVar[int]
    """The schema version that brought its tables."""

    def __init__(
        self, connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._db = connection
        self._writing = writing

    def _is_old(self) -> bool:
        """A project of an earlier version that is open for reading only: the tables are not there."""
        return self._is_before(self.since_version)

    def _is_before(self, version: int) -> bool:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0]) < version


def now_utc() -> str:
    """ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
