"""Items at record times on numbered lanes, laid out as tracks of items that follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from foley_plugin.timeline.formats.parts import gap_json, time_json, track_json, transition_json
from foley_plugin.timeline.guards import Json


@dataclass(frozen=True)
class Placed:
    """An item and the seconds that it takes up."""

    start: Fraction
    end: Fraction
    item: Json


@dataclass
class Lane:
    """What lies on one lane; `transitions` are (start, end, name)."""

    items: list[Placed] = field(default_factory=list)
    transitions: list[tuple[Fraction, Fraction, str]] = field(default_factory=list)


class Layers:
    """Lanes of picture and of sound, lowest first.

    Args:
        rate: frames a second of the timeline.
    """

    def __init__(self, rate: Fraction) -> None:
        self._rate = rate
        self._lanes: dict[tuple[bool, int], Lane] = {}

    def lane(self, number: int, *, is_audio: bool = False) -> Lane:
        return self._lanes.setdefault((is_audio, number), Lane())

    def place(self, number: int, placed: Placed, *, is_audio: bool) -> None:
        if placed.end > placed.start:
            self.lane(number, is_audio=is_audio).items.append(placed)

    def tracks(self) -> list[Json]:
        """Video lanes upwards, then audio lanes from the primary one away; what overlaps goes a track up."""
        tracks: list[Json] = []
        for is_audio in (False, True):
            numbers = [number for audio, number in self._lanes if audio is is_audio]
            for number in sorted(numbers, reverse=is_audio):
                lane = self._lanes[is_audio, number]
                kind = "Audio" if is_audio else "Video"
                tracks += (self._track(row, lane, kind) for row in _rows(lane.items))
        return tracks

    def _track(self, row: Sequence[Placed], lane: Lane, kind: str) -> Json:
        children: list[Json] = []
        at = Fraction(0)
        for placed in row:
            if placed.start > at:
                children += self._transition(at, lane) if children else []
                children.append(gap_json(placed.start - at, self._rate))
            children += self._transition(placed.start, lane)
            children.append(placed.item)
            at = placed.end
        children += self._transition(at, lane)
        return track_json("", kind, children)

    def _transition(self, cut: Fraction, lane: Lane) -> list[Json]:
        """The transition over a cut, used once."""
        for transition in lane.transitions:
            start, end, name = transition
            if start <= cut <= end and start < end:
                lane.transitions.remove(transition)
                offsets = time_json(cut - start, self._rate), time_json(end - cut, self._rate)
                return [transition_json(name, *offsets)]
        return []


def _rows(items: Sequence[Placed]) -> list[list[Placed]]:
    """Items that do not overlap, first fit; usually one row."""
    rows: list[list[Placed]] = []
    for placed in sorted(items, key=lambda each: each.start):
        row = next((row for row in rows if row[-1].end <= placed.start), None)
        if row is None:
            rows.append([placed])
        else:
            row.append(placed)
    return rows
