"""A project folder: every version of the cut that was opened, the cues, the jobs, the takes.

    shot.foley/
        foley.db        cuts, cues, jobs, takes, recipes
        foley.lock      who is writing
        cuts/           copies of the cuts, one a version
        takes/          WAVs; their names are never used twice

A take is stored only after its WAV has landed, so after a crash at most the take in the making is lost.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec

from engine.protocol import Generate, Take
from foley_plugin.takes.cast_book import CastBook
from foley_plugin.takes.cue_book import CueBook
from foley_plugin.takes.cue_sounds import CueSounds
from foley_plugin.takes.cue_sources import CueSources
from foley_plugin.takes.errors import ProjectError, ProjectReadOnly, TakeMissing
from foley_plugin.takes.lock import ProjectLock
from foley_plugin.takes.names import slug, take_name, take_number
from foley_plugin.takes.records import (
    MAX_FIRST_SEED,
    MOST_TAKES,
    Cue,
    CutVersion,
    JobState,
    Spotting,
    StoredJob,
    StoredTake,
)
from foley_plugin.takes.rows import CUE_COLUMNS, JOB_COLUMNS, TAKE_COLUMNS, cue_of, job_of, take_of
from foley_plugin.takes.schema import open_database
from foley_plugin.takes.store_book import now_utc
from foley_plugin.takes.take_marks import TakeMarks
from foley_plugin.takes.take_slips import TakeSlips
from foley_plugin.timeline.atomic import write_new_file
from foley_plugin.timeline.formats.kept import timeline_to_keep

TAKES_FOLDER = "takes"
CUTS_FOLDER = "cuts"

INTERRUPTED_SENTENCE = "The program ended in the middle of this job; the takes that were finished are kept."


class Store:
    """One project folder, opened by `Store.open`; close it, or use it in a `with` block.

    Not for several threads at once. Reading works always; every change raises `ProjectReadOnly` where the
    store was opened for reading only.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: ProjectLock | None) -> None:
        self.folder = folder
        self._db = connection
        self._lock = lock
        self._is_writing = False
        self._lost_by: sqlite3.Error | None = None
        """What made SQLite give up the transaction that is written; a part may have kept it to itself."""
        self.cast_book = CastBook(connection, self._writing)
        self.cue_book = CueBook(connection, self._writing)
        self.cue_sounds = CueSounds(connection, self._writing)
        self.cue_sources = CueSources(connection, self._writing)
        self.take_marks = TakeMarks(connection, self._writing)
        self.take_slips = TakeSlips(connection, self._writing)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open a project, making the folder where it is new, and mark what an earlier run left unfinished.

        Raises:
            ProjectLocked: another process is writing to it; open it with `read_only` then.
            ProjectError: the folder or its database cannot be used.
        """
        folder = folder.absolute()
        if read_only:
            return cls(folder, open_database(folder, read_only=True), None)
        try:
            for place in (folder, folder / TAKES_FOLDER, folder / CUTS_FOLDER):
                place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectError(
                f"The project folder {folder} cannot be made ({error.strerror}); "
                "choose another with --project."
            ) from error
        lock = ProjectLock(folder)
        try:
            store = cls(folder, open_database(folder, read_only=False), lock)
            store._mark_interrupted()
        except BaseException:
            lock.release()
            raise
        return store

    @property
    def is_read_only(self) -> bool:
        return self._lock is None

    def close(self) -> None:
        self._db.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # cuts

    def add_cut(self, source: Path) -> CutVersion:
        """Copy a cut into the project; one that is there already is not copied again.

        Raises:
            ProjectError: the cut cannot be read or the copy not written.
        """
        self._must_write()
        try:
            content, suffix = timeline_to_keep(source)
            sha256 = hashlib.sha256(content).hexdigest()
            copy = f"{CUTS_FOLDER}/{slug(source.stem) or 'cut'}_{sha256[:12]}{suffix}"
            if not (self.folder / copy).exists():
                write_new_file(self.folder / copy, content)
        except OSError as error:
            raise ProjectError(
                f"The cut {source} cannot be copied to {self.folder} ({error.strerror})."
            ) from error
        with self._transaction():
            row = self._db.execute(
                "INSERT INTO cuts (source, sha256, copy, opened_at) VALUES (?, ?, ?, ?) "
                "RETURNING id, source, sha256, copy, opened_at",
                (str(source.absolute()), sha256, copy, now_utc()),
            ).fetchone()
        return CutVersion(*row)

    def cuts(self) -> list[CutVersion]:
        """Every opening of a cut, oldest first."""
        rows = self._db.execute("SELECT id, source, sha256, copy, opened_at FROM cuts ORDER BY id")
        return [CutVersion(*row) for row in rows]

    # cues

    def add_cue(self, key: str, *, media: str, label: str | None = None, layer: int = 0) -> Cue:
        """The cue with this key, stored now if it is new."""
        self._must_write()
        with self._transaction():
            self._db.execute(
                "INSERT INTO cues (key, media, label, layer) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (key) DO NOTHING",
                (key, media, label, layer),
            )
        found = self.cue(key)
        assert found is not None
        return found

    def cue(self, key: str) -> Cue | None:
        row = self._db.execute(f"SELECT {CUE_COLUMNS} FROM cues WHERE key = ?", (key,)).fetchone()
        return None if row is None else cue_of(row)

    def cues(self) -> list[Cue]:
        """All cues, oldest first."""
        return [cue_of(row) for row in self._db.execute(f"SELECT {CUE_COLUMNS} FROM cues ORDER BY id")]

    def set_spotting(self, cue_id: int, spotting: Spotting | None) -> None:
        """Keep hits and curve with a cue; hits set by hand are what the next take is made for."""
        self._must_write()
        text = None if spotting is None else msgspec.json.encode(spotting).decode()
        with self._transaction():
            self._db.execute("UPDATE cues SET spotting = ? WHERE id = ?", (text, cue_id))

    # jobs

    def add_job(self, cue_id: int, request: Generate) -> StoredJob:
        """Write a job down before anything is asked of the engine."""
        self._must_write()
        with self._transaction():
            row = self._db.execute(
                "INSERT INTO jobs (cue_id, state, request, created_at) VALUES (?, ?, ?, ?) "
                f"RETURNING {JOB_COLUMNS}",
                (cue_id, JobState.QUEUED.value, msgspec.json.encode(request).decode(), now_utc()),
            ).fetchone()
        return job_of(row)

    def set_job_state(self, job_id: int, state: JobState, sentence: str | None = None) -> None:
        self._must_write()
        ended_at = None if state in (JobState.QUEUED, JobState.RUNNING) else now_utc()
        with self._transaction():
            self._db.execute(
                "UPDATE jobs SET state = ?, sentence = ?, ended_at = ? WHERE id = ?",
                (state.value, sentence, ended_at, job_id),
            )

    def jobs(self, state: JobState | None = None) -> list[StoredJob]:
        """Jobs, oldest first; all, or those in one state."""
        rows = self._db.execute(f"SELECT {JOB_COLUMNS} FROM jobs ORDER BY id")
        return [job for job in map(job_of, rows) if state is None or job.state is state]

    # takes

    def reserve_wavs(self, clip: str, label: str | None, count: int) -> list[Path]:
        """Absolute paths for takes to come. A name is spent even if its take never lands."""
        self._must_write()
        paths: list[Path] = []
        with self._transaction():
            while len(paths) < count:
                row = self._db.execute("INSERT INTO take_names DEFAULT VALUES RETURNING number").fetchone()
                path = self.folder / TAKES_FOLDER / take_name(clip, label, int(row[0]))
                if not path.exists():
                    paths.append(path)
        return paths

    def add_take(self, cue_id: int, job_id: int, take: Take) -> StoredTake:
        """Store a take whose WAV has landed.

        Raises:
            TakeMissing: the WAV is not there, is not in this project, or does not hash to what was announced.
        """
        self._must_write()
        wav = self._landed(Path(take.wav), take.sha256)
        with self._transaction():
            row = self._db.execute(
                "INSERT INTO takes (cue_id, job_id, wav, label, seed, hits, wall_s, peak_dbfs, sha256, "
                "recipe, onset_f1_100ms, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                f"RETURNING {TAKE_COLUMNS}",
                (
                    cue_id,
                    job_id,
                    wav,
                    take.label,
                    take.seed,
                    msgspec.json.encode(take.hits).decode(),
                    take.wall_s,
                    take.peak_dbfs,
                    take.sha256,
                    msgspec.json.encode(take.recipe).decode(),
                    take.onset_f1_100ms,
                    now_utc(),
                ),
            ).fetchone()
            stored = take_of(row)
            self.cast_book.insert_made(stored.id, take.tokens, take.pan)
            self.take_marks.insert_sync(stored.id, take.sync_f1_100ms, take.sync_offset_ms)
        return stored

    def takes(self, cue_id: int | None = None) -> list[StoredTake]:
        """Takes, oldest first; all, or those of one cue."""
        if cue_id is None:
            rows = self._db.execute(f"SELECT {TAKE_COLUMNS} FROM takes ORDER BY id")
        else:
            rows = self._db.execute(
                f"SELECT {TAKE_COLUMNS} FROM takes WHERE cue_id = ? ORDER BY id", (cue_id,)
            )
        return [take_of(row) for row in rows]

    def find_take(self, wanted: str) -> StoredTake:
        """The take with this number in its file name, or of this file name, with .wav or without.

        Raises:
            TakeMissing: there is none.
        """
        name = Path(wanted).name
        number = int(wanted) if wanted.isdecimal() else None
        for take in self.takes():
            wav = Path(take.wav)
            if name in (wav.name, wav.stem) or (number is not None and number == take_number(wav.name)):
                return take
        raise TakeMissing(
            f"There is no take “{wanted}” in {self.folder}; give its number or its file name, such as those in "
            f"{self.folder / TAKES_FOLDER}."
        )

    def wav_path(self, take: StoredTake) -> Path:
        """Where the take's WAV is, absolute."""
        return self.folder / take.wav

    def next_seed(self, cue_id: int) -> int:
        """The first seed past those that were drawn for this cue or are being; 0 for a new one.

        Where there is none past them, it is the first with room for a job's takes. A shot that is cut in several
        times sounds otherwise each time: seeds of its other instances count too.
        """
        cue_ids = self.cue_sources.instances_of(cue_id)
        of_these = f"cue_id IN ({', '.join('?' * len(cue_ids))})"
        drawn = self._db.execute(f"SELECT seed, 1 FROM takes WHERE {of_these}", cue_ids).fetchall()
        for (text,) in self._db.execute(
            f"SELECT request FROM jobs WHERE {of_these} AND state IN (?, ?)",
            (*cue_ids, JobState.QUEUED, JobState.RUNNING),
        ):
            request = msgspec.json.decode(text, type=Generate)
            drawn.append((request.seed, len(request.wav_paths)))
        past = max((seed + count for seed, count in drawn), default=0)
        return past if past <= MAX_FIRST_SEED else _first_gap(drawn)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is changed within is on the disk at once when it ends, and waits for the disk only once.

        An error that leaves the block takes back all that it changed.

        Raises:
            ProjectError: the project cannot be written.
        """
        with self._writing():
            yield

    # within

    def _landed(self, path: Path, sha256: str) -> str:
        try:
            with open(path, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            wav = path.relative_to(self.folder).as_posix()
        except (OSError, ValueError) as error:
            raise TakeMissing(
                f"The take {path.name} did not land in {self.folder / TAKES_FOLDER}."
            ) from error
        if found != sha256:
            raise TakeMissing(
                f"The take {path.name} is not what the engine wrote; check the disk that holds {self.folder}."
            )
        return wav

    def _mark_interrupted(self) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE jobs SET state = ?, sentence = ?, ended_at = ? WHERE state IN (?, ?)",
                (
                    JobState.INTERRUPTED.value,
                    INTERRUPTED_SENTENCE,
                    now_utc(),
                    JobState.QUEUED.value,
                    JobState.RUNNING.value,
                ),
            )

    def _must_write(self) -> None:
        if self.is_read_only:
            raise ProjectReadOnly(
                f"The project {self.folder} is open for reading only; close it elsewhere first."
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._must_write()
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        begin, commit, back = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
        is_part, self._is_writing = self._is_writing, True
        if is_part:  # within `together`
            begin, commit, back = "SAVEPOINT part", "RELEASE part", "ROLLBACK TO part"
        try:
            self._must_be_whole()
            self._db.execute(begin)
            try:
                yield
                self._must_be_whole()
                self._db.execute(commit)
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute(back)
                elif isinstance(error, sqlite3.Error):  # where the disk is full, SQLite rolls back by itself
                    self._lost_by = error
                raise
        except sqlite3.Error as error:
            raise ProjectError(
                f"The project {self.folder} could not be written ({error}); "
                "check that its disk is there and not full."
            ) from error
        finally:
            if not is_part:
                self._is_writing, self._lost_by = False, None

    def _must_be_whole(self) -> None:
        """Nothing more of what belongs together is written once SQLite has given it up."""
        if self._lost_by is not None:
            raise self._lost_by


def _first_gap(drawn: list[tuple[int, int]]) -> int:
    """The first seed with room for a job's takes between runs of seeds, each a first one and their number."""
    free = 0
    for seed, count in sorted(drawn):
        if seed - free >= MOST_TAKES:
            break
        free = max(free, seed + count)
    return free
