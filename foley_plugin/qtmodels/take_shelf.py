"""The takes of the open cut, and which of them lie on the timeline. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.lanes import ClipKey, Lane, LaneItem, LaneKind
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.take_marks import UNMARKED, TakeMark, TakeSync
from foley_plugin.timeline.placement import SAMPLE_RATE
from foley_plugin.timeline.records import Placement


@dataclass(frozen=True)
class Slot:
    """A place for one take: a clip, or a marked part of it, in whole frames of the timeline, on a layer."""

    clip: ClipKey
    record_frame: int
    duration_frames: int
    layer: int = 0
    """Sounds of one clip that are heard at once lie on layers of their own."""

    def overlaps(self, other: Slot) -> bool:
        """Whether takes of both would be heard of one clip and layer at once."""
        return self.layer == other.layer and self.meets(other)

    def meets(self, other: Slot) -> bool:
        """Whether takes of both would be heard of one clip at once, on whatever layers."""
        return (
            self.clip == other.clip
            and self.record_frame < other.record_frame + other.duration_frames
            and other.record_frame < self.record_frame + self.duration_frames
        )


@dataclass(frozen=True)
class ShelfTake:
    """A take and where it would lie. `slot` is what was asked for; a late hit may ring on past it.

    Attributes:
        planned: with the take's own file, whose first `cut_samples` are left out; `TakeEdits.placements` makes the
            copy that an export needs.
        slip_samples: by which the sound comes later than it was made, at 48 kHz.
        job: what made it.
    """

    take: StoredTake
    slot: Slot
    planned: Placement
    cut_samples: int = 0
    slip_samples: int = 0
    job: Job | None = None

    @property
    def take_id(self) -> str:
        return str(self.take.id)

    @property
    def clip(self) -> ClipKey:
        return self.slot.clip


class TakeShelf:
    """Every take by its slot, at most one of them placed in each; under a split clip one lies in several."""

    def __init__(self) -> None:
        self._takes: dict[str, dict[Slot, ShelfTake]] = {}
        self._of_clip: dict[ClipKey, set[str]] = {}
        self._placed: dict[Slot, str] = {}
        self._items: dict[int, tuple[ShelfTake, LaneItem]] = {}
        """As they were asked for last: thousands of takes stay where they are when one is changed."""
        self.marks: dict[str, TakeMark] = {}
        self.syncs: dict[str, TakeSync] = {}

    def add(self, take: ShelfTake, *, place: bool = False) -> None:
        """A take that is there already under this slot is replaced, and stays placed if it is."""
        self._takes.setdefault(take.take_id, {})[take.slot] = take
        self._of_clip.setdefault(take.clip, set()).add(take.take_id)
        if place:
            self._placed[take.slot] = take.take_id

    def has(self, take_id: str) -> bool:
        return take_id in self._takes

    def take(self, take_id: str) -> ShelfTake:
        """In the first of its places."""
        return next(iter(self._takes[take_id].values()))

    def places_of(self, take_id: str) -> list[ShelfTake]:
        """Once for each slot that it may lie in."""
        return list(self._takes.get(take_id, {}).values())

    def place(self, take_id: str) -> None:
        for slot in self._takes[take_id]:
            self._placed[slot] = take_id

    def take_off(self, take_id: str) -> None:
        """Off the timeline; it stays on the shelf."""
        for slot in [slot for slot, placed in self._placed.items() if placed == take_id]:
            del self._placed[slot]

    def placed_in(self, slot: Slot) -> str | None:
        return self._placed.get(slot)

    def set_placed(self, slot: Slot, take_id: str | None) -> None:
        """What lies in a slot from now on."""
        if take_id is None:
            self._placed.pop(slot, None)
        else:
            self._placed[slot] = take_id

    def is_placed(self, take_id: str) -> bool:
        return take_id in self._placed.values()

    def seen_of(self, take_ids: Iterable[str]) -> set[str]:
        """Those of them that lie on the timeline, and for each that does not what lies in its place."""
        placed, found = set(self._placed.values()), set[str]()
        for take_id in take_ids:
            slots = () if take_id in placed else self._takes.get(take_id, ())
            instead = {self._placed[slot] for slot in slots if slot in self._placed}
            found |= {take_id} & placed or instead
        return found

    def mark(self, take_id: str) -> TakeMark:
        return self.marks.get(take_id, UNMARKED)

    def is_trashed(self, take_id: str) -> bool:
        return self.mark(take_id).trashed_at is not None

    def name(self, take_id: str) -> str:
        """What people call it: the name that was given, else its sound and seed."""
        take = self.take(take_id).take
        return self.mark(take_id).name or f"{take.label} · seed {take.seed}"

    def all(self) -> list[ShelfTake]:
        """Every take in each of its places, those that came first first; those in the trash left out."""
        return [
            each
            for take_id, places in self._takes.items()
            if not self.is_trashed(take_id)
            for each in places.values()
        ]

    def takes_of(self, clip: ClipKey) -> list[ShelfTake]:
        """Newest first, those in the trash left out."""
        return [take for take in self.all_takes_of(clip) if not self.is_trashed(take.take_id)]

    def all_takes_of(self, clip: ClipKey) -> list[ShelfTake]:
        """Newest first, each once."""
        places = (self._takes[take_id].values() for take_id in self._of_clip.get(clip, ()))
        takes = [next(place for place in each if place.clip == clip) for each in places]
        return sorted(takes, key=lambda take: take.take.id, reverse=True)

    def cues_in(self, slots: Iterable[Slot]) -> set[int]:
        """The cues whose takes may lie in these slots."""
        return {
            self._takes[take_id][slot].take.cue_id
            for slot in slots
            for take_id in self._of_clip.get(slot.clip, ())
            if slot in self._takes[take_id]
        }

    def placed_of(self, clip: ClipKey) -> list[ShelfTake]:
        """What lies on the timeline under a clip."""
        places = (place for take in self.all_takes_of(clip) for place in self._takes[take.take_id].values())
        return [
            place for place in places if place.clip == clip and self._placed.get(place.slot) == place.take_id
        ]

    def placed(self) -> list[ShelfTake]:
        """What lies on the timeline, in its order."""
        found = [self._takes[take_id][slot] for slot, take_id in self._placed.items()]
        return sorted(found, key=lambda take: (take.planned.record_frame, take.take.id))

    def item(self, take: ShelfTake, rate: Fraction) -> LaneItem:
        """A take as it lies, or would lie, on a foley lane. Its hits stay where the picture has them."""
        name = self.name(take.take_id)
        known = self._items.get(id(take))
        if known is None or known[0] is not take or known[1].name != name:
            known = self._items[id(take)] = (take, _item(take, name, rate))
        return known[1]

    def lanes(self, rate: Fraction) -> list[Lane]:
        """The foley lanes: each take on the first lane that is free, at least one lane."""
        ends: list[int] = []
        items: list[list[LaneItem]] = []
        for take in self.placed():
            planned = take.planned
            lane = next((n for n, end in enumerate(ends) if end <= planned.record_frame), len(ends))
            if lane == len(ends):
                ends.append(0)
                items.append([])
            ends[lane] = planned.record_frame + planned.duration_frames
            items[lane].append(self.item(take, rate))
        return list(_lanes(items or [[]]))


def _lanes(items: list[list[LaneItem]]) -> Iterator[Lane]:
    for number, row in enumerate(items, start=1):
        yield Lane(LaneKind.FOLEY, f"F{number}", "Foley" if number == 1 else f"Foley {number}", row)


def _item(take: ShelfTake, name: str, rate: Fraction) -> LaneItem:
    planned = take.planned
    record_in = planned.record_frame / rate
    later_s = float(take.slot.record_frame / rate - record_in)
    return LaneItem(
        name=name,
        record_in_s=float(record_in),
        record_out_s=float(record_in + planned.duration_frames / rate),
        kind="take",
        media=planned.wav,
        take_id=take.take_id,
        wave_in_s=float(planned.head_frames / rate + Fraction(take.cut_samples, SAMPLE_RATE)),
        hits_s=tuple(hit.time_s + later_s for hit in take.take.hits),
    )
