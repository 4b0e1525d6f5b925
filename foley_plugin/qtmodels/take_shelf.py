"""The takes of the open cut, and which of them lie on the timeline. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.qtmodels.lanes import ClipKey, Lane, LaneItem, LaneKind
from foley_plugin.takes.records import StoredTake
from foley_plugin.timeline.records import Placement


@dataclass(frozen=True)
class Slot:
    """A place for one take: a clip, or a marked part of it, in whole frames of the timeline."""

    clip: ClipKey
    record_frame: int
    duration_frames: int
    layer: int = 0
    """Sounds of one clip that are heard at once lie on layers of their own."""


@dataclass(frozen=True)
class ShelfTake:
    """A take and where it would lie. `slot` is what was asked for; a late hit may ring on past it."""

    take: StoredTake
    slot: Slot
    placement: Placement

    @property
    def take_id(self) -> str:
        return str(self.take.id)

    @property
    def clip(self) -> ClipKey:
        return self.slot.clip


class TakeShelf:
    """Every take by its slot, at most one of them placed in each; under a split clip one lies in several."""

    def __init__(self) -> None:
        self._takes: dict[str, ShelfTake] = {}
        self._placed: dict[Slot, ShelfTake] = {}

    def add(self, take: ShelfTake, *, place: bool) -> None:
        self._takes[take.take_id] = take
        if place:
            self._placed[take.slot] = take

    def has(self, take_id: str) -> bool:
        return take_id in self._takes

    def take(self, take_id: str) -> ShelfTake:
        return self._takes[take_id]

    def place(self, take_id: str) -> None:
        take = self._takes[take_id]
        self._placed[take.slot] = take

    def take_off(self, take_id: str) -> None:
        """Off the timeline; it stays on the shelf."""
        for slot in [slot for slot, take in self._placed.items() if take.take_id == take_id]:
            del self._placed[slot]

    def is_placed(self, take_id: str) -> bool:
        return any(take.take_id == take_id for take in self._placed.values())

    def placed_in(self, slot: Slot) -> ShelfTake | None:
        """What lies in a place now."""
        return self._placed.get(slot)

    def all(self) -> list[ShelfTake]:
        """Every take, those that came first first."""
        return list(self._takes.values())

    def takes_of(self, clip: ClipKey) -> list[ShelfTake]:
        """Newest first."""
        takes = (take for take in self._takes.values() if take.clip == clip)
        return sorted(takes, key=lambda take: take.take.id, reverse=True)

    def placed(self) -> list[ShelfTake]:
        """What lies on the timeline, in its order."""
        return sorted(self._placed.values(), key=lambda take: (take.placement.record_frame, take.take.id))

    def lanes(self, rate: Fraction) -> list[Lane]:
        """The foley lanes: each take on the first lane that is free, at least one lane."""
        ends: list[int] = []
        items: list[list[LaneItem]] = []
        for take in self.placed():
            placement = take.placement
            lane = next((n for n, end in enumerate(ends) if end <= placement.record_frame), len(ends))
            if lane == len(ends):
                ends.append(0)
                items.append([])
            ends[lane] = placement.record_frame + placement.duration_frames
            items[lane].append(_item(take, rate))
        return list(_lanes(items or [[]]))


def _lanes(items: list[list[LaneItem]]) -> Iterator[Lane]:
    for number, row in enumerate(items, start=1):
        yield Lane(LaneKind.FOLEY, f"F{number}", "Foley" if number == 1 else f"Foley {number}", row)


def _item(take: ShelfTake, rate: Fraction) -> LaneItem:
    placement = take.placement
    record_in = placement.record_frame / rate
    return LaneItem(
        name=f"{take.take.label} · seed {take.take.seed}",
        record_in_s=float(record_in),
        record_out_s=float(record_in + placement.duration_frames / rate),
        kind="take",
        media=placement.wav,
        take_id=take.take_id,
        wave_in_s=float(placement.head_frames / rate),
        hits_s=tuple(hit.time_s for hit in take.take.hits),
    )
