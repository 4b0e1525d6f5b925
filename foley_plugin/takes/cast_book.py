"""What a take was decoded from, and the sounds that were cast by name: "Anna, boots, gravel"."""

from __future__ import annotations

import unicodedata

import msgspec
from msgspec import Struct

from engine.protocol import Cast, Tokens
from foley_plugin.takes.store_book import StoreBook, now_utc

TABLES = """
CREATE TABLE take_tokens (
    take_id INTEGER PRIMARY KEY REFERENCES takes(id),
    tokens BLOB NOT NULL
);
CREATE TABLE take_pans (
    take_id INTEGER PRIMARY KEY REFERENCES takes(id),
    pan TEXT NOT NULL
);
CREATE TABLE casts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    label TEXT NOT NULL,
    take_id INTEGER NOT NULL REFERENCES takes(id),
    sound TEXT NOT NULL,
    created_at TEXT NOT NULL
);
"""
"""Added to a project by schema version 4."""


class CastSound(Struct, frozen=True):
    """A sound that cues go on from: whose it is, what makes it, and the tokens themselves."""

    name: str
    label: str
    take_id: int
    """The take that it was cut out of."""
    sound: Cast


def cast_key(name: str) -> str:
    """What two names share that mean one cast: they differ in case or spaces at most, in whatever alphabet."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


class CastBook(StoreBook):
    """Tokens, places and casts of one project; reached as `Store.cast_book`."""

    since_version = 4

    def insert_made(self, take_id: int, tokens: Tokens | None, pan: list[float]) -> None:
        """What the engine said of a take beside its sound; within the transaction that stores the take."""
        if tokens is not None:
            self._db.execute("INSERT INTO take_tokens VALUES (?, ?)", (take_id, msgspec.json.encode(tokens)))
        if pan:
            text = msgspec.json.encode(pan).decode()
            self._db.execute("INSERT INTO take_pans VALUES (?, ?)", (take_id, text))

    def tokens(self, take_id: int) -> Tokens | None:
        """None of a take that an earlier version made."""
        row = self._row("SELECT tokens FROM take_tokens WHERE take_id = ?", take_id)
        return None if row is None else msgspec.json.decode(row, type=Tokens)

    def pan(self, take_id: int) -> list[float]:
        """Places -1 to 1 from the start of the picture, ten a second; empty where they are not known."""
        row = self._row("SELECT pan FROM take_pans WHERE take_id = ?", take_id)
        return [] if row is None else msgspec.json.decode(row, type=list[float])

    def save(self, cast: CastSound) -> None:
        """A cast of this name is replaced: takes that were made with the old one keep it in their recipes."""
        with self._writing():
            self.remove(cast.name)
            self._db.execute(
                "INSERT OR REPLACE INTO casts (name, label, take_id, sound, created_at) VALUES (?, ?, ?, ?, ?)",
                (cast.name, cast.label, cast.take_id, msgspec.json.encode(cast.sound).decode(), now_utc()),
            )

    def remove(self, name: str) -> None:
        """The cast that `cast` finds."""
        found = self.cast(name)
        if found is not None:
            with self._writing():
                self._db.execute("DELETE FROM casts WHERE name = ? COLLATE BINARY", (found.name,))

    def casts(self) -> list[CastSound]:
        """In the order of their names."""
        if self._is_old():
            return []
        rows = self._db.execute("SELECT name, label, take_id, sound FROM casts")
        found = [
            CastSound(name, label, take_id, msgspec.json.decode(sound, type=Cast))
            for name, label, take_id, sound in rows
        ]
        return sorted(found, key=lambda cast: (cast_key(cast.name), cast.name))

    def cast(self, name: str) -> CastSound | None:
        """The one of exactly this name, else one of the same but for case and spaces."""
        casts = self.casts()
        exact = next((each for each in casts if each.name == name), None)
        return exact or next((each for each in casts if cast_key(each.name) == cast_key(name)), None)

    def _row(self, query: str, take_id: int) -> bytes | str | None:
        row = None if self._is_old() else self._db.execute(query, (take_id,)).fetchone()
        return None if row is None else row[0]
