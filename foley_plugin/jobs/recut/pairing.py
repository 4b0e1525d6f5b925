"""Which of several recordings a stretch gets: each its own where it can be, in the order of the cut.

The same shot may be cut in twice, so that two takes serve either place as well. What moved with its
neighbours is taken to be itself: an instance is looked for where the last one that was found says.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.jobs.recut.records import Shown

FAR = Fraction(10**9)
"""Seconds; a recording whose place is not remembered is as far as can be."""


@dataclass(frozen=True)
class Candidate:
    """A recording that serves a stretch as a whole.

    Attributes:
        place: (record_in of the recording, minus its own start under the stretch): where the stretch would
            lie had nothing moved; None where that is not remembered.
        rank: smaller is better, before any place is looked at.
    """

    recording: int
    place: Fraction | None
    is_whole: bool
    rank: tuple[Fraction | int, ...]
    age: int
    is_same_instance: bool = False
    """It was made for this very one of the clips that show the same shot."""


def paired(stretches: Sequence[Shown], candidates: dict[int, list[Candidate]]) -> dict[int, Candidate]:
    """One candidate for every stretch that has any, by the stretch's number.

    Those that are a recording's own edge for edge choose first, and a recording serves two stretches only
    where there is no other.
    """
    pairing = _Pairing()
    ordered = sorted(
        (each for each in stretches if candidates.get(each.number)), key=lambda each: each.record_in
    )
    whole = {each.number: _own([c for c in candidates[each.number] if c.is_whole]) for each in ordered}
    for each in _without_rival(ordered, whole):
        pairing.take(each, whole[each.number][0])
    for each in ordered:
        free = [c for c in whole[each.number] if c.recording not in pairing.used]
        if each.number not in pairing.found and free:
            pairing.take(each, pairing.nearest(each, free))
    for each in ordered:
        if each.number not in pairing.found:
            pairing.take(each, pairing.best(each, candidates[each.number]))
    return pairing.found


def _own(whole: list[Candidate]) -> list[Candidate]:
    """Those of the same instance where there are some, as a clip that has not changed is known by it."""
    return [each for each in whole if each.is_same_instance] or whole


def _without_rival(ordered: Sequence[Shown], whole: dict[int, list[Candidate]]) -> list[Shown]:
    """Stretches with one whole candidate that is nobody else's."""
    wanted: dict[int, int] = {}
    for each in ordered:
        for candidate in whole[each.number]:
            wanted[candidate.recording] = wanted.get(candidate.recording, 0) + 1
    return [
        each
        for each in ordered
        if len(whole[each.number]) == 1 and wanted[whole[each.number][0].recording] == 1
    ]


class _Pairing:
    def __init__(self) -> None:
        self.found: dict[int, Candidate] = {}
        self.used: set[int] = set()
        self._moves: list[tuple[Fraction, Fraction]] = []
        """(record time in the new cut, how far what lies there has moved), sorted."""

    def take(self, stretch: Shown, candidate: Candidate) -> None:
        self.found[stretch.number] = candidate
        self.used.add(candidate.recording)
        if candidate.place is not None:
            insort(self._moves, (stretch.record_in, stretch.record_in - candidate.place))

    def nearest(self, stretch: Shown, candidates: Sequence[Candidate]) -> Candidate:
        """The one that lay nearest to where this should come from; before any is known, the first in order."""
        if not self._moves:
            return min(candidates, key=lambda each: (each.place is None, each.place or 0, each.age))
        return min(candidates, key=lambda each: (self._distance(stretch, each), each.age))

    def best(self, stretch: Shown, candidates: Sequence[Candidate]) -> Candidate:
        def worth(each: Candidate) -> tuple[object, ...]:
            return (
                *each.rank[:1],
                each.recording in self.used,
                *each.rank[1:],
                self._distance(stretch, each),
                each.age,
            )

        return min(candidates, key=worth)

    def _distance(self, stretch: Shown, candidate: Candidate) -> Fraction:
        if candidate.place is None:
            return FAR
        return abs(stretch.record_in - self._move_at(stretch.record_in) - candidate.place)

    def _move_at(self, record_in: Fraction) -> Fraction:
        if not self._moves:
            return Fraction(0)
        return self._moves[max(0, bisect_right(self._moves, (record_in, FAR)) - 1)][1]
