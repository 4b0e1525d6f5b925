"""Piecewise linear maps from one time to another, exact.

A `Piece` says which inner time is seen over a stretch of outer time. The outer time of a whole cut is
record time; the inner time of a clip is its media's. A clip in a nest is seen through the nest's own
pieces, so maps are composed:

    record   0----1----2----3----4        nest in the cut at 1, trimmed to start at 2, at half speed
    nest          2---------3             2 + (t - 1) / 2
    media         102-------103           through a clip that shows media 102 at nest time 2
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.protocol import Span, fraction

FOREVER = Fraction(10**12)
"""Seconds; longer than any cut, for outer times without an end."""


@dataclass(frozen=True)
class Dissolves:
    """How much longer an item is seen than its cut edges, seconds of record time."""

    head: Fraction = Fraction(0)
    tail: Fraction = Fraction(0)


NO_DISSOLVES = Dissolves()


@dataclass(frozen=True)
class Piece:
    """From `start` on, for `duration`, outer time t shows inner time `inner_start + (t - start) * speed`.

    All in seconds; a negative speed plays in reverse, 0 holds.
    """

    start: Fraction
    duration: Fraction
    inner_start: Fraction
    speed: Fraction = Fraction(1)

    @property
    def end(self) -> Fraction:
        return self.start + self.duration

    @property
    def inner_end(self) -> Fraction:
        return self.inner_start + self.duration * self.speed

    def inner_at(self, time: Fraction) -> Fraction:
        return self.inner_start + (time - self.start) * self.speed

    def between(self, start: Fraction, end: Fraction) -> Piece:
        """The part of this piece from `start` to `end`."""
        return Piece(start, end - start, self.inner_at(start), self.speed)


IDENTITY = (Piece(Fraction(0), FOREVER, Fraction(0)),)


def pieces_of_spans(spans: Sequence[Span]) -> list[Piece]:
    """Spans one after the other, the first from outer time 0 on."""
    pieces: list[Piece] = []
    at = Fraction(0)
    for span in spans:
        duration = fraction(span.duration)
        pieces.append(Piece(at, duration, fraction(span.source_start), fraction(span.speed)))
        at += duration
    return pieces


def shifted(pieces: Sequence[Piece], by: Fraction) -> list[Piece]:
    """The same picture, `by` seconds later in outer time."""
    if by == 0:
        return list(pieces)
    return [replace(piece, start=piece.start + by) for piece in pieces]


def inner_shifted(pieces: Sequence[Piece], by: Fraction) -> list[Piece]:
    """The same map with `by` seconds added to inner time."""
    return [replace(piece, inner_start=piece.inner_start + by) for piece in pieces]


def extended(pieces: Sequence[Piece], head: Fraction, tail: Fraction) -> list[Piece]:
    """Continue the first piece `head` earlier and the last one `tail` later, at their own speeds."""
    longer = list(pieces)
    if head:
        first = longer[0]
        longer[0] = first.between(first.start - head, first.end)
    if tail:
        last = longer[-1]
        longer[-1] = last.between(last.start, last.end + tail)
    return longer


def trimmed(pieces: Sequence[Piece], start: Fraction, end: Fraction) -> list[Piece]:
    """What lies between two outer times."""
    cut = (piece.between(max(start, piece.start), min(end, piece.end)) for piece in pieces)
    return [piece for piece in cut if piece.duration > 0]


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The same map with as few pieces as it needs."""
    whole: list[Piece] = []
    for piece in pieces:
        last = whole[-1] if whole else None
        if (
            last is not None
            and last.end == piece.start
            and last.speed == piece.speed
            and last.inner_end == piece.inner_start
        ):
            whole[-1] = last.between(last.start, piece.end)
        else:
            whole.append(piece)
    return whole


def composed(outer: Sequence[Piece], inner: Sequence[Piece]) -> list[Piece]:
    """`inner` seen through `outer`: outer's outer time to inner's inner time, in outer order."""
    if len(outer) == 1 and _only_shifts(outer[0], inner):
        return shifted(inner, outer[0].start - outer[0].inner_start)
    through = [piece for each in outer for piece in _through(each, inner)]
    return sorted(through, key=lambda piece: piece.start)


def _only_shifts(outer: Piece, inner: Sequence[Piece]) -> bool:
    """Whether nothing is cut off or retimed, which is so for nearly every clip of a cut."""
    if not inner or outer.speed != 1:
        return False
    return outer.inner_start <= inner[0].start and inner[-1].end <= outer.inner_end


def _through(outer: Piece, inner: Sequence[Piece]) -> Iterator[Piece]:
    if outer.speed == 0:
        for each in inner:
            if each.start <= outer.inner_start < each.end:
                yield Piece(outer.start, outer.duration, each.inner_at(outer.inner_start), Fraction(0))
        return
    low, high = sorted((outer.inner_start, outer.inner_end))
    for each in inner:
        from_inner, to_inner = max(low, each.start), min(high, each.end)
        if from_inner >= to_inner:
            continue
        first = from_inner if outer.speed > 0 else to_inner
        start = outer.start + (first - outer.inner_start) / outer.speed
        duration = (to_inner - from_inner) / abs(outer.speed)
        yield Piece(start, duration, each.inner_at(first), outer.speed * each.speed)


def runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces in outer order, grouped where one ends as the next begins; equal speeds that join, merged."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and groups[-1][-1].end == piece.start:
            last = groups[-1][-1]
            if last.speed == piece.speed and last.inner_end == piece.inner_start:
                groups[-1][-1] = replace(last, duration=last.duration + piece.duration)
            else:
                groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def inner_extent(pieces: Sequence[Piece]) -> tuple[Fraction, Fraction]:
    """The smallest and the largest inner time seen."""
    edges = [edge for piece in pieces for edge in (piece.inner_start, piece.inner_end)]
    return min(edges), max(edges)
