"""Where two time maps show the same moments of the same media.

old   media 100---------110          a clip of an earlier cut, in its own time from 0
new         102------------115       a clip of the new cut, in its own time from 0
            => new time t shows what old time t + 2 showed
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.timeline.ranges import Piece, extended, trimmed

ZERO = Fraction(0)


@dataclass(frozen=True)
class Agreement:
    """From `start` to `end` of new time, t shows what old time `t + shift` showed. Seconds."""

    shift: Fraction
    start: Fraction
    end: Fraction


def agreement(
    old: Sequence[Piece],
    new: Sequence[Piece],
    *,
    covers: tuple[Fraction, Fraction],
    tolerance: Fraction,
) -> Agreement | None:
    """The longest stretch of the new map that the old one shows too, at the same speed.

    Args:
        old, new: maps from own time 0 on; the old one goes on at either end at its own speed.
        covers: the old time that there is sound for, handles included.
        tolerance: seconds of record time that the two may lie apart anywhere within the stretch.
    """
    if len(old) == len(new) == 1:
        shift = _shift_of_two(old[0], new[0], covers, tolerance)
        return None if shift is None else _clipped(shift, covers, new[0].duration)
    stretched = _stretched(old, covers)
    found = [
        run
        for shift, anchor in _shifts(stretched, new, tolerance)
        if (run := _run_around(anchor, stretched, new, shift, covers, tolerance)) is not None
    ]
    return max(found, key=lambda run: run.end - run.start, default=None)


def _clipped(shift: Fraction, covers: tuple[Fraction, Fraction], duration: Fraction) -> Agreement | None:
    start, end = max(ZERO, covers[0] - shift), min(duration, covers[1] - shift)
    return Agreement(shift, start, end) if start < end else None


def _shift_of_two(
    old: Piece, new: Piece, covers: tuple[Fraction, Fraction], tolerance: Fraction
) -> Fraction | None:
    """The shift between two maps of one speed each; where the speeds differ a little, even in the middle."""
    if old.speed == new.speed == 0:
        if abs(old.inner_start - new.inner_start) > 2 * tolerance:
            return None
        return max(covers[0], min(ZERO, covers[1] - new.duration))
    if old.speed * new.speed <= 0:
        return None
    if old.speed == new.speed:
        return (new.inner_start - old.inner_start) / old.speed
    if abs(new.speed / old.speed - 1) * new.duration > 2 * tolerance:
        return None
    middle = new.duration / 2
    return (new.inner_start + middle * new.speed - old.inner_start) / old.speed - middle


def _stretched(old: Sequence[Piece], covers: tuple[Fraction, Fraction]) -> list[Piece]:
    low, high = covers
    longer = extended(old, max(ZERO, old[0].start - low), max(ZERO, high - old[-1].end))
    return trimmed(longer, low, high)


def _shifts(
    old: Sequence[Piece], new: Sequence[Piece], tolerance: Fraction
) -> Iterator[tuple[Fraction, Fraction]]:
    """Shifts worth trying, each with a moment of new time where it holds."""
    seen: set[Fraction] = set()
    longest = max(new, key=lambda piece: piece.duration * (piece.speed != 0))
    for piece in dict.fromkeys([new[0], longest, new[-1]]):
        for each in old:
            lone_old = Piece(ZERO, each.duration, each.inner_start, each.speed)
            lone_new = Piece(ZERO, piece.duration, piece.inner_start, piece.speed)
            local = _shift_of_two(lone_old, lone_new, (ZERO, each.duration), tolerance)
            if local is None:
                continue
            shift = local + each.start - piece.start
            if shift not in seen:
                seen.add(shift)
                yield shift, piece.start + piece.duration / 2


def _run_around(
    anchor: Fraction,
    old: Sequence[Piece],
    new: Sequence[Piece],
    shift: Fraction,
    covers: tuple[Fraction, Fraction],
    tolerance: Fraction,
) -> Agreement | None:
    """The unbroken stretch around a moment in which the maps agree; edges fall on the maps' own corners."""
    whole = _clipped(shift, covers, new[-1].end)
    if whole is None:
        return None
    corners = {piece.start for piece in new} | {piece.start - shift for piece in old}
    inner = sorted(at for at in corners if whole.start < at < whole.end)
    edges = [whole.start, *inner, whole.end]
    start = end = None
    for low, high in itertools.pairwise(edges):
        if _agree(
            _piece_at(old, (low + high) / 2 + shift),
            _piece_at(new, (low + high) / 2),
            shift,
            low,
            high,
            tolerance,
        ):
            start, end = (low if start is None else start), high
        elif end is not None and end > anchor:
            break
        else:
            start = end = None
    return None if start is None or end is None else Agreement(shift, start, end)


def _agree(
    old: Piece, new: Piece, shift: Fraction, low: Fraction, high: Fraction, tolerance: Fraction
) -> bool:
    allowed = tolerance * (max(abs(old.speed), abs(new.speed)) or 1)
    return all(abs(new.inner_at(at) - old.inner_at(at + shift)) <= allowed for at in (low, high))


def _piece_at(pieces: Sequence[Piece], time: Fraction) -> Piece:
    return next((piece for piece in pieces if piece.start <= time < piece.end), pieces[-1])
