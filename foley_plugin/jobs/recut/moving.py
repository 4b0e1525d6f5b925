"""What was set over one piece of media, at the same moments of it under another time map."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.protocol import Hit
from foley_plugin.jobs.generate import CURVE_RATE
from foley_plugin.timeline.ranges import Piece, extended

SAME_S = 1e-6
"""Moments of the media nearer than this are one: curves are counted in floats."""


def shared_ranges(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[tuple[Fraction, Fraction]]:
    """The new own times that show what the old map shows."""
    for one in new:
        for other in old:
            low = max(min(one.inner_start, one.inner_end), min(other.inner_start, other.inner_end))
            high = min(max(one.inner_start, one.inner_end), max(other.inner_start, other.inner_end))
            if low < high and one.speed:
                at = sorted(one.start + (edge - one.inner_start) / one.speed for edge in (low, high))
                yield at[0], at[1]


def shared_s(old: Sequence[Piece], new: Sequence[Piece]) -> Fraction:
    """For how long the new map shows what the old one shows."""
    return sum((end - start for start, end in shared_ranges(old, new)), Fraction(0))


def moved_hit(hit: Hit, old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Hit]:
    """A hit at the same moment of the media, as often as the new map shows it."""
    time = Fraction(hit.time_s)
    held = next((piece for piece in old if piece.start <= time < piece.end), None)
    if held is None:
        return
    moment = held.inner_at(time)
    for piece in new:
        if (
            piece.speed
            and piece.start <= (at := piece.start + (moment - piece.inner_start) / piece.speed) < piece.end
        ):
            yield Hit(float(at), hit.strength)


def moved_curve(
    curve: Sequence[float], old: Sequence[Piece], new: Sequence[Piece], *, head: Fraction, num_points: int
) -> tuple[float, ...]:
    """A curve, read at the moments of the media that the new map shows; where nothing was drawn, the nearest is held.

    Args:
        curve: 0 to 1 at 50 Hz, from `head` before the old map's start.
        head: seconds of handle before either map. Handles are lengthened to whole frames, so that they differ by
            less than a frame from cut to cut.
        num_points: of the new curve, which begins as long before the new map's start.
    """
    then = _FloatMap.of(old, head, len(curve))
    now = _FloatMap.of(new, head, num_points)
    values: list[float | None] = []
    for point in range(num_points):
        at_s = then.time_of(now.moment_at(point / CURVE_RATE - float(head)))
        values.append(None if at_s is None else _read(curve, (at_s + float(head)) * CURVE_RATE))
    return _held(values)


@dataclass(frozen=True)
class _FloatMap:
    """A time map with its handles, in floats: a curve asks thousands of times."""

    starts_s: list[float]
    pieces: list[tuple[float, float, float, float]]
    """Start, end, inner start, speed."""

    @classmethod
    def of(cls, pieces: Sequence[Piece], head: Fraction, num_points: int) -> _FloatMap:
        tail = max(Fraction(0), Fraction(num_points, CURVE_RATE) - head - (pieces[-1].end - pieces[0].start))
        longer = extended(pieces, head, tail)
        return cls(
            [float(each.start) for each in longer],
            [
                (float(each.start), float(each.end), float(each.inner_start), float(each.speed))
                for each in longer
            ],
        )

    def moment_at(self, time_s: float) -> float:
        number = max(0, bisect.bisect_right(self.starts_s, time_s + SAME_S) - 1)
        start_s, _, inner_s, speed = self.pieces[number]
        return inner_s + (time_s - start_s) * speed

    def time_of(self, moment_s: float) -> float | None:
        """The first time at which a moment is shown."""
        for start_s, end_s, inner_s, speed in self.pieces:
            if speed == 0:
                if abs(moment_s - inner_s) < SAME_S:
                    return start_s
            elif start_s - SAME_S <= (at_s := start_s + (moment_s - inner_s) / speed) <= end_s + SAME_S:
                return at_s
        return None


def _read(curve: Sequence[float], point: float) -> float:
    """Between two points of a curve, on the line from one to the other."""
    point = min(max(point, 0.0), len(curve) - 1.0)
    first = int(point)
    share = point - first
    if share < SAME_S * CURVE_RATE:
        return curve[first]
    return curve[first] * (1 - share) + curve[min(first + 1, len(curve) - 1)] * share


def _held(values: Sequence[float | None]) -> tuple[float, ...]:
    """Without gaps: each unknown value is the known one nearest to it, of two the earlier."""
    known = [number for number, value in enumerate(values) if value is not None]
    if not known:
        return ()
    held: list[float] = []
    for number, value in enumerate(values):
        if value is None:
            after = bisect.bisect_left(known, number)
            around = known[max(0, after - 1) : after + 1]
            value = values[min(around, key=lambda each: abs(each - number))]
        assert value is not None
        held.append(value)
    return tuple(held)
