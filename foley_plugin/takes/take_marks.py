"""What a person says of a take, and how well it is in sync: names, favourites, the trash.

A take's file keeps its name for good, since NLEs cache by name; a name here is only what people read.
"""

from __future__ import annotations

from msgspec import Struct

from foley_plugin.takes.store_book import StoreBook

TABLES = """
CREATE TABLE take_marks (
    take_id INTEGER PRIMARY KEY REFERENCES takes(id),
    name TEXT,
    is_favourite INTEGER NOT NULL,
    trashed_at TEXT
);
CREATE TABLE take_syncs (
    take_id INTEGER PRIMARY KEY REFERENCES takes(id),
    f1_100ms REAL NOT NULL,
    offset_ms REAL
);
"""
"""Added to a project by schema version 5."""


class TakeMark(Struct, frozen=True):
    """What a person says of a take."""

    name: str | None = None
    """What it is called instead of its label and seed."""
    is_favourite: bool = False
    trashed_at: str | None = None
    """UTC, ISO 8601. A take in the trash is hidden and never meant; its file stays."""


class TakeSync(Struct, frozen=True):
    """How the onsets that are heard in a take fall on the hits that it was made for."""

    f1_100ms: float
    """0 to 1, matched one to one within 100 ms."""
    offset_ms: float | None = None
    """The median of heard minus meant, positive where the sound is late; None where nothing matched."""


UNMARKED = TakeMark()


class TakeMarks(StoreBook):
    """Marks and measures of one project's takes; reached as `Store.take_marks`."""

    since_version = 5

    def all(self) -> dict[int, TakeMark]:
        """Marks by take id; takes that nobody said anything of are left out."""
        if self._is_old():
            return {}
        rows = self._db.execute("SELECT take_id, name, is_favourite, trashed_at FROM take_marks")
        return {row[0]: TakeMark(row[1], bool(row[2]), row[3]) for row in rows}

    def set(self, take_id: int, mark: TakeMark) -> None:
        """All that is said of a take from now on."""
        with self._writing():
            self._db.execute("DELETE FROM take_marks WHERE take_id = ?", (take_id,))
            if mark != UNMARKED:
                self._db.execute(
                    "INSERT INTO take_marks VALUES (?, ?, ?, ?)",
                    (take_id, mark.name, int(mark.is_favourite), mark.trashed_at),
                )

    def trashed(self) -> frozenset[int]:
        """Ids of the takes that lie in the trash."""
        return frozenset(take_id for take_id, mark in self.all().items() if mark.trashed_at is not None)

    def insert_sync(self, take_id: int, f1_100ms: float | None, offset_ms: float | None) -> None:
        """What the engine measured; within the transaction that stores the take. None was not measured."""
        if f1_100ms is not None:
            self._db.execute("INSERT INTO take_syncs VALUES (?, ?, ?)", (take_id, f1_100ms, offset_ms))

    def sync(self, take_id: int) -> TakeSync | None:
        """None where it was not measured."""
        if self._is_old():
            return None
        query = "SELECT f1_100ms, offset_ms FROM take_syncs WHERE take_id = ?"
        row = self._db.execute(query, (take_id,)).fetchone()
        return None if row is None else TakeSync(*row)

    def syncs(self) -> dict[int, TakeSync]:
        """By take id; takes that were not measured are left out."""
        if self._is_old():
            return {}
        rows = self._db.execute("SELECT take_id, f1_100ms, offset_ms FROM take_syncs")
        return {row[0]: TakeSync(row[1], row[2]) for row in rows}
