"""Lengths and retimes of OTIO items: what each takes up on its track and what time runs inside it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.ranges import NO_DISSOLVES, Dissolves, Piece
from foley_plugin.timeline.rates import NotATime, seconds
from foley_plugin.timeline.references import TimeSpan, span_of, text_of
from foley_plugin.timeline.retime import UnreadableRetime, pieces_of, retime_of

ZERO = Fraction(0)


def is_transition(child: Any) -> bool:
    return bool(child.schema_name() == "Transition")


def is_gap(child: Any) -> bool:
    return bool(child.schema_name() == "Gap")


def is_nest(child: Any) -> bool:
    return bool(child.schema_name() in ("Stack", "Track"))


def is_audio(child: Any) -> bool:
    return child.schema_name() == "Track" and kind_of(child) == "audio"


def kind_of(track: Any) -> str:
    """A track's kind in lower case: writers disagree on capitals."""
    kind = text_of(lambda: track.kind).lower() if track.schema_name() == "Track" else ""
    return kind or "video"


def children_of(composition: Any) -> list[Any]:
    """The items of a track, or the single item that stands where a track should."""
    return list(composition) if composition.schema_name() == "Track" else [composition]


def layers_of(nest: Any) -> list[Any]:
    """What lies over each other in a nest, lowest first."""
    return list(nest) if nest.schema_name() == "Stack" else [nest]


def dissolves_at(children: Sequence[Any], position: int, whose: str) -> Dissolves:
    """Offsets of the transitions on either side: out past the cut for the one before it, in for the other."""
    before = children[position - 1] if position > 0 else None
    after = children[position + 1] if position + 1 < len(children) else None
    head = _offset(before.in_offset, whose) if before is not None and is_transition(before) else ZERO
    tail = _offset(after.out_offset, whose) if after is not None and is_transition(after) else ZERO
    return Dissolves(head, tail)


def nest_span(nest: Any, whose: str) -> TimeSpan:
    """What a nest plays of its contents: its source_range, else all of them."""
    if nest.source_range is not None:
        return span_of(nest.source_range, whose)
    return TimeSpan(ZERO, contents_duration(nest, whose))


def contents_duration(nest: Any, whose: str) -> Fraction:
    """A track is as long as its items together, a stack as its longest."""
    lengths = [_length(child, whose) for child in nest if not is_transition(child)]
    if nest.schema_name() == "Track":
        return sum(lengths, ZERO)
    return max(lengths, default=ZERO)


def nest_pieces(nest: Any, span: TimeSpan, whose: str, dissolves: Dissolves = NO_DISSOLVES) -> list[Piece]:
    """A nest's own record time to the time inside it, and what dissolves show of it before and after.

    Raises:
        UnreadableRetime.
    """
    return pieces_of(retime_of(nest.effects), span.start, span.duration, None, dissolves)


def window_of(composition: Any, whose: str) -> list[Piece] | None:
    """The trim and retime of a top-level track or stack itself; None where it has neither."""
    try:
        retime = retime_of(composition.effects)
    except UnreadableRetime as error:
        raise BadTime(f"{whose} has {error}; take it off in your editor and export again.") from None
    if composition.source_range is None and retime.speed == 1 and not retime.ramp:
        return None
    span = nest_span(composition, whose)
    return pieces_of(retime, span.start, span.duration, None)


def _length(child: Any, whose: str) -> Fraction:
    if child.source_range is not None:
        return span_of(child.source_range, f"“{text_of(lambda: child.name)}” in {whose}").duration
    if is_nest(child):
        return contents_duration(child, whose)
    reference = getattr(child, "media_reference", None)
    available = getattr(reference, "available_range", None)
    if available is None:
        return ZERO
    return span_of(available, f"“{text_of(lambda: child.name)}” in {whose}").duration


def _offset(time: Any, whose: str) -> Fraction:
    try:
        offset = seconds(time.value, time.rate) if time is not None and time.value else ZERO
    except NotATime as error:
        raise BadTime(f"A transition beside {whose} has {error}; remove it and export again.") from None
    return max(ZERO, offset)
