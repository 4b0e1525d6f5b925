"""Which take goes on which new track: those that overlap go side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foley_plugin.timeline.families import track_order
from foley_plugin.timeline.records import Placement


@dataclass(frozen=True)
class TrackLane:
    """One new audio track and its takes in record order."""

    name: str
    number: int
    num_channels: int
    placements: tuple[Placement, ...]


def lanes_of(placements: Sequence[Placement]) -> list[TrackLane]:
    """New tracks by name and channel count; a take that overlaps goes to the next free lane, first fit.

    Tracks of families come in the families' order, others after them as they are met. "FOLEY – Footsteps" is
    followed by "FOLEY – Footsteps 2", "FOLEY – Footsteps 3" and so on.
    """
    groups: dict[tuple[str, int], list[Placement]] = {}
    for placement in placements:
        groups.setdefault((placement.track_name, placement.num_channels), []).append(placement)
    numbers: dict[str, int] = {}
    lanes: list[TrackLane] = []
    for (name, num_channels), members in sorted(groups.items(), key=lambda group: track_order(group[0][0])):
        for held in _first_fit(members):
            numbers[name] = number = numbers.get(name, 0) + 1
            shown = name if number == 1 else f"{name} {number}"
            lanes.append(TrackLane(shown, number, num_channels, tuple(held)))
    return lanes


def _first_fit(placements: Sequence[Placement]) -> list[list[Placement]]:
    lanes: list[list[Placement]] = []
    for placement in sorted(placements, key=lambda each: each.record_frame):
        for lane in lanes:
            last = lane[-1]
            if last.record_frame + last.duration_frames <= placement.record_frame:
                lane.append(placement)
                break
        else:
            lanes.append([placement])
    return lanes
