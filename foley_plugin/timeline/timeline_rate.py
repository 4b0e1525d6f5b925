"""The one frame rate that a timeline's own positions are counted in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.rates import NotATime, snapped_rate

SLOWEST_RATE, FASTEST_RATE = 5, 300
"""Frames a second; others (1, 48000) count something else than pictures."""

FALLBACK_RATE = 24.0


@dataclass(frozen=True)
class TimelineRate:
    """Attributes:
    exact: frames a second.
    written: the same as the timeline's file has it, for new items beside the old.
    is_guess: nothing in the file says; 24 is assumed.
    """

    exact: Fraction
    written: float
    is_guess: bool = False


def timeline_rate(timeline: Json) -> TimelineRate:
    """global_start_time's rate, else the first top-level video clip's, else any item's."""
    for rate in _candidates(timeline):
        if isinstance(rate, (int, float)) and not isinstance(rate, bool):
            try:
                exact = snapped_rate(float(rate))
            except NotATime:
                continue
            if SLOWEST_RATE <= exact <= FASTEST_RATE:
                return TimelineRate(exact, float(rate))
    return TimelineRate(Fraction(FALLBACK_RATE), FALLBACK_RATE, is_guess=True)


def is_video(track: Json) -> bool:
    """By kind, in any case; a nest that is no track shows a picture too."""
    return schema_name(track) not in ("Track", "Sequence") or str(track.get("kind")).lower() == "video"


def _candidates(timeline: Json) -> Iterator[object]:
    yield _rate(timeline.get("global_start_time"))
    stack = timeline.get("tracks") or {}
    tracks = [track for track in stack.get("children", []) if is_video(track)]
    items = [item for track in tracks for item in track.get("children", [])]
    yield from (_item_rate(item) for item in items if schema_name(item) == "Clip")
    yield from (_item_rate(item) for item in items)
    yield from (_item_rate(item) for item in _descendants(items))


def _descendants(items: list[Json]) -> Iterator[Json]:
    pending = list(reversed(items))
    while pending:
        item = pending.pop()
        yield item
        pending += reversed(item.get("children", []))


def _item_rate(item: Json) -> object:
    source_range = item.get("source_range")
    if isinstance(source_range, dict):
        return _rate(source_range.get("duration"))
    reference = active_reference(item)
    available = reference.get("available_range")
    return _rate(available.get("duration")) if isinstance(available, dict) else None


def active_reference(clip: Json) -> Json:
    """The media reference in use, by either clip schema; empty where there is none."""
    references = clip.get("media_references")
    found: Any = clip.get("media_reference")
    if isinstance(references, dict):
        found = references.get(clip.get("active_media_reference_key"))
    return found if isinstance(found, dict) else {}


def _rate(time: object) -> object:
    return time.get("rate") if isinstance(time, dict) else None
