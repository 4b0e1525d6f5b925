"""What the panel draws of a track: cut edges, without dissolve offsets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from engine.protocol import fraction, rational
from foley_plugin.timeline.items import ZERO, is_gap, is_nest, is_transition, nest_span
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.ranges import Piece, composed
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.records import ClipRecord, ItemRecord
from foley_plugin.timeline.references import Reference, TimeSpan, reference_of, span_of, text_of
from foley_plugin.timeline.retime import Retime, UnreadableRetime, retime_of


def drawn_item(
    name: str,
    kind: str,
    outer: Sequence[Piece],
    at: Fraction,
    duration: Fraction,
    clip: ClipRecord | None,
) -> ItemRecord | None:
    """An item of a top-level video track, None where nothing of it is seen.

    Args:
        outer: record time to the track's time.
        at: where on its track the item starts.
        clip: its listing, None for a nest.
    """
    seen = composed(outer, [Piece(at, duration, ZERO)])
    if not seen:
        return None
    record_in, record_out = seen[0].start, seen[-1].end
    return ItemRecord(
        name=name,
        record_in=rational(tidy(record_in)),
        record_out=rational(tidy(record_out)),
        kind=kind,
        media=None if clip is None else clip.media,
        source_in=rational(tidy(ZERO if clip is None else _source_at(clip, record_in))),
        clip_index=None if clip is None else clip.index,
    )


def _source_at(clip: ClipRecord, record_time: Fraction) -> Fraction:
    """The media time seen at a moment near the clip's start."""
    first = clip.spans[0]
    since = record_time - fraction(clip.record_in)
    return fraction(first.source_start) + since * fraction(first.speed)


def drawn_audio(
    track: Any, outer: Sequence[Piece], folder: str, name_of_track: str, shelf: MediaShelf
) -> tuple[list[ItemRecord], Fraction, list[str]]:
    """The items of an audio track, its length and notices; a clip of unknown length ends the drawing."""
    items: list[ItemRecord] = []
    at = ZERO
    for child in track:
        if is_transition(child):
            continue
        whose = f"Clip “{_name(child)}” on {name_of_track}"
        reference = None if is_gap(child) or is_nest(child) else _reference(child, folder, whose)
        span = _span(child, reference, whose)
        if span is None:
            return items, at, [f"{whose} has no known length; the rest of {name_of_track} is not drawn."]
        if not is_gap(child) and span.duration > 0:
            items += _drawn_sound(child, reference, span, outer, at, shelf)
        at += span.duration
    return items, at, []


def _drawn_sound(
    child: Any,
    reference: Reference | None,
    span: TimeSpan,
    outer: Sequence[Piece],
    at: Fraction,
    shelf: MediaShelf,
) -> list[ItemRecord]:
    path, start = shelf.sound_for(reference, span) if reference else (None, None)
    origin = span.start if start is None else start
    return [
        ItemRecord(
            name=_name(child) or (reference.name if reference else ""),
            record_in=rational(tidy(piece.start)),
            record_out=rational(tidy(piece.end)),
            kind="nest" if reference is None else "clip",
            media=path,
            source_in=rational(tidy(max(ZERO, piece.inner_start))),
            is_retimed=piece.speed != 1 or _has_retime(child),
        )
        for piece in composed(outer, [Piece(at, span.duration, span.start - origin)])
    ]


def _has_retime(child: Any) -> bool:
    try:
        return retime_of(child.effects) != Retime()
    except UnreadableRetime:
        return True


def _span(child: Any, reference: Reference | None, whose: str) -> TimeSpan | None:
    if is_nest(child):
        return nest_span(child, whose)
    if child.source_range is not None:
        return span_of(child.source_range, whose)
    return reference.available if reference else TimeSpan(ZERO, ZERO)


def _reference(child: Any, folder: str, whose: str) -> Reference:
    return reference_of(child, folder, whose, from_resolve=False)


def _name(child: Any) -> str:
    return text_of(lambda: child.name)
