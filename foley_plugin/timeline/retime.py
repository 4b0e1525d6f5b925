"""Retimes of an item: its own record time to the time inside it.

`source_range.duration` is the record duration; the media used is that times |speed|. A reversed item
plays from its range's end backwards. A Resolve ramp is a bare `TimeEffect` whose metadata holds key
frames `[timeline s, source s, eased, in dt, in ds, out dt, out ds]`, both times from the media's start.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from foley_plugin.timeline.ranges import NO_DISSOLVES, Dissolves, Piece, extended, trimmed
from foley_plugin.timeline.rates import NotATime, exact
from foley_plugin.timeline.references import in_metadata

EASE_WITHIN_S = 0.00025
"""Seconds of source; the straight pieces that stand for an eased curve are never further from it."""
MAX_EASE_STEPS = 512
RAMP_STEPS_PER_S = 100_000
MAX_KEY_FRAMES = 10_000
MAX_SPEED = 10_000


Curve = tuple[float, float, float, float]


class UnreadableRetime(ValueError):
    """A retime that cannot be understood; the message says what, without a full stop."""


@dataclass(frozen=True)
class Retime:
    """What an item's time effects do: one speed, or a ramp of (record, source) points in seconds."""

    speed: Fraction = Fraction(1)
    ramp: tuple[tuple[Fraction, Fraction], ...] = ()


def retime_of(effects: Sequence[Any]) -> Retime:
    """The time effects among an item's OTIO effects, disabled ones left out.

    Raises:
        UnreadableRetime: a speed that is no number, or a time effect of an unknown kind.
    """
    speed = Fraction(1)
    ramp: tuple[tuple[Fraction, Fraction], ...] = ()
    for effect in effects:
        schema = effect.schema_name()
        if getattr(effect, "enabled", True) is False:
            continue
        if schema == "FreezeFrame":
            speed = Fraction(0)
        elif schema == "LinearTimeWarp":
            speed *= _speed(effect.time_scalar)
        elif schema == "TimeEffect":
            ramp = _ramp(effect.metadata)
    if ramp and speed != 1:
        raise UnreadableRetime("both a speed change and a speed ramp")
    return Retime(speed, ramp)


def pieces_of(
    retime: Retime,
    source_start: Fraction,
    duration: Fraction,
    media_start: Fraction | None,
    dissolves: Dissolves = NO_DISSOLVES,
) -> list[Piece]:
    """The item from its own record time 0 on, in its source's time, and what dissolves show of it before and after.

    Args:
        media_start: the media's first frame in source time, which ramps count from; None for nests.
    """
    if retime.ramp:
        return _ramp_pieces(retime.ramp, source_start, duration, media_start, dissolves)
    first = source_start - duration * retime.speed if retime.speed < 0 else source_start
    return extended([Piece(Fraction(0), duration, first, retime.speed)], dissolves.head, dissolves.tail)


def note_of(pieces: Sequence[Piece]) -> str | None:
    """A retime in an editor's words, None at normal speed."""
    speeds = {piece.speed for piece in pieces}
    if len(speeds) > 1:
        return "speed ramp"
    speed = next(iter(speeds), Fraction(1))
    if speed == 1:
        return None
    if speed == 0:
        return "freeze frame"
    percent = f"{float(abs(speed)) * 100:.4g} %"
    if speed > 0:
        return percent
    return "reversed" if speed == -1 else f"reversed, {percent}"


def _speed(scalar: float) -> Fraction:
    try:
        speed = exact(float(scalar))
    except NotATime:
        raise UnreadableRetime(f"a speed of {scalar}") from None
    if abs(speed) > MAX_SPEED:
        raise UnreadableRetime(f"a speed of {float(scalar) * 100:g} %")
    return speed


def _ramp(metadata: Any) -> tuple[tuple[Fraction, Fraction], ...]:
    keys = in_metadata(metadata, "Resolve_OTIO", "Key Frames")
    if keys is None:
        raise UnreadableRetime("a time effect of an unknown kind")
    try:
        rows = [[float(number) for number in row] for row in keys]
    except (TypeError, ValueError):
        raise UnreadableRetime("a speed ramp with broken key frames") from None
    if not 2 <= len(rows) <= MAX_KEY_FRAMES or any(len(row) < 2 for row in rows):
        raise UnreadableRetime("a speed ramp with broken key frames")
    if not all(math.isfinite(number) for row in rows for number in row):
        raise UnreadableRetime("a speed ramp with broken key frames")
    try:
        keys = [(exact(row[0]), exact(row[1])) for row in rows]
    except NotATime:
        raise UnreadableRetime("a speed ramp with broken key frames") from None
    if any(later[0] <= earlier[0] for earlier, later in pairwise(keys)):
        raise UnreadableRetime("a speed ramp whose key frames do not advance")
    points: list[tuple[Fraction, Fraction]] = []
    for key, next_key, before, after in zip(keys, keys[1:], rows, rows[1:], strict=False):
        points.append(key)
        for t, s in _eased(before, after):
            if points[-1][0] < t < next_key[0]:
                points.append((t, s))
    return (*points, keys[-1])


def _eased(before: list[float], after: list[float]) -> list[tuple[Fraction, Fraction]]:
    """Points between two key frames on the cubic Bézier that joins them; none where it is a straight line."""
    out_t, out_s = (before[5], before[6]) if len(before) >= 7 else (0.0, 0.0)
    in_t, in_s = (after[3], after[4]) if len(after) >= 7 else (0.0, 0.0)
    if not (out_t or out_s or in_t or in_s):
        return []
    (t0, s0), (t3, s3) = before[:2], after[:2]
    times, sources = (t0, t0 + out_t, t3 + in_t, t3), (s0, s0 + out_s, s3 + in_s, s3)
    count = _steps_of(times, sources)
    curve = (step / count for step in range(1, count))
    return [(_on_grid(_bezier(times, u)), _on_grid(_bezier(sources, u))) for u in curve]


def _steps_of(times: Curve, sources: Curve) -> int:
    """So many chords stay near enough: a chord is off by an eighth of its length squared times the bend."""
    legs = [(times[i + 1] - times[i], sources[i + 1] - sources[i]) for i in range(3)]
    steepest = max((abs(ds / dt) for dt, ds in legs if dt > 0), default=0.0)
    bends = [max(abs(after[axis] - before[axis]) for before, after in pairwise(legs)) for axis in (0, 1)]
    bend = 6 * (bends[1] + steepest * bends[0])
    return min(MAX_EASE_STEPS, max(2, math.ceil(math.sqrt(bend / (8 * EASE_WITHIN_S)))))


def _on_grid(time_s: float) -> Fraction:
    """Near enough for a curve drawn by hand, and its sums stay small fractions."""
    return Fraction(round(time_s * RAMP_STEPS_PER_S), RAMP_STEPS_PER_S)


def _bezier(points: Curve, u: float) -> float:
    v = 1 - u
    p0, p1, p2, p3 = points
    return v**3 * p0 + 3 * v * v * u * p1 + 3 * v * u * u * p2 + u**3 * p3


def _ramp_pieces(
    points: tuple[tuple[Fraction, Fraction], ...],
    source_start: Fraction,
    duration: Fraction,
    media_start: Fraction | None,
    dissolves: Dissolves,
) -> list[Piece]:
    """The stretch of a ramp that an item plays, dissolves included: there the ramp goes on.

    A trimmed item's start counts in the retimed media; where that runs past the last key frame, the ramp
    is taken to begin with the item.
    """
    origin = source_start if media_start is None else media_start
    whole = [
        Piece(t0, t1 - t0, origin + s0, (s1 - s0) / (t1 - t0)) for (t0, s0), (t1, s1) in pairwise(points)
    ]
    offset = source_start - origin
    if offset < whole[0].start or offset >= whole[-1].end:
        offset = whole[0].start
    start, end = offset - dissolves.head, offset + duration + dissolves.tail
    head, tail = max(Fraction(0), whole[0].start - start), max(Fraction(0), end - whole[-1].end)
    played = trimmed(extended(whole, head, tail), start, end)
    return [Piece(piece.start - offset, piece.duration, piece.inner_start, piece.speed) for piece in played]
