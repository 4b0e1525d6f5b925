"""One clip of the cut as a `ClipRecord`: its picture as played, and whether foley can be made for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.protocol import Span, rational
from foley_plugin.timeline.items import ZERO
from foley_plugin.timeline.media_shelf import Media, MediaShelf
from foley_plugin.timeline.ranges import (
    IDENTITY,
    Dissolves,
    Piece,
    composed,
    inner_extent,
    inner_shifted,
    joined,
    runs,
    shifted,
    trimmed,
)
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.timeline.references import Reference, TimeSpan
from foley_plugin.timeline.retime import Retime, UnreadableRetime, note_of, pieces_of, retime_of
from foley_plugin.timeline.sequences import playable

INSTANT = Fraction(1, 1000)
"""Seconds of media that a held frame is taken to use, where ranges are compared."""
UNBOUNDED = Fraction(10**9)


@dataclass(frozen=True)
class Branch:
    """Where the walk over the tracks is.

    Attributes:
        track: the top-level track.
        outer: record time to the time of the track being walked.
        nest: names of the nests around it, outermost first.
        reason: why nothing here can get foley (a disabled track or nest), without a subject.
        layer: paint order.
    """

    track: str
    outer: Sequence[Piece] = IDENTITY
    nest: tuple[str, ...] = ()
    reason: str | None = None
    layer: int = 0


@dataclass(frozen=True)
class Seat:
    """An OTIO clip and where it sits on the track being walked.

    `span` is its source range, `at` its start on the track; `whose` names it at the head of a sentence.
    """

    clip: Any
    name: str
    whose: str
    span: TimeSpan
    reference: Reference
    at: Fraction
    dissolves: Dissolves


class ClipLister:
    """Collects clip records and notices."""

    def __init__(self, rate: Fraction, shelf: MediaShelf) -> None:
        self.clips: list[ClipRecord] = []
        self.notices: list[str] = []
        self.shelf = shelf
        self._rate = rate
        self._counts: dict[str, int] = {}

    def next_index(self, track: str) -> int:
        return self._counts.get(track, 0) + 1

    def list_clip(self, seat: Seat, branch: Branch) -> ClipRecord | None:
        """List a clip, once for each unbroken stretch that is seen of it; returns the first."""
        problem = branch.reason or (None if seat.clip.enabled else "is disabled in the cut")
        try:
            retime = retime_of(seat.clip.effects)
        except UnreadableRetime as error:
            retime, problem = Retime(), problem or f"has {error}"
        used = max(seat.span.duration * abs(retime.speed), INSTANT)
        media = self.shelf.media_for(seat.reference, TimeSpan(seat.span.start, used), seat.whose)
        local = pieces_of(retime, seat.span.start, seat.span.duration, media.start, seat.dissolves)
        local = inner_shifted(local, -(media.start or ZERO))
        local = _while_media_lasts(local, seat.span.duration, media.duration)
        seen = runs(composed(branch.outer, shifted(local, seat.at)))
        reason = f"{seat.whose} {problem}; change that in your editor and export again." if problem else None
        records = [self._record(seat, branch, media, run, reason) for run in seen]
        if media.notice and any(record.eligible for record in records):
            self.notices.append(media.notice)
        self.clips += records
        return records[0] if records else None

    def _record(
        self, seat: Seat, branch: Branch, media: Media, run: list[Piece], reason: str | None
    ) -> ClipRecord:
        index = self._counts[branch.track] = self.next_index(branch.track)
        low, high = inner_extent(run)
        reason = reason or media.reason or _outside(seat.whose, media, low, high)
        path = media.path
        if media.shots is not None:
            shown = playable(media.shots, low, high, seat.whose)
            path, reason = shown.media, reason or shown.reason
            self.notices += [shown.notice] if shown.notice and reason is None else []
        is_checking = reason is None and not media.is_checked
        if is_checking:
            reason = f"{seat.whose} is being checked: its media is looked for."
        if reason is None and media.duration is not None and high > media.duration + 2 / self._rate:
            self.notices.append(f"{seat.whose} plays past its media's end; the last picture is held there.")
        return ClipRecord(
            name=seat.name,
            track=branch.track,
            index=index,
            record_in=rational(tidy(run[0].start)),
            record_out=rational(tidy(run[-1].end)),
            source_in=rational(tidy(low)),
            source_out=rational(tidy(high)),
            media=path,
            eligible=reason is None,
            reason=reason,
            spans=[_span_of(piece) for piece in run],
            media_in=None if media.start is None else rational(tidy(media.start)),
            media_duration=None if media.duration is None else rational(tidy(media.duration)),
            enabled=bool(seat.clip.enabled) and branch.reason is None,
            nest=" / ".join(branch.nest) or None,
            speed_note=note_of(run),
            kind="title" if seat.reference.is_title else "clip",
            layer=branch.layer,
            is_checking=is_checking,
            is_offline=media.is_offline,
            is_still=media.is_still,
            named=seat.reference.address.shown or None,
        )


def _while_media_lasts(local: list[Piece], length: Fraction, media_duration: Fraction | None) -> list[Piece]:
    """What lies before 0 and after `length` are dissolves: as far as the media has pictures for them.

    Args:
        length: of the item without its dissolves, seconds.
    """
    if local[0].start == ZERO and local[-1].end == length:
        return local
    own = trimmed(local, ZERO, length)
    before: list[Piece] = []
    for piece in reversed(trimmed(local, local[0].start, ZERO)):
        lasts = min(piece.duration, _reach(piece.inner_end, -piece.speed, media_duration))
        before[:0] = trimmed([piece], piece.end - lasts, piece.end)
        if lasts < piece.duration:
            break
    after: list[Piece] = []
    for piece in trimmed(local, length, local[-1].end):
        lasts = min(piece.duration, _reach(piece.inner_start, piece.speed, media_duration))
        after += trimmed([piece], piece.start, piece.start + lasts)
        if lasts < piece.duration:
            break
    return joined([*before, *own, *after])


def _reach(inner: Fraction, speed: Fraction, duration: Fraction | None) -> Fraction:
    """How long the picture can go on from `inner` at `speed` before the media ends."""
    if duration is None or speed == 0:
        return UNBOUNDED
    if speed < 0:
        return max(ZERO, inner / -speed)
    return max(ZERO, (duration - inner) / speed)


def _outside(whose: str, media: Media, low: Fraction, high: Fraction) -> str | None:
    if media.duration is None or (low < media.duration and high > 0) or low == high == 0:
        return None
    return f"{whose} plays a range outside its media; check its in-point or relink it in your editor."


def _span_of(piece: Piece) -> Span:
    return Span(
        duration=rational(tidy(piece.duration)),
        source_start=rational(tidy(piece.inner_start)),
        speed=rational(tidy(piece.speed)),
    )
