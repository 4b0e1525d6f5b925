"""Takes that a person has slipped, and the copies that begin between two frames."""

from __future__ import annotations

from foley_plugin.takes.store_book import StoreBook


class TakeSlips(StoreBook):
    """Slips of one project; reached as `Store.take_slips`. A stored take itself is never touched."""

    since_version = 3

    def all(self) -> dict[int, int]:
        """Samples at 48 kHz by take id, positive where the sound comes later; those of 0 are left out."""
        if self._is_old():
            return {}
        return dict(self._db.execute("SELECT take_id, samples FROM take_slips").fetchall())

    def of(self, take_id: int) -> int:
        if self._is_old():
            return 0
        row = self._db.execute("SELECT samples FROM take_slips WHERE take_id = ?", (take_id,)).fetchone()
        return 0 if row is None else int(row[0])

    def set(self, take_id: int, samples: int) -> None:
        """Slip a take by so much in all; 0 undoes every slip."""
        with self._writing():
            self._db.execute("DELETE FROM take_slips WHERE take_id = ?", (take_id,))
            if samples:
                self._db.execute("INSERT INTO take_slips VALUES (?, ?)", (take_id, samples))

    def copy_of(self, take_id: int, cut_samples: int) -> str | None:
        """The path inside the project of the take without its first samples, where there is such a copy."""
        if self._is_old():
            return None
        row = self._db.execute(
            "SELECT wav FROM take_copies WHERE take_id = ? AND cut_samples = ?", (take_id, cut_samples)
        ).fetchone()
        return None if row is None else str(row[0])

    def add_copy(self, take_id: int, cut_samples: int, wav: str) -> None:
        """A copy has landed; one that was lost from the disk is replaced by the new name."""
        with self._writing():
            self._db.execute(
                "INSERT INTO take_copies VALUES (?, ?, ?) ON CONFLICT (take_id, cut_samples) "
                "DO UPDATE SET wav = excluded.wav",
                (take_id, cut_samples, wav),
            )
