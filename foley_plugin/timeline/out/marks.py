"""Markers of the timeline and of its clips as marks on frames of the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from foley_plugin.nle.sequence import Mark
from foley_plugin.timeline.guards import Json
from foley_plugin.timeline.json_times import ZERO, seconds_of, span_in
from foley_plugin.timeline.out.seats import Seat


def timeline_marks(stack: Json, start_frames: int, rate: Fraction, duration: int) -> list[Mark]:
    """Markers of the timeline itself, counted from its start or, by some editors, from midnight."""
    window = span_in(stack.get("source_range"), "The timeline")
    begins_s = window.start if window else ZERO
    marks: list[Mark] = []
    for time, marker in _markers(stack):
        frame = round((time - begins_s) * rate)
        if frame > duration and frame >= start_frames:
            frame -= start_frames
        if frame >= 0:
            marks.append(_mark(frame, marker))
    return marks


def clip_marks(seat: Seat, origin: Fraction, rate: Fraction) -> list[Mark]:
    """A clip's markers where their pictures are seen; those that are trimmed away are in no picture.

    Args:
        origin: the media's first frame in source time, which some editors' markers count from.
    """
    found = ((_seen_at(seat, (time, time + origin)), marker) for time, marker in _markers(seat.node))
    return [_mark(round(at * rate), marker) for at, marker in found if at is not None]


def _seen_at(seat: Seat, times: tuple[Fraction, ...]) -> Fraction | None:
    """The record time of the first of some source times that is seen at all."""
    for time in times:
        for piece in (piece for run in seat.runs for piece in run):
            if piece.speed == 0:
                at = piece.start if piece.inner_start == time else piece.end
            else:
                at = piece.start + (time - piece.inner_start) / piece.speed
            if piece.start <= at < piece.end:
                return at
    return None


def _markers(item: Json) -> Iterator[tuple[Fraction, Json]]:
    for marker in item.get("markers") or []:
        marked = marker.get("marked_range") if isinstance(marker, dict) else None
        if isinstance(marked, dict):
            yield seconds_of(marked.get("start_time"), "A marker"), marker


def _mark(frame: int, marker: Json) -> Mark:
    name, colour = str(marker.get("name") or ""), str(marker.get("color") or "RED")
    return Mark(frame, name, colour, str(marker.get("comment") or ""))
