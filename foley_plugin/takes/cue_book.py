"""What a person says of a cue: a note for the sheet, and which of its takes is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foley_plugin.takes.store_book import StoreBook, now_utc

TABLES = """
CREATE TABLE cue_notes (
    cue_id INTEGER PRIMARY KEY REFERENCES cues(id),
    note TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE chosen_takes (
    cue_id INTEGER PRIMARY KEY REFERENCES cues(id),
    take_id INTEGER REFERENCES takes(id),
    changed_at TEXT NOT NULL
);
"""
"""Added to a project by schema version 2. A chosen take of NULL is a cue that is taken off the timeline."""


class CueBook(StoreBook):
    """Notes and choices of one project; reached as `Store.cue_book`."""

    since_version = 2

    def notes(self) -> dict[int, str]:
        """Notes by cue id; cues without one are left out."""
        return dict(self._rows("SELECT cue_id, note FROM cue_notes"))

    def set_note(self, cue_id: int, note: str) -> None:
        """Keep a note with a cue; an empty one takes it away."""
        with self._writing():
            self._db.execute("DELETE FROM cue_notes WHERE cue_id = ?", (cue_id,))
            if note:
                self._db.execute("INSERT INTO cue_notes VALUES (?, ?, ?)", (cue_id, note, now_utc()))

    def chosen(self) -> dict[int, int | None]:
        """The chosen take of each cue that one was chosen for; None where the cue is to be silent."""
        return dict(self._rows("SELECT cue_id, take_id FROM chosen_takes"))

    def choose(self, cue_id: int, take_id: int | None) -> None:
        """Put a take of a cue on the timeline, or none."""
        self.choose_all({cue_id: take_id})

    def choose_all(self, choices: Mapping[int, int | None]) -> None:
        """As `choose`, for several cues at once: all of it is kept or none."""
        with self._writing():
            self._db.executemany(
                "INSERT INTO chosen_takes VALUES (?, ?, ?) ON CONFLICT (cue_id) DO UPDATE "
                "SET take_id = excluded.take_id, changed_at = excluded.changed_at",
                [(cue_id, take_id, now_utc()) for cue_id, take_id in choices.items()],
            )

    def forget_choice(self, cue_id: int) -> None:
        """The newest take is meant again."""
        with self._writing():
            self._db.execute("DELETE FROM chosen_takes WHERE cue_id = ?", (cue_id,))

    def _rows(self, query: str) -> list[tuple[int, Any]]:
        return [] if self._is_old() else self._db.execute(query).fetchall()
