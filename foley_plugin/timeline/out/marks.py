"""Markers of the timeline and of its clips as marks on frames of the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from foley_plugin.nle.sequence import Mark
from foley_plugin.timeline.guards import Json
from foley_plugin.timeline.json_times import ZERO, seconds_of, span_in
from foley_plugin.timeline.out.seats import Seat
from foley_plugin.timeline.ranges import Piece
from foley_plugin.timeline.references import TimeSpan


def timeline_marks(stack: Json, start_frames: int, rate: Fraction, duration: int) -> list[Mark]:
    """Markers of the timeline itself, counted from its start or, by some editors, from midnight."""
    window = span_in(stack.get("source_range"), "The timeline")
    begins_s = window.start if window else ZERO
    marks: list[Mark] = []
    for span, marker in _markers(stack):
        first, last = (round((edge - begins_s) * rate) for edge in (span.start, span.end))
        if first > duration and first >= start_frames:
            first, last = first - start_frames, last - start_frames
        if first >= 0 or last > 0:
            marks.append(_mark(max(0, first), last, marker))
    return marks


def clip_marks(seat: Seat, origin: Fraction, rate: Fraction) -> list[Mark]:
    """A clip's markers where their pictures are seen; those that are trimmed away are in no picture.

    Args:
        origin: the media's first frame in source time, which some editors' markers count from.
    """
    found = (
        (_seen(seat, (span, TimeSpan(span.start + origin, span.duration))), marker)
        for span, marker in _markers(seat.node)
    )
    return [
        _mark(round(seen.start * rate), round(seen.end * rate), marker)
        for seen, marker in found
        if seen is not None
    ]


def _seen(seat: Seat, spans: tuple[TimeSpan, ...]) -> TimeSpan | None:
    """In record time, the first of some spans of source time that is seen at all, as far as it is."""
    for span in spans:
        for piece in (piece for run in seat.runs for piece in run):
            played = _played(piece, span)
            begin, end = max(played.start, piece.start), min(played.end, piece.end)
            if begin < end or piece.start <= begin == end < piece.end:
                return TimeSpan(begin, end - begin)
    return None


def _played(piece: Piece, span: TimeSpan) -> TimeSpan:
    """When a piece that had no ends would play a span."""
    if piece.speed == 0:
        is_held = span.start == piece.inner_start or span.start < piece.inner_start < span.end
        return TimeSpan(piece.start if is_held else piece.end, ZERO)
    edges = [piece.start + (edge - piece.inner_start) / piece.speed for edge in (span.start, span.end)]
    return TimeSpan(min(edges), max(edges) - min(edges))


def _markers(item: Json) -> Iterator[tuple[TimeSpan, Json]]:
    """Those of a frame, which is how editors write points, without length."""
    for marker in item.get("markers") or []:
        marked = marker.get("marked_range") if isinstance(marker, dict) else None
        if isinstance(marked, dict):
            start, length = (seconds_of(marked.get(key), "A marker") for key in ("start_time", "duration"))
            is_point = length <= 0 or marked["duration"]["value"] <= 1
            yield TimeSpan(start, ZERO if is_point else length), marker


def _mark(first: int, last: int, marker: Json) -> Mark:
    name, colour = str(marker.get("name") or ""), str(marker.get("color") or "RED")
    return Mark(first, name, colour, str(marker.get("comment") or ""), max(1, last - first))
