"""Curves of intensity, 0 to 1 at `CURVE_RATE`: moved along with a take, joined, and compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from foley_plugin.jobs.generate import CURVE_RATE

SAME_LEVEL = 1e-3
"""Intensities nearer than this are the same: they are rounded as they are drawn."""


def moved(curve: Sequence[float], points: int, num_points: int) -> list[float]:
    """A curve that comes `points` later, or earlier where that is negative; its ends are held."""
    return [_held(curve, number - points) for number in range(num_points)] if curve else []


def joined_curve(own: Sequence[float], given: Sequence[float], start: Fraction, end: Fraction) -> list[float]:
    """Of two curves, the given one inside a part and the own one outside it.

    Args:
        start, end: seconds from the start of both; a point that the part touches lies inside.
    """
    first, last = max(0, math.floor(start * CURVE_RATE)), max(0, math.ceil(end * CURVE_RATE))
    outside = moved(own, 0, len(given))
    return [*outside[:first], *given[first:last], *outside[last:]]


def is_same_curve(
    made: Sequence[float],
    wanted: Sequence[float],
    late_points: Iterable[int] = (),
    *,
    is_between: bool = False,
) -> bool:
    """Whether a take was made by a curve.

    Args:
        late_points: by which a take may have it later that was made from one that had been slipped; what was drawn
            anew of such a take has it where it is wanted.
        is_between: the points of one lie between those of the other, so that they agree within a point.
    """
    reach = 1 if is_between else 0
    if not made or not wanted or abs(len(made) - len(wanted)) > reach:
        return list(made) == list(wanted)
    return any(
        all(
            _agree(made, at, wanted, at, reach) or _agree(made, at, wanted, at - late, reach)
            for at in range(len(made))
        )
        for late in {0, *late_points}
    )


def _agree(one: Sequence[float], at: int, other: Sequence[float], point: int, reach: int) -> bool:
    """Whether one of two curves, at a point of its own, has a level that the other has around that moment."""
    return _is_around(_held(one, at), other, point, reach) or _is_around(_held(other, point), one, at, reach)


def _is_around(level: float, curve: Sequence[float], point: int, reach: int) -> bool:
    around = [_held(curve, point + by) for by in range(-reach, reach + 1)]
    return min(around) - SAME_LEVEL <= level <= max(around) + SAME_LEVEL


def _held(curve: Sequence[float], point: int) -> float:
    """A curve's level at a point; beyond its ends they are held."""
    return curve[min(max(point, 0), len(curve) - 1)]
