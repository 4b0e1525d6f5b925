"""The rows of the store as plain values. All of them are facts that were stored; none changes in place."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.protocol import Hit
from engine.protocol import LabelGuess as LabelGuess  # for what is drawn, which does not speak the protocol

MOST_TAKES = 32
"""Of one job; take i of it has the job's seed and i."""
MAX_FIRST_SEED = 2**63 - MOST_TAKES
"""The largest seed of a job, so that those of all its takes are numbers that the database holds."""


class JobState(StrEnum):
    """Where a job stands. `INTERRUPTED` is what a job is found to be when the program that ran it is gone."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class CutVersion(Struct, frozen=True):
    """A cut as it was when it was opened: a copy inside the project folder."""

    id: int
    source: str
    """Plain absolute path that it was read from."""
    sha256: str
    copy: str
    """Path inside the project folder, with forward slashes."""
    opened_at: str
    """UTC, ISO 8601."""


class Spotting(Struct, frozen=True):
    """Hits and intensity curve of a cue. Times count from the cue's start."""

    hits: list[Hit]
    curve: list[float] | None = None
    """0 to 1 at 50 Hz from the start of the picture, the head handle included."""
    labels: list[LabelGuess] = []
    by_hand: bool = False
    """A person has set the hits."""
    model_sha256: str | None = None
    sound_hits: list[Hit] = []
    """Onsets of the production sound, where it was asked for."""
    curve_by_hand: bool = False
    spotted_hits: list[Hit] | None = None
    """What was found in the picture, where hits or curve were then set by hand; None where nobody has looked."""
    spotted_curve: list[float] | None = None


class Cue(Struct, frozen=True):
    """What a sound is made for; `key` tells it from every other cue, however the cut is called."""

    id: int
    key: str
    media: str
    label: str | None
    layer: int
    spotting: Spotting | None


class StoredJob(Struct, frozen=True):
    id: int
    cue_id: int
    state: JobState
    request: bytes
    """The engine's request as JSON, id 0."""
    sentence: str | None
    created_at: str
    ended_at: str | None


class StoredTake(Struct, frozen=True):
    """A WAV that landed, with all that shaped it."""

    id: int
    cue_id: int
    job_id: int
    wav: str
    """Path inside the project folder, with forward slashes."""
    label: str
    seed: int
    hits: list[Hit]
    wall_s: float
    peak_dbfs: float
    sha256: str
    recipe: dict[str, object]
    onset_f1_100ms: float | None
    created_at: str
