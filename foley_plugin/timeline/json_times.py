"""Times, ranges and retimes of a timeline's JSON, exact."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.rates import NotATime, seconds
from foley_plugin.timeline.references import TimeSpan
from foley_plugin.timeline.retime import Retime, retime_of

ZERO = Fraction(0)


def span_in(time_range: Any, whose: str) -> TimeSpan | None:
    """A TimeRange's JSON in exact seconds, None where there is none.

    Raises:
        BadTime: numbers that are no time.
    """
    if not isinstance(time_range, dict):
        return None
    start, duration = (seconds_of(time_range.get(key), whose) for key in ("start_time", "duration"))
    if duration < 0:
        raise BadTime(f"{whose} has a negative duration; correct it in your editor and export again.")
    return TimeSpan(start, duration)


def seconds_of(time: Any, whose: str) -> Fraction:
    """A RationalTime's JSON in exact seconds; zero where it says nothing.

    Raises:
        BadTime: numbers that are no time.
    """
    if not isinstance(time, dict) or not time.get("value"):
        return ZERO
    try:
        return seconds(float(time["value"]), float(time["rate"]))
    except (NotATime, TypeError, ValueError, KeyError) as error:
        raise BadTime(f"{whose} has {error}; correct it in your editor and export again.") from None


class _Effect:
    """An effect's JSON in the shape that `retime_of` reads."""

    def __init__(self, node: Json) -> None:
        self._schema = schema_name(node) or ""
        self.enabled = node.get("enabled", True)
        self.time_scalar = node.get("time_scalar", 1.0)
        self.metadata = node.get("metadata") or {}

    def schema_name(self) -> str:
        return self._schema


def retime_in(item: Json) -> Retime:
    """What an item's time effects do.

    Raises:
        UnreadableRetime.
    """
    return retime_of([_Effect(node) for node in item.get("effects") or [] if isinstance(node, dict)])
