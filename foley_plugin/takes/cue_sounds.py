"""What each clip of a project shall sound like, kept with the clip's own cue."""

from __future__ import annotations

from foley_plugin.takes.store_book import StoreBook, now_utc

TABLES = """
CREATE TABLE cue_sounds (
    cue_id INTEGER PRIMARY KEY REFERENCES cues(id),
    choice TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
"""
"""Added to a project by schema version 7."""


class CueSounds(StoreBook):
    """Choices of one project; reached as `Store.cue_sounds`. They are JSON, which `jobs.sound_choice` reads."""

    since_version = 7

    def all(self) -> dict[int, str]:
        """By cue id; cues for which nothing was chosen are left out."""
        if self._is_old():
            return {}
        return dict(self._db.execute("SELECT cue_id, choice FROM cue_sounds").fetchall())

    def set(self, cue_id: int, choice: str | None) -> None:
        """What is chosen from now on; None for nothing."""
        with self._writing():
            self._db.execute("DELETE FROM cue_sounds WHERE cue_id = ?", (cue_id,))
            if choice is not None:
                self._db.execute("INSERT INTO cue_sounds VALUES (?, ?, ?)", (cue_id, choice, now_utc()))
