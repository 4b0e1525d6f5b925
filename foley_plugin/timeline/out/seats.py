"""The clips of a timeline's JSON, each with its place, its times and its media, nests walked through.

Both the preflight and the writers of whole cuts look at a timeline through this, so that what one names is
what the other writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.ranges import IDENTITY, Piece, composed, runs, shifted
from foley_plugin.timeline.rates import NotATime, seconds
from foley_plugin.timeline.references import TimeSpan
from foley_plugin.timeline.retime import Retime, UnreadableRetime, pieces_of, retime_of
from foley_plugin.timeline.surgery import is_foley_track
from foley_plugin.timeline.timeline_rate import active_reference
from foley_plugin.timeline.urls import MediaAddress, parsed_url

ZERO = Fraction(0)
NESTS = ("Stack", "Track")


@dataclass(frozen=True)
class Seat:
    """A clip of the cut and where it sits.

    Attributes:
        node: the clip's JSON, and `at` the way to it: positions from the timeline's stack down.
        place: "V1:3", the third clip of the lowest video track.
        level: of the nested layer that it lies in, 0 for the lowest.
        span: its source range; None where nothing says how long it is.
        available: its media's own range, None where the timeline does not say.
        runs: the stretches that are seen of it, record seconds to source seconds, dissolves left out.
        head, tail: how much longer it is seen by dissolves, record seconds.
    """

    node: Json
    at: tuple[int, ...]
    place: str
    track: str
    kind: str
    level: int
    enabled: bool
    reference: Json
    address: MediaAddress
    span: TimeSpan | None
    available: TimeSpan | None
    retime: Retime
    runs: tuple[tuple[Piece, ...], ...] = ()
    head: Fraction = ZERO
    tail: Fraction = ZERO

    @property
    def name(self) -> str:
        return str(self.node.get("name") or self.reference.get("name") or self.address.file_name)

    @property
    def shown(self) -> str:
        """What to call it at the head of a sentence."""
        return f"Clip “{self.name}” ({self.place})" if self.name else f"Clip {self.place}"

    @property
    def has_media(self) -> bool:
        return bool(self.address.shown)


@dataclass(frozen=True)
class _Branch:
    track: str
    kind: str
    at: tuple[int, ...]
    outer: Sequence[Piece] = IDENTITY
    enabled: bool = True
    level: int = 0
    head: Fraction = ZERO
    tail: Fraction = ZERO


def seats_of(timeline: Json, folder: str) -> list[Seat]:
    """Every clip of the cut's own, in track order; our tracks are left out.

    Raises:
        BadTime: a time that is none.
    """
    return list(_Walk(folder).seats(timeline))


class _Walk:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.counts: dict[str, int] = {}

    def seats(self, timeline: Json) -> Iterator[Seat]:
        stack = timeline["tracks"]
        numbers = {"video": 0, "audio": 0}
        window = _window(stack, "The timeline")
        for position, track in enumerate(stack.get("children", [])):
            kind = kind_of(track)
            if kind not in numbers or is_foley_track(track):
                continue
            numbers[kind] += 1
            name = f"{kind[0].upper()}{numbers[kind]}"
            branch = _Branch(name, kind, (position,), window)
            yield from self._layer(track, branch)

    def _layer(self, layer: Json, branch: _Branch) -> Iterator[Seat]:
        """A track, or the lone item that stands in one's place."""
        if schema_name(layer) != "Track":
            yield from self._sequence([layer], branch, is_lone=True)
            return
        outer = composed(branch.outer, _window(layer, branch.track))
        enabled = branch.enabled and layer.get("enabled", True) is not False
        yield from self._sequence(layer.get("children", []), replace(branch, outer=outer, enabled=enabled))

    def _sequence(self, items: list[Json], branch: _Branch, *, is_lone: bool = False) -> Iterator[Seat]:
        at = ZERO
        for position, item in enumerate(items):
            kind = schema_name(item)
            if kind == "Transition":
                continue
            head, tail = dissolves_at(items, position)
            here = replace(branch, at=branch.at if is_lone else (*branch.at, position), head=head, tail=tail)
            whose = f"“{item.get('name') or kind}” on {branch.track}"
            if kind in NESTS:
                span = TimeSpan(ZERO, contents_duration(item, whose))
                span = span_in(item.get("source_range"), whose) or span
                yield from self._nest(item, span, at, here, whose)
                at += span.duration
            elif kind == "Clip":
                seat = self._clip(item, at, here, whose)
                at += seat.span.duration if seat.span else ZERO
                yield seat
            else:
                gap = span_in(item.get("source_range"), whose)
                at += gap.duration if gap else ZERO

    def _nest(self, nest: Json, span: TimeSpan, at: Fraction, branch: _Branch, whose: str) -> Iterator[Seat]:
        try:
            local = pieces_of(_retime(nest), span.start, span.duration, None)
        except UnreadableRetime:
            local = pieces_of(Retime(), span.start, span.duration, None)
        if span.duration == 0:
            return
        enabled = branch.enabled and nest.get("enabled", True) is not False
        inner = replace(
            branch, outer=composed(branch.outer, shifted(local, at)), enabled=enabled, head=ZERO, tail=ZERO
        )
        if schema_name(nest) == "Track":
            yield from self._sequence(nest.get("children", []), inner)
            return
        level = branch.level
        for position, layer in enumerate(nest.get("children", [])):
            if schema_name(layer) == "Track" and kind_of(layer) != branch.kind:
                continue
            yield from self._layer(layer, replace(inner, at=(*branch.at, position), level=level))
            level += 1

    def _clip(self, clip: Json, at: Fraction, branch: _Branch, whose: str) -> Seat:
        reference = active_reference(clip)
        available = _available(reference, whose)
        span = span_in(clip.get("source_range"), whose) or available
        try:
            retime = _retime(clip)
        except UnreadableRetime:
            retime = Retime()
        seen: tuple[tuple[Piece, ...], ...] = ()
        if span is not None and span.duration > 0:
            media_start = available.start if available else None
            local = pieces_of(retime, span.start, span.duration, media_start)
            found = composed(branch.outer, shifted(local, at))
            seen = tuple(tuple(run) for run in runs(found))
        self.counts[branch.track] = number = self.counts.get(branch.track, 0) + 1
        return Seat(
            node=clip,
            at=branch.at,
            place=f"{branch.track}:{number}",
            track=branch.track,
            kind=branch.kind,
            level=branch.level,
            enabled=branch.enabled and clip.get("enabled", True) is not False,
            reference=reference,
            address=parsed_url(url_of(reference), self.folder),
            span=span,
            available=available,
            retime=retime,
            runs=seen,
            head=branch.head,
            tail=branch.tail,
        )


def url_of(reference: Json) -> str:
    """Where a reference points, as it is written; offline media keep it in Resolve's metadata."""
    kind = schema_name(reference)
    if kind == "ImageSequenceReference":
        return str(reference.get("target_url_base") or "")
    if kind == "ExternalReference":
        return str(reference.get("target_url") or "")
    resolve = (reference.get("metadata") or {}).get("Resolve_OTIO")
    url = resolve.get("Media Url") if isinstance(resolve, dict) else None
    return url if isinstance(url, str) else ""


def kind_of(track: Json) -> str:
    """A track's kind in lower case; what is no track shows a picture."""
    return str(track.get("kind") or "video").lower() if schema_name(track) == "Track" else "video"


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


def contents_duration(nest: Json, whose: str) -> Fraction:
    """A track is as long as its items together, a stack as its longest."""
    lengths = [_length(child, whose) for child in nest.get("children", [])]
    return sum(lengths, ZERO) if schema_name(nest) == "Track" else max(lengths, default=ZERO)


def dissolves_at(items: Sequence[Json], position: int) -> tuple[Fraction, Fraction]:
    """How much longer an item is seen, by the transitions on either side of it."""
    before = items[position - 1] if position else {}
    after = items[position + 1] if position + 1 < len(items) else {}
    head = _offset(before, "in_offset") if schema_name(before) == "Transition" else ZERO
    tail = _offset(after, "out_offset") if schema_name(after) == "Transition" else ZERO
    return head, tail


def _offset(transition: Json, key: str) -> Fraction:
    return max(ZERO, seconds_of(transition.get(key), "A transition"))


def _length(child: Json, whose: str) -> Fraction:
    kind = schema_name(child)
    if kind == "Transition":
        return ZERO
    span = span_in(child.get("source_range"), whose)
    if span is not None:
        return span.duration
    if kind in NESTS:
        return contents_duration(child, whose)
    available = _available(active_reference(child), whose)
    return available.duration if available else ZERO


def _available(reference: Json, whose: str) -> TimeSpan | None:
    """As written, but for a length or a rate of zero, which says nothing."""
    written = reference.get("available_range")
    duration = written.get("duration") if isinstance(written, dict) else None
    if not isinstance(duration, dict) or not duration.get("value") or not duration.get("rate"):
        return None
    return span_in(written, f"The media of {whose}")


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


def _window(composition: Json, whose: str) -> Sequence[Piece]:
    """The trim and retime of a top-level track or stack itself."""
    span = span_in(composition.get("source_range"), whose)
    try:
        retime = _retime(composition)
    except UnreadableRetime as error:
        raise BadTime(f"{whose} has {error}; take it off in your editor and export again.") from None
    if span is None and retime.speed == 1 and not retime.ramp:
        return IDENTITY
    span = span or TimeSpan(ZERO, contents_duration(composition, whose))
    return pieces_of(retime, span.start, span.duration, None)


class _Effect:
    """An effect's JSON in the shape that `retime_of` reads."""

    def __init__(self, node: Json) -> None:
        self._schema = schema_name(node) or ""
        self.enabled = node.get("enabled", True)
        self.time_scalar = node.get("time_scalar", 1.0)
        self.metadata = node.get("metadata") or {}

    def schema_name(self) -> str:
        return self._schema


def _retime(item: Json) -> Retime:
    return retime_of([_Effect(node) for node in item.get("effects") or [] if isinstance(node, dict)])
