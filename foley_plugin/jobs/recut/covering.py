"""Filling one stretch of the new cut with sounds that are there: as much of each cue's own picture as can be.

stretch     |==============================|
recording A |#########-----|                        # the cue's own picture, - a handle
recording B            |----###############|
parts       |AAAAAAAAA|BBBBBBBBBBBBBBBBBBBB|        joined where A's own picture ends
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.jobs.recut.records import Part, Recording, Shown
from foley_plugin.timeline.agreement import Agreement
from foley_plugin.timeline.placement import frame_edges

SEAM_COST_S = Fraction(1, 4)
"""Seconds of a handle that are rather heard than one more seam."""
SILENCE_COST = 1000
"""A second without sound weighs as many of a handle."""
MAX_CHOICES = 12


@dataclass(frozen=True)
class Option:
    """A recording that agrees with some of a stretch, in the stretch's own time.

    `start` and `end` bound the sound, `own_start` and `own_end` the cue's own picture within it.
    """

    recording: Recording
    shift: Fraction
    start: Fraction
    end: Fraction
    own_start: Fraction
    own_end: Fraction

    @property
    def own_s(self) -> Fraction:
        return max(Fraction(0), self.own_end - self.own_start)

    def fills(self, duration: Fraction, slack: Fraction) -> bool:
        return self.start <= slack and self.end >= duration - slack

    def part(self, start: Fraction, end: Fraction) -> Part:
        return Part(self.recording.number, self.shift, start, end)


def option_of(recording: Recording, found: Agreement) -> Option:
    own_start = max(found.start, -found.shift)
    own_end = max(own_start, min(found.end, recording.duration - found.shift))
    return Option(recording, found.shift, found.start, found.end, own_start, own_end)


def chain_of(
    shown: Shown, options: Sequence[Option], rate: Fraction
) -> list[tuple[Option, Fraction, Fraction]]:
    """The cheapest sequence of options, each with its stretch; where none has sound, the stretch is left out.

    Seams lie on whole frames of the timeline.
    """
    choices = sorted(options, key=_by_worth)[:MAX_CHOICES]
    edges = _edges(shown, choices, rate)
    costs = [Fraction(0)] * len(choices)
    ways: list[list[int]] = []
    slack = 1 / rate / 2
    for low, high in itertools.pairwise(edges):
        cheapest = min(range(len(choices)), key=costs.__getitem__)
        ways.append([])
        reached = []
        for number, choice in enumerate(choices):
            is_seam = ways[1:] and costs[number] > costs[cheapest] + SEAM_COST_S
            before = cheapest if is_seam else number
            ways[-1].append(before)
            seam = SEAM_COST_S if is_seam else Fraction(0)
            reached.append(costs[before] + seam + _cost(choice, low, high, slack))
        costs = reached
    taken = _traced(ways, min(range(len(choices)), key=costs.__getitem__))
    return _stretches([choices[number] for number in taken], edges, slack)


def _by_worth(option: Option) -> tuple[Fraction, Fraction]:
    return -option.own_s, option.start - option.end


def _edges(shown: Shown, choices: Sequence[Option], rate: Fraction) -> list[Fraction]:
    """Where the choice may change: whole frames near where a sound or a cue's own picture begins or ends."""
    edges = {Fraction(0), shown.duration}
    for choice in choices:
        for at in (choice.start, choice.own_start, choice.own_end, choice.end):
            first, end = frame_edges(shown.record_in + at, shown.record_in + at, rate)
            whole = (first / rate - shown.record_in, end / rate - shown.record_in)
            edges.update(edge for edge in whole if 0 < edge < shown.duration)
    return sorted(edges)


def _has_sound(choice: Option, low: Fraction, high: Fraction, slack: Fraction) -> bool:
    return choice.start <= low + slack and choice.end >= high - slack


def _cost(choice: Option, low: Fraction, high: Fraction, slack: Fraction) -> Fraction:
    length = high - low
    if not _has_sound(choice, low, high, slack):
        return length * SILENCE_COST
    own = max(Fraction(0), min(high, choice.own_end) - max(low, choice.own_start))
    return length - own


def _traced(ways: Sequence[Sequence[int]], last: int) -> list[int]:
    """The choice of every stretch between two edges, from the last one back."""
    taken: list[int] = []
    for way in reversed(ways):
        taken.append(last)
        last = way[last]
    return taken[::-1]


def _stretches(
    taken: Sequence[Option], edges: Sequence[Fraction], slack: Fraction
) -> list[tuple[Option, Fraction, Fraction]]:
    found: list[tuple[Option, Fraction, Fraction]] = []
    for choice, low, high in zip(taken, edges, edges[1:], strict=False):
        if not _has_sound(choice, low, high, slack):
            continue
        if found and found[-1][0] is choice and found[-1][2] == low:
            found[-1] = (choice, found[-1][1], high)
        else:
            found.append((choice, low, high))
    return found
