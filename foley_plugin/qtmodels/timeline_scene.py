"""All that the timeline shows at one moment, as plain data. Pure: no Qt."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from foley_plugin.qtmodels.clip_status import RESTING, ClipStatus, combined
from foley_plugin.qtmodels.hit_sheet import HitSheet
from foley_plugin.qtmodels.lanes import ClipKey, LaneItem, LaneStack, seconds
from foley_plugin.qtmodels.listening import Listening
from foley_plugin.qtmodels.picture_time import SeenPicture, picture_of
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.timeline.records import ClipRecord

MOST_REMEMBERED = 64
"""With more that is selected, comparing costs as much as drawing."""

_serials = itertools.count()


class StatusBook(dict[ClipKey, ClipStatus]):
    """How the clips stand; counts changes by track, so that what was drawn of a track is known to be right still."""

    def __init__(self, statuses: Mapping[ClipKey, ClipStatus]) -> None:
        super().__init__(statuses)
        self._changes: Counter[str] = Counter()
        self.serial = next(_serials)

    def __setitem__(self, key: ClipKey, status: ClipStatus) -> None:
        super().__setitem__(key, status)
        self._changes[key.track] += 1

    def changes_in(self, track: str) -> int:
        return self._changes[track]


@dataclass
class TimelineScene:
    """`in_s` and `out_s` are the marked range; selection is of clips and, on foley lanes, of takes."""

    stack: LaneStack = field(default_factory=LaneStack)
    ruler: TimecodeRuler = field(default_factory=lambda: TimecodeRuler(Fraction(24)))
    duration_s: float = 0.0
    playhead_s: float = 0.0
    in_s: float | None = None
    out_s: float | None = None
    selected_clips: set[ClipKey] = field(default_factory=set)
    selected_takes: set[str] = field(default_factory=set)
    statuses: dict[ClipKey, ClipStatus] = field(default_factory=dict)
    clips: dict[ClipKey, ClipRecord] = field(default_factory=dict)
    listening: Listening = field(default_factory=Listening)
    sheet: HitSheet = field(default_factory=HitSheet)
    """Hits and curves."""

    @property
    def hits_s(self) -> dict[ClipKey, tuple[float, ...]]:
        """Moments of contact by clip, seconds from the clip's start."""
        return self.sheet.hits_s

    def __post_init__(self) -> None:
        self.statuses = StatusBook(self.statuses)

    def stamp_of(self, track: str) -> object | None:
        """Two that are equal mean that items of the track look the same; None where nobody can say."""
        statuses, selected = self.statuses, (*self.selected_clips, *self.selected_takes)
        if not isinstance(statuses, StatusBook) or len(selected) > MOST_REMEMBERED:
            return None
        return statuses.serial, statuses.changes_in(track), frozenset(selected)

    def hits_of(self, item: LaneItem) -> tuple[float, ...]:
        """Moments of contact to draw on an item, seconds from the timeline's start."""
        if item.take_id is not None:
            return tuple(item.record_in_s + hit_s for hit_s in item.hits_s)
        starts_s = self.sheet.starts_s
        return tuple(starts_s[key] + hit_s for key in item.clip_keys for hit_s in self.hits_s.get(key, ()))

    def picture_at(self, item: LaneItem, record_s: float) -> SeenPicture | None:
        """The thumbnail to show on `item` at `record_s`."""
        for key in item.clip_keys:
            clip = self.clips.get(key)
            if clip is not None and seconds(clip.record_in) <= record_s < seconds(clip.record_out):
                return picture_of(clip, record_s)
        return None

    def status_of(self, item: LaneItem) -> ClipStatus:
        if len(item.clip_keys) == 1:  # nearly all; painting asks often
            return self.statuses.get(item.clip_keys[0], RESTING)
        return combined(self.statuses[key] for key in item.clip_keys if key in self.statuses)

    def is_selected(self, item: LaneItem) -> bool:
        if item.take_id is not None:
            return item.take_id in self.selected_takes
        return bool(self.selected_clips) and not self.selected_clips.isdisjoint(item.clip_keys)

    def select_only(self, items: Iterable[LaneItem]) -> None:
        self.selected_clips.clear()
        self.selected_takes.clear()
        self.select_also(items)

    def select_also(self, items: Iterable[LaneItem]) -> None:
        for item in items:
            self.selected_clips.update(item.clip_keys)
            if item.take_id is not None:
                self.selected_takes.add(item.take_id)

    def toggle(self, item: LaneItem) -> None:
        if not self.is_selected(item):
            self.select_also([item])
            return
        self.selected_clips.difference_update(item.clip_keys)
        if item.take_id is not None:
            self.selected_takes.discard(item.take_id)

    def clamped_s(self, time_s: float) -> float:
        return min(max(0.0, time_s), self.duration_s)

    def on_frame_s(self, time_s: float) -> float:
        """`time_s` moved to the frame edge nearest to it, inside the cut."""
        nearest = round(time_s * float(self.ruler.rate))
        return self.clamped_s(self.ruler.time_of(nearest))

    def edge_after_s(self, time_s: float) -> float:
        edges_s = self.stack.edges_s
        place = bisect_right(edges_s, time_s + 1e-6)
        return edges_s[place] if place < len(edges_s) else self.duration_s

    def edge_before_s(self, time_s: float) -> float:
        edges_s = self.stack.edges_s
        place = bisect_left(edges_s, time_s - 1e-6)
        return edges_s[place - 1] if place else 0.0

    def snapped_s(self, time_s: float, within_s: float) -> float:
        """The edit, mark or hit of a selected item that is nearest; `time_s` itself where none is within reach."""
        edges_s = self.stack.edges_s
        place = bisect_left(edges_s, time_s)
        near = [*edges_s[max(0, place - 1) : place + 1], *(mark for mark in (self.in_s, self.out_s) if mark)]
        near += [hit_s for key in self.selected_clips for hit_s in self._hits_of_clip(key)]
        nearest = min(near, key=lambda each: abs(each - time_s), default=time_s)
        return nearest if abs(nearest - time_s) <= within_s else time_s

    def _hits_of_clip(self, key: ClipKey) -> Iterator[float]:
        clip = self.clips.get(key)
        if clip is not None:
            yield from (seconds(clip.record_in) + hit_s for hit_s in self.hits_s.get(key, ()))

    def mark_in(self, time_s: float) -> None:
        self.in_s = time_s
        if self.out_s is not None and self.out_s <= time_s:
            self.out_s = None

    def mark_out(self, time_s: float) -> None:
        self.out_s = time_s
        if self.in_s is not None and self.in_s >= time_s:
            self.in_s = None

    def clear_range(self) -> None:
        self.in_s = self.out_s = None

    @property
    def marked_range_s(self) -> tuple[float, float] | None:
        """The marked stretch; an open end is the cut's own. None where nothing is marked."""
        if self.in_s is None and self.out_s is None:
            return None
        return (self.in_s or 0.0, self.duration_s if self.out_s is None else self.out_s)
