"""What an evaluation found, as it is written to report.json: every value, what was computed from it, and how."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.evaluation.bootstrap import Interval
from engine.evaluation.metrics import About
from engine.evaluation.samples import Kind
from engine.protocol import Hit

FORMAT = 1


class ClipFacts(Struct, frozen=True):
    """A test clip that was measured."""

    name: str
    film: str
    duration_s: float
    frame_rate: float
    hits: list[Hit]
    hits_from: Literal["file", "sound"]
    label: str | None


class LeftOut(Struct, frozen=True):
    """A clip, or a system's sample of it, that could not be used, and why."""

    name: str
    reason: str


class Lengths(Struct, frozen=True):
    """How the samples' lengths compare with the clips'; both were cut to the shorter. Equal within 10 ms."""

    equal: int = 0
    shorter: int = 0
    longer: int = 0
    most_missing_s: float = 0.0


class SystemFacts(Struct, frozen=True):
    """A row of the report. `onsets` are those heard in each of its samples."""

    name: str
    kind: Kind
    folder: str | None
    facts: dict[str, str]
    num_measured: int
    missing: list[str]
    broken: list[LeftOut]
    lengths: Lengths
    onsets: dict[str, list[Hit]]


class ClipValue(Struct, frozen=True):
    """One metric of one sample.

    `shuffled` is the same sample's against another clip, `chance` that of random moments.
    """

    value: float | None
    weight: float = 1.0
    shuffled: float | None = None
    chance: float | None = None


class Figure(Struct, frozen=True):
    """One metric of one system. Intervals are of 95 %.

    Attributes:
        mean: over clips.
        pooled: weighted (for F1: of all counts together); None where every clip weighs the same.
        shuffled: the mean of the shuffled pairs. chance: that of random moments.
        undefined: how many clips have no value.
        remark: what a reader of this very figure must be told.
    """

    mean: Interval | None
    pooled: Interval | None = None
    shuffled: Interval | None = None
    chance: float | None = None
    num_clips: int = 0
    undefined: int = 0
    remark: str | None = None


class Difference(Struct, frozen=True):
    """Mean of first - second over the clips that both have."""

    first: str
    second: str
    num_clips: int
    interval: Interval


class MetricResult(Struct, frozen=True):
    """A metric with all its figures by system, or the reason for which it was not measured.

    `values` are by system and clip; a metric of sets has none.
    """

    about: About
    compares: Literal["clips", "sets"]
    not_measured: str | None = None
    figures: dict[str, Figure] = {}
    differences: list[Difference] = []
    values: dict[str, dict[str, ClipValue]] = {}


class Report(Struct, frozen=True):
    format: int
    made_at: str
    settings: dict[str, str]
    versions: dict[str, str]
    clips: list[ClipFacts]
    left_out: list[LeftOut]
    systems: list[SystemFacts]
    metrics: list[MetricResult]
    troubles: list[str]
    """Sentences on single measurements that failed; their values are undefined."""
