"""What may be done to the hits and the curve of one clip. Pure: everything returns copies."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from foley_plugin.jobs.generate import CURVE_RATE
from foley_plugin.jobs.hand_hits import HitPoint

Hits = tuple[HitPoint, ...]

DEFAULT_STRENGTH = 0.8
"""Of a hit that is set by hand where the clip has none to go by; about what the spotter finds most often."""

LEAST_STRENGTH = 0.05
"""A weaker hit is meant to be deleted."""

SAME_MOMENT_S = 0.005
"""A hit this near to another is not added, nor moved there: no ear would tell them apart."""


def with_hit(hits: Hits, point: HitPoint) -> Hits:
    """With a hit more; the same hits where there is one at that moment."""
    if any(abs(hit.time_s - point.time_s) < SAME_MOMENT_S for hit in hits):
        return hits
    return tuple(sorted((*hits, point)))


def without_hits(hits: Hits, gone: Collection[HitPoint]) -> Hits:
    return tuple(hit for hit in hits if hit not in gone)


def moved(
    points: Collection[HitPoint], by_s: float, duration_s: float, hits: Hits = (), *, step_s: float = 0.0
) -> dict[HitPoint, HitPoint]:
    """Where hits come to when they are moved together: none of them leaves the clip, or lands on another hit.

    Two hits that are alike could never be told apart again.

    Args:
        hits: all of the clip's.
        step_s: how much further to go, or with the other sign less far, where another hit lies in the way. Hits that
            find no room stay where they are.
    """
    if not points:
        return {}
    least_s = -min(points).time_s
    most_s = max(0.0, duration_s - SAME_MOMENT_S - max(points).time_s)
    by_s = wanted_s = min(max(by_s, least_s), most_s)
    others = without_hits(hits, points)
    while _lands_on_one(points, by_s, others):
        by_s += step_s
        if not step_s or by_s * wanted_s <= 0 or not least_s <= by_s <= most_s:
            return {point: point for point in points}
    return {point: HitPoint(max(0.0, point.time_s + by_s), point.strength) for point in points}


def _lands_on_one(points: Collection[HitPoint], by_s: float, others: Hits) -> bool:
    return any(
        abs(point.time_s + by_s - other.time_s) < SAME_MOMENT_S for point in points for other in others
    )


def strengthened(points: Collection[HitPoint], by: float) -> dict[HitPoint, HitPoint]:
    """Each as much stronger, or weaker, as there is room."""
    return {
        point: HitPoint(point.time_s, round(min(1.0, max(LEAST_STRENGTH, point.strength + by)), 3))
        for point in points
    }


def replaced(hits: Hits, changes: dict[HitPoint, HitPoint]) -> Hits:
    return tuple(sorted(changes.get(hit, hit) for hit in hits))


def usual_strength(hits: Hits) -> float:
    """The middle one of a clip's strengths: what a hit gets that is added without one."""
    strengths = sorted(hit.strength for hit in hits)
    return strengths[len(strengths) // 2] if strengths else DEFAULT_STRENGTH


def drawn(
    curve: Sequence[float], num_points: int, stroke: Sequence[tuple[float, float]]
) -> tuple[float, ...]:
    """A curve with a stroke drawn over it; between two places of the stroke it runs straight.

    Args:
        curve: may be empty, where nothing is known: then it is silence outside the stroke.
        stroke: places in the curve, in seconds from its start, and intensities.
    """
    points = [*curve[:num_points], *([0.0] * (num_points - len(curve)))]
    for (from_s, from_level), (to_s, to_level) in zip(stroke, stroke[1:] or stroke, strict=False):
        first, last = round(from_s * CURVE_RATE - 0.5), round(to_s * CURVE_RATE - 0.5)
        step = 1 if last >= first else -1
        for index in range(first, last + step, step):
            part = 0.0 if last == first else (index - first) / (last - first)
            if 0 <= index < num_points:
                level = from_level + part * (to_level - from_level) if last != first else to_level
                points[index] = round(min(1.0, max(0.0, level)), 4)
    return tuple(points)


def erased(
    curve: Sequence[float], below: Sequence[float], stroke: Sequence[tuple[float, float]]
) -> tuple[float, ...]:
    """A drawn curve with the spotter's again where the stroke went; silence where it knows none."""
    times_s = [time_s for time_s, _ in stroke]
    first, last = (round(edge * CURVE_RATE - 0.5) for edge in (min(times_s), max(times_s)))
    points = list(curve)
    for index in range(max(0, first), min(last + 1, len(points))):
        points[index] = below[index] if index < len(below) else 0.0
    return tuple(points)
