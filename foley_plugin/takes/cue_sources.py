"""What every cue shows and where it lay in each cut: what a changed cut is matched by."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
from msgspec import Struct

from engine.protocol import Generate, Rational, Span, fraction, rational
from foley_plugin.takes.store_book import StoreBook
from foley_plugin.timeline.ranges import pieces_of_spans, trimmed
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.twins import Instance

TABLES = """
CREATE TABLE cue_sources (
    cue_id INTEGER PRIMARY KEY REFERENCES cues(id),
    media_identity TEXT,
    spans TEXT NOT NULL
);
CREATE TABLE cue_places (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cue_id INTEGER NOT NULL REFERENCES cues(id),
    cut_sha256 TEXT NOT NULL,
    place TEXT
);
CREATE INDEX places_of_cue ON cue_places(cue_id);
CREATE TABLE take_slips (
    take_id INTEGER PRIMARY KEY REFERENCES takes(id),
    samples INTEGER NOT NULL
);
CREATE TABLE take_copies (
    take_id INTEGER NOT NULL REFERENCES takes(id),
    cut_samples INTEGER NOT NULL,
    wav TEXT NOT NULL UNIQUE,
    PRIMARY KEY (take_id, cut_samples)
);
"""
"""Added to a project by schema version 3. A place of NULL says that the cue was gone in that cut."""

TWIN_TABLES = """
CREATE TABLE cue_twins (
    cue_id INTEGER PRIMARY KEY REFERENCES cues(id),
    shot TEXT NOT NULL,
    twin INTEGER NOT NULL,
    twins INTEGER NOT NULL
);
"""
"""Added to a project by schema version 6. Before, the instances of a shot shared one cue."""
TWINS_SINCE_VERSION = 6


class CueSource(Struct, frozen=True):
    """What a cue shows: the clip's own picture as played, without handles."""

    media_identity: str | None
    """None in a project of an earlier version, until the cue's key has proved it."""
    spans: list[Span]
    instance: Instance | None = None
    """Of its shot, when the cue was first made; None where that is not known, and every instance may share it."""


class CuePlace(Struct, frozen=True):
    """Where a cue's picture lay in a cut; seconds from the timeline's start."""

    clip: str
    """The clip's name, for people."""
    track: str
    record_in: Rational
    duration: Rational
    job_id: int | None = None
    """The job whose takes were meant for this place."""
    is_picked: bool = False
    """Another clip covered some of it: it has foley since somebody picked it."""
    own_in: Rational | None = None
    """Where the cue's own start would lie, where only another part of its picture is there."""
    cut_sha256: str = ""
    """The cut; filled in where places are read."""


class CueSources(StoreBook):
    """Sources and places of one project; reached as `Store.cue_sources`."""

    since_version = 3

    def sources(self) -> dict[int, CueSource]:
        """By cue id; those of an earlier version's cues are read out of what was asked for them."""
        found = {}
        if self._is_old():
            return _sources_of_requests(self._db)
        instances = self._instances()
        for cue_id, identity, spans in self._db.execute(
            "SELECT cue_id, media_identity, spans FROM cue_sources"
        ):
            shown = msgspec.json.decode(str(spans), type=list[Span])
            found[int(cue_id)] = CueSource(identity, shown, instances.get(cue_id))
        return found

    def instances_of(self, cue_id: int) -> list[int]:
        """The cues of the same sound for every instance of the shot that a cue shows, its own included."""
        rows = self._db.execute(
            "SELECT cues.id FROM cue_sources AS own JOIN cues AS named ON named.id = own.cue_id "
            "JOIN cue_sources AS other ON other.media_identity = own.media_identity AND other.spans = own.spans "
            "JOIN cues ON cues.id = other.cue_id AND cues.label IS named.label AND cues.layer = named.layer "
            "WHERE own.cue_id = ?",
            (cue_id,),
        )
        return sorted({cue_id, *(int(row[0]) for row in rows)})

    def _instances(self) -> dict[int, Instance]:
        if self._is_before(TWINS_SINCE_VERSION):
            return {}
        rows = self._db.execute("SELECT cue_id, shot, twin, twins FROM cue_twins")
        return {cue_id: Instance(shot, twin, twins) for cue_id, shot, twin, twins in rows}

    def keep(self, cue_id: int, source: CueSource) -> None:
        """Write down what a cue shows; an identity that is known stays, and so does which of its instances it is."""
        with self._writing():
            is_new = not self._db.execute("SELECT 1 FROM cue_sources WHERE cue_id = ?", (cue_id,)).fetchone()
            _insert_source(self._db, cue_id, source)
            if is_new and source.instance is not None:
                one = source.instance
                self._db.execute(
                    "INSERT INTO cue_twins VALUES (?, ?, ?, ?)", (cue_id, one.shot, one.twin, one.twins)
                )

    def latest_places(self) -> dict[int, list[CuePlace]]:
        """Every cue's places in the newest cut that says something of it, in record order.

        An empty list is a cue that was found gone; a cue that is left out has never had a place.
        """
        if self._is_old():
            return {}
        rows = self._db.execute("SELECT cue_id, cut_sha256, place FROM cue_places ORDER BY id DESC")
        cut_of: dict[int, str] = {}
        places: dict[int, list[CuePlace]] = {}
        for cue_id, cut_sha256, place in rows:
            if cut_of.setdefault(cue_id, cut_sha256) != cut_sha256:
                continue
            held = places.setdefault(cue_id, [])
            if place is not None:
                said = msgspec.json.decode(place, type=CuePlace)
                held.append(msgspec.structs.replace(said, cut_sha256=cut_sha256))
        for held in places.values():
            held.sort(key=lambda each: fraction(each.record_in))
        return places

    def add_place(self, cue_id: int, cut_sha256: str, place: CuePlace) -> None:
        """A take is made for a place in a cut; what was said before of the same place is replaced."""
        with self._writing():
            for row_id, text in self._db.execute(
                "SELECT id, place FROM cue_places WHERE cue_id = ? AND cut_sha256 = ?", (cue_id, cut_sha256)
            ).fetchall():
                said = None if text is None else msgspec.json.decode(text, type=CuePlace)
                if said is None or (said.track, said.record_in) == (place.track, place.record_in):
                    self._db.execute("DELETE FROM cue_places WHERE id = ?", (row_id,))
            self._insert_place(cue_id, cut_sha256, place)

    def set_places(self, cut_sha256: str, places: Mapping[int, Sequence[CuePlace]]) -> None:
        """All that a cut says of these cues; an empty sequence is a cue that is gone."""
        with self._writing():
            for cue_id, held in places.items():
                self._db.execute(
                    "DELETE FROM cue_places WHERE cue_id = ? AND cut_sha256 = ?", (cue_id, cut_sha256)
                )
                said: list[CuePlace | None] = [*held]
                for place in said or [None]:
                    self._insert_place(cue_id, cut_sha256, place)

    def _insert_place(self, cue_id: int, cut_sha256: str, place: CuePlace | None) -> None:
        text = None if place is None else msgspec.json.encode(place).decode()
        self._db.execute(
            "INSERT INTO cue_places (cue_id, cut_sha256, place) VALUES (?, ?, ?)", (cue_id, cut_sha256, text)
        )


def read_sources_of_requests(connection: sqlite3.Connection) -> None:
    """Fill `cue_sources` of a project that knew none from what was asked for its cues."""
    for cue_id, source in _sources_of_requests(connection).items():
        _insert_source(connection, cue_id, source)


def source_of_request(request: Generate) -> CueSource:
    """The picture of a request without its handles."""
    head, tail = fraction(request.head), fraction(request.tail)
    whole = pieces_of_spans(request.picture.spans)
    core = trimmed(whole, head, whole[-1].end - tail if whole else Fraction(0))
    spans = [
        Span(rational(tidy(each.duration)), rational(tidy(each.inner_start)), rational(each.speed))
        for each in core
    ]
    return CueSource(None, spans)


def _sources_of_requests(connection: sqlite3.Connection) -> dict[int, CueSource]:
    sources: dict[int, CueSource] = {}
    for cue_id, text in connection.execute("SELECT cue_id, request FROM jobs ORDER BY id"):
        if cue_id not in sources:
            source = source_of_request(msgspec.json.decode(str(text), type=Generate))
            if source.spans:
                sources[cue_id] = source
    return sources


def _insert_source(connection: sqlite3.Connection, cue_id: int, source: CueSource) -> None:
    connection.execute(
        "INSERT INTO cue_sources VALUES (?, ?, ?) ON CONFLICT (cue_id) DO UPDATE SET "
        "media_identity = COALESCE(cue_sources.media_identity, excluded.media_identity)",
        (cue_id, source.media_identity, msgspec.json.encode(source.spans).decode()),
    )
