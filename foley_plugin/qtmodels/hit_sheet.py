"""Hits and curves of all clips as the timeline draws them: found, set by hand, heard in the takes. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from foley_plugin.jobs.hand_hits import ClipHits, HitPoint
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.services.media_client import Onset

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NOTHING = ClipHits()

HEARD_WITHIN_S = 0.2
"""An onset further than this from every hit belongs to none of them."""


@dataclass(frozen=True, order=True)
class HitMark:
    """One hit of one clip."""

    clip: ClipKey
    point: HitPoint


@dataclass(frozen=True)
class HeardTake:
    """A take on the timeline: where its sound can be heard. Seconds from the timeline's start."""

    take_id: str
    clip: ClipKey
    wav: str
    record_in_s: float
    record_out_s: float
    wave_in_s: float
    """Where in the WAV `record_in_s` lies."""
    sound: str = ""
    """What it is to sound like, in words: tells the layers of a clip apart."""


@dataclass(frozen=True)
class HeardHit:
    """An onset that was measured in a take, and the hit that it belongs to. Seconds from the timeline's start."""

    heard_s: float
    hit_s: float | None
    """None where no hit is near."""

    @property
    def late_s(self) -> float:
        """How long after its hit it is heard; negative where it is early."""
        return 0.0 if self.hit_s is None else self.heard_s - self.hit_s


@dataclass
class HitSheet:
    """Changed by `HitBook` alone. Hits go in by `put`, which keeps what is drawn of them in step."""

    clips: dict[ClipKey, ClipHits] = field(default_factory=dict)
    hits_s: dict[ClipKey, tuple[float, ...]] = field(default_factory=dict)
    """Moments of contact, seconds from the clip's start; of clips that have been looked at or set by hand."""
    starts_s: dict[ClipKey, float] = field(default_factory=dict)
    """Where a clip starts on the timeline."""
    durations_s: dict[ClipKey, float] = field(default_factory=dict)
    heads_s: dict[ClipKey, float] = field(default_factory=dict)
    """How long before the clip its curve begins; for clips with a curve."""
    curves: dict[ClipKey, NDArray[np.float32]] = field(default_factory=dict)
    """As `ClipHits.curve`, to be drawn."""
    selected: frozenset[HitMark] = frozenset()
    hovered: HitMark | None = None
    takes: dict[str, HeardTake] = field(default_factory=dict)
    """By their ids; `lay` sets them."""
    takes_by_clip: dict[ClipKey, list[HeardTake]] = field(default_factory=dict)
    heard: dict[str, tuple[Onset, ...]] = field(default_factory=dict)
    """Onsets by WAV."""

    def put(self, clip: ClipKey, hits: ClipHits) -> None:
        self.clips[clip] = hits
        self.hits_s.pop(clip, None)
        self.curves.pop(clip, None)
        if hits.curve:
            import numpy as np  # here, since it is not needed to start

            self.curves[clip] = np.array(hits.curve, np.float32)
        if hits.detected is not None or hits.by_hand.hits is not None:
            self.hits_s[clip] = tuple(hit.time_s for hit in self.seen(clip))

    def of(self, clip: ClipKey) -> ClipHits:
        return self.clips.get(clip, NOTHING)

    def seen(self, clip: ClipKey, points: Iterable[HitPoint] | None = None) -> list[HitPoint]:
        """The hits inside the clip; those in its handles are not drawn."""
        duration_s = self.durations_s.get(clip, 0.0)
        return [
            hit for hit in (self.of(clip).hits if points is None else points) if 0 <= hit.time_s < duration_s
        ]

    def ghosts(self, clip: ClipKey) -> list[HitPoint]:
        """What was found and then moved, changed or deleted by hand."""
        hits = self.of(clip)
        if hits.by_hand.hits is None or hits.detected is None:
            return []
        kept = set(hits.by_hand.hits)
        return self.seen(clip, (hit for hit in hits.detected if hit not in kept))

    def record_s(self, mark: HitMark) -> float:
        return self.starts_s.get(mark.clip, 0.0) + mark.point.time_s

    def selected_in(self, clip: ClipKey) -> set[HitPoint]:
        return {mark.point for mark in self.selected if mark.clip == clip}

    def nearest(self, clip: ClipKey, time_s: float, within_s: float) -> HitMark | None:
        """The hit nearest to a moment of the clip."""
        hits = self.seen(clip)
        found = min(hits, key=lambda hit: abs(hit.time_s - time_s), default=None)
        if found is None or abs(found.time_s - time_s) > within_s:
            return None
        return HitMark(clip, found)

    def lay(self, takes: Iterable[HeardTake]) -> None:
        """What lies on the timeline from now on."""
        self.takes, self.takes_by_clip = {}, {}
        for take in takes:
            self.takes[take.take_id] = take
            self.takes_by_clip.setdefault(take.clip, []).append(take)

    def takes_of(self, clip: ClipKey) -> Sequence[HeardTake]:
        return self.takes_by_clip.get(clip, ())

    def heard_in(self, take: HeardTake) -> list[HeardHit]:
        """The onsets of a take that lie on the timeline, each with its hit; none until they are measured."""
        shift_s = take.record_in_s - take.wave_in_s
        times_s = [onset.time_s + shift_s for onset in self.heard.get(take.wav, ())]
        inside_s = [time_s for time_s in times_s if take.record_in_s <= time_s < take.record_out_s]
        start_s = self.starts_s.get(take.clip, 0.0)
        return heard_hits(inside_s, [start_s + hit.time_s for hit in self.seen(take.clip)])


def heard_hits(heard_s: Sequence[float], hits_s: Sequence[float]) -> list[HeardHit]:
    """Each onset with its hit, no hit twice: the nearest pairs first. In time order."""
    pairs = sorted(
        (abs(heard - hit), number, place)
        for number, heard in enumerate(heard_s)
        for place, hit in enumerate(hits_s)
        if abs(heard - hit) <= HEARD_WITHIN_S
    )
    hit_of: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, place in pairs:
        if number not in hit_of and place not in taken:
            hit_of[number] = place
            taken.add(place)
    return [
        HeardHit(heard, hits_s[hit_of[number]] if number in hit_of else None)
        for number, heard in enumerate(heard_s)
    ]
