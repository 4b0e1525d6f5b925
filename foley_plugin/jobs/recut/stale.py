"""Cues whose picture is still there in another form: at another speed, or in other media.

Their takes fit no longer, but what was asked for them holds for the take that replaces them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from foley_plugin.jobs.recut.records import Fit, Need, Recording, Shown
from foley_plugin.timeline.ranges import Piece, inner_extent

ZERO = Fraction(0)
INSTANT = Fraction(1, 1000)
"""Seconds of media."""


def claims_of(
    rest: Sequence[Shown],
    recordings: Sequence[Recording],
    fits: dict[int, Fit],
    shown: Sequence[Shown],
    rate: Fraction,
) -> dict[int, Fit]:
    """Which of the stretches that nothing fits belong to a cue that nothing else belongs to.

    A retime is known by the media that both show; replaced media by an equal time map or an equal place.
    """
    used = {part.recording for fit in fits.values() for part in fit.parts}
    left = [each for each in recordings if each.number not in used and not each.is_older]
    found: dict[int, Fit] = {}
    moves = _Moves(fits, recordings, shown)
    for need in (Need.RETIMED, Need.REPLACED):
        for each in rest:
            if each.number in found:
                continue
            rated = [
                (_shared_s(each, old) if need is Need.RETIMED else _likeness(each, old, moves, rate), old)
                for old in left
            ]
            worth, best = max(rated, key=lambda one: (one[0], -one[1].age), default=(ZERO, None))
            if best is not None and worth > 0:
                found[each.number] = Fit(each.number, (), best.number, need, each.duration)
                left.remove(best)
    return found


def _shared_s(shown: Shown, recording: Recording) -> Fraction:
    """Seconds of media that both show, whatever their speed; a held frame counts as an instant.

    Where one only goes on from the other, they show nothing that both do.
    """
    if shown.media not in recording.media:
        return ZERO
    (low, high), (first, last) = inner_extent(shown.time_map), inner_extent(recording.time_map)
    is_held = low == high or first == last
    return min(high, last) - max(low, first) + (INSTANT if is_held else ZERO)


def _likeness(shown: Shown, recording: Recording, moves: _Moves, rate: Fraction) -> Fraction:
    """1 for a place of the same length, 2 for an equal time map of other media, 3 for both; else 0."""
    if shown.media in recording.media:
        return ZERO
    score = 2 * _is_same(recording.time_map, shown.time_map, 1 / rate)
    if recording.record_in is not None and abs(recording.duration - shown.duration) <= 1 / rate:
        score += abs(recording.record_in + moves.at(shown.record_in) - shown.record_in) <= 1 / rate
    return Fraction(score)


def _is_same(one: Sequence[Piece], other: Sequence[Piece], tolerance: Fraction) -> bool:
    """Whether two maps show the same media time at the same moments."""
    return len(one) == len(other) and all(
        abs(a.duration - b.duration) <= tolerance
        and abs(a.inner_start - b.inner_start) <= tolerance
        and abs(a.inner_end - b.inner_end) <= tolerance
        for a, b in zip(one, other, strict=True)
    )


class _Moves:
    """How far the picture has moved since the earlier cut, as the stretches before each moment tell."""

    def __init__(self, fits: dict[int, Fit], recordings: Sequence[Recording], shown: Sequence[Shown]) -> None:
        by_number = {each.number: each for each in recordings}
        self._known: list[tuple[Fraction, Fraction]] = []
        for number, fit in fits.items():
            for part in fit.parts[:1]:
                place = by_number[part.recording].record_in
                if place is not None:
                    at = shown[number].record_in
                    self._known.append((at, at - place - part.shift))
        self._known.sort()

    def at(self, record_in: Fraction) -> Fraction:
        before = bisect_right(self._known, record_in, key=lambda known: known[0])
        return self._known[max(0, before - 1)][1] if self._known else ZERO
