"""What the timeline draws: lanes of items in sorted arrays, found by bisection. Pure: no Qt."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from foley_plugin.timeline.records import ClipRecord, CutRecord, ItemRecord, TrackRecord

RULER_HEIGHT_PX = 30
VIDEO_LANE_PX = 66
AUDIO_LANE_PX = 40
FOLEY_LANE_PX = 52
LANE_GAP_PX = 2
GROUP_GAP_PX = 8


class LaneKind(Enum):
    VIDEO = "video"
    AUDIO = "audio"
    FOLEY = "foley"


LANE_HEIGHTS_PX = {
    LaneKind.VIDEO: VIDEO_LANE_PX,
    LaneKind.AUDIO: AUDIO_LANE_PX,
    LaneKind.FOLEY: FOLEY_LANE_PX,
}


class ClipKey(NamedTuple):
    """A clip's address in the cut, as on the command line: V1:3."""

    track: str
    index: int  # type: ignore[assignment]  # a tuple's own index() is not wanted here


@dataclass(frozen=True)
class LaneItem:
    """One thing drawn on a lane; times in seconds from the timeline's start.

    `clip_keys` are the clips that it stands for: one for a clip, all inner ones for a nest, none for a
    title. `take_id` is set on foley lanes only. `wave_in_s` is where in the sound's file the item starts.
    """

    name: str
    record_in_s: float
    record_out_s: float
    kind: str
    clip_keys: tuple[ClipKey, ...] = ()
    media: str | None = None
    take_id: str | None = None
    wave_in_s: float = 0.0
    hits_s: tuple[float, ...] = ()
    """Moments of contact, seconds from the item's start."""
    is_retimed: bool = False
    """Of production sound: its speed is changed, so that it is not played here."""

    @property
    def duration_s(self) -> float:
        return self.record_out_s - self.record_in_s


class Lane:
    """Items of one track that follow each other, with their edges in flat arrays."""

    def __init__(self, kind: LaneKind, track: str, title: str, items: Iterable[LaneItem]) -> None:
        self.kind = kind
        self.track = track
        self.title = title
        self.items: Sequence[LaneItem] = sorted(items, key=lambda item: item.record_in_s)
        self.only_keys = [item.clip_keys[0] if len(item.clip_keys) == 1 else None for item in self.items]
        """The one clip of each item; None for a nest, and where there is none."""
        self.starts_s = array("d", (item.record_in_s for item in self.items))
        self.own_ends_s = array("d", (item.record_out_s for item in self.items))
        # A running maximum stays sorted where dissolves make neighbours overlap.
        self._ends_s = array("d", accumulate(self.own_ends_s, max))

    @property
    def height_px(self) -> int:
        return LANE_HEIGHTS_PX[self.kind]

    def between(self, from_s: float, to_s: float) -> range:
        """Indices of the items that touch the stretch."""
        return range(bisect_right(self._ends_s, from_s), bisect_left(self.starts_s, to_s))

    def item_at(self, time_s: float) -> int | None:
        """The index of the item that plays at `time_s`; the later one where two overlap."""
        index = bisect_right(self.starts_s, time_s) - 1
        if index >= 0 and time_s < self.items[index].record_out_s:
            return index
        return None


@dataclass(frozen=True)
class PlacedLane:
    """A lane and where it lies; `top_px` counts from the top of the first lane."""

    lane: Lane
    top_px: int

    @property
    def bottom_px(self) -> int:
        return self.top_px + self.lane.height_px


class LaneStack:
    """All lanes top down: video (highest first), production audio, foley."""

    def __init__(self, lanes: Sequence[Lane] = ()) -> None:
        self.lanes = tuple(_placed(lanes))
        self.height_px = self.lanes[-1].bottom_px + GROUP_GAP_PX if self.lanes else 0

    def lane_at(self, y_px: float) -> PlacedLane | None:
        return next((placed for placed in self.lanes if placed.top_px <= y_px < placed.bottom_px), None)

    def item_at(self, time_s: float, y_px: float) -> LaneItem | None:
        placed = self.lane_at(y_px)
        if placed is None:
            return None
        index = placed.lane.item_at(time_s)
        return None if index is None else placed.lane.items[index]

    def items_in(self, from_s: float, to_s: float, top_px: float, bottom_px: float) -> Iterator[LaneItem]:
        """What a rubber band touches."""
        for placed in self.lanes:
            if placed.bottom_px > top_px and placed.top_px < bottom_px:
                for index in placed.lane.between(from_s, to_s):
                    yield placed.lane.items[index]

    @cached_property
    def edges_s(self) -> list[float]:
        """Every edit, sorted, each once: what up and down jump to, and what the playhead snaps to."""
        edges = {0.0}
        for placed in self.lanes:
            for item in placed.lane.items:
                edges.update((item.record_in_s, item.record_out_s))
        return sorted(edges)


def _placed(lanes: Sequence[Lane]) -> Iterator[PlacedLane]:
    top_px = 0
    previous: Lane | None = None
    for lane in lanes:
        if previous is not None:
            top_px += LANE_GAP_PX if lane.kind is previous.kind else GROUP_GAP_PX
        yield PlacedLane(lane, top_px)
        top_px += lane.height_px
        previous = lane


def seconds(value: tuple[int, int]) -> float:
    """Asked for thousands of times while something is drawn; no `Fraction` is made for it."""
    return value[0] / value[1]


def clip_key(clip: ClipRecord) -> ClipKey:
    return ClipKey(clip.track, clip.index)


def lanes_of_cut(cut: CutRecord) -> list[Lane]:
    """The cut's own tracks in drawing order."""
    video = [track for track in cut.tracks if track.kind.lower() == "video"]
    audio = [track for track in cut.tracks if track.kind.lower() == "audio"]
    clips_of_track: dict[str, list[ClipRecord]] = {}
    for clip in cut.clips:
        clips_of_track.setdefault(clip.track, []).append(clip)
    lanes = [
        Lane(
            LaneKind.VIDEO, track.track, track.name, _video_items(track, clips_of_track.get(track.track, []))
        )
        for track in reversed(video)
    ]
    lanes += [Lane(LaneKind.AUDIO, track.track, track.name, map(_audio_item, track.items)) for track in audio]
    return lanes


def _video_items(track: TrackRecord, clips: Sequence[ClipRecord]) -> Iterator[LaneItem]:
    clip_of_index = {clip.index: clip for clip in clips}
    nested = [clip for clip in clips if clip.nest is not None]
    for item in track.items:
        keys: tuple[ClipKey, ...] = ()
        if item.clip_index is not None:
            keys = (ClipKey(track.track, item.clip_index),)
        elif item.kind == "nest":
            keys = tuple(clip_key(clip) for clip in nested if _within(clip, item))
        clip = clip_of_index.get(item.clip_index or 0)
        name = f"{item.name} · {clip.speed_note}" if clip is not None and clip.speed_note else item.name
        media = item.media or (clip.media if clip is not None else None)
        yield LaneItem(name, seconds(item.record_in), seconds(item.record_out), item.kind, keys, media)


def _within(clip: ClipRecord, item: ItemRecord) -> bool:
    return seconds(clip.record_in) < seconds(item.record_out) and seconds(clip.record_out) > seconds(
        item.record_in
    )


def _audio_item(item: ItemRecord) -> LaneItem:
    return LaneItem(
        item.name,
        seconds(item.record_in),
        seconds(item.record_out),
        item.kind,
        media=item.media,
        wave_in_s=seconds(item.source_in),
        is_retimed=item.is_retimed,
    )
