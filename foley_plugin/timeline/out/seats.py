"""The clips of a timeline's JSON, each with its place, its times and its media, nests walked through.

Both the preflight and the writers of whole cuts look at a timeline through this, so that what one names is
what the other writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.json_times import ZERO, retime_in, seconds_of, span_in
from foley_plugin.timeline.ranges import IDENTITY, Piece, composed, runs, shifted
from foley_plugin.timeline.references import TimeSpan
from foley_plugin.timeline.retime import Retime, UnreadableRetime, pieces_of
from foley_plugin.timeline.surgery import is_foley_track
from foley_plugin.timeline.timeline_rate import active_reference
from foley_plugin.timeline.urls import MediaAddress, parsed_url

NESTS = ("Stack", "Track")

WholeOf = Callable[[Json, str, str, str], TimeSpan | None]
"""All that a clip's media has, by the clip's JSON, the timeline's folder, the track's kind and what to call
the clip; None where nobody knows."""


@dataclass(frozen=True)
class Crossing:
    """A transition between two items: `head` seconds before their cut, `tail` after it."""

    node: Json
    head: Fraction
    tail: Fraction


@dataclass(frozen=True)
class Seat:
    """A clip of the cut and where it sits.

    Attributes:
        node: the clip's JSON, and `at` the way to it: positions from the timeline's stack down.
        place: "V1:3", the third clip of the lowest video track.
        level: of the nested layer that it lies in, 0 for the lowest.
        enabled: by its own word and that of the nests around it.
        is_track_enabled: of the top-level track that holds it.
        span: its source range, else all of its media; None where nothing says how long it is.
        available: its media's own range, None where the timeline does not say.
        runs: the stretches that are seen of it, record seconds to source seconds, dissolves left out.
        before, after: the transitions on either side of it.
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
    is_track_enabled: bool = True
    before: Crossing | None = None
    after: Crossing | None = None

    @property
    def name(self) -> str:
        return str(self.node.get("name") or self.reference.get("name") or self.address.file_name)

    @property
    def shown(self) -> str:
        """What to call it at the head of a sentence."""
        return _shown(self.name, self.place)

    @property
    def has_media(self) -> bool:
        return bool(self.address.shown)

    @property
    def is_heard_or_seen(self) -> bool:
        return self.enabled and self.is_track_enabled


@dataclass(frozen=True)
class _Branch:
    track: str
    kind: str
    at: tuple[int, ...]
    outer: Sequence[Piece] = IDENTITY
    enabled: bool = True
    is_track_enabled: bool = True
    level: int = 0
    before: Crossing | None = None
    after: Crossing | None = None


def seats_of(timeline: Json, folder: str, whole_of: WholeOf) -> list[Seat]:
    """Every clip of the cut's own, in track order; our tracks are left out.

    Args:
        whole_of: asked where a clip and its reference say nothing of a length.

    Raises:
        BadTime: a time that is none.
    """
    return list(_Walk(folder, whole_of).seats(timeline))


def check_lengths(seats: Sequence[Seat]) -> None:
    """
    Raises:
        BadTime: a clip has no known length, so that a cut that is laid out anew would close up over it.
    """
    for seat in seats:
        if seat.span is None:
            raise BadTime(
                f"{seat.shown} has no source range, and its media does not say how long it is, so that what "
                "follows has no place; relink it in your editor and export the cut again."
            )


class _Walk:
    def __init__(self, folder: str, whole_of: WholeOf) -> None:
        self.folder = folder
        self.whole_of = whole_of
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
            branch = _Branch(name, kind, (position,), window, is_track_enabled=is_track_enabled(track))
            yield from self._layer(track, branch)

    def _layer(self, layer: Json, branch: _Branch) -> Iterator[Seat]:
        """A track, or the lone item that stands in one's place."""
        if schema_name(layer) != "Track":
            yield from self._sequence([layer], branch, is_lone=True)
            return
        outer = composed(branch.outer, _window(layer, branch.track))
        yield from self._sequence(layer.get("children", []), replace(branch, outer=outer))

    def _sequence(self, items: list[Json], branch: _Branch, *, is_lone: bool = False) -> Iterator[Seat]:
        at = ZERO
        for position, item in enumerate(items):
            kind = schema_name(item)
            if kind == "Transition":
                continue
            before, after = crossings_at(items, position)
            at_item = branch.at if is_lone else (*branch.at, position)
            here = replace(branch, at=at_item, before=before, after=after)
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
            local = pieces_of(retime_in(nest), span.start, span.duration, None)
        except UnreadableRetime:
            local = pieces_of(Retime(), span.start, span.duration, None)
        if span.duration == 0:
            return
        enabled = branch.enabled and _is_enabled(nest)
        outer = composed(branch.outer, shifted(local, at))
        inner = replace(branch, outer=outer, enabled=enabled, before=None, after=None)
        if schema_name(nest) == "Track":
            yield from self._sequence(nest.get("children", []), inner)
            return
        level = branch.level
        for position, layer in enumerate(nest.get("children", [])):
            if schema_name(layer) == "Track" and kind_of(layer) != branch.kind:
                continue
            enabled = inner.enabled and _is_enabled(layer)
            layer_at = (*branch.at, position)
            yield from self._layer(layer, replace(inner, at=layer_at, level=level, enabled=enabled))
            level += 1

    def _clip(self, clip: Json, at: Fraction, branch: _Branch, whose: str) -> Seat:
        reference = active_reference(clip)
        available = _available(reference, whose)
        self.counts[branch.track] = number = self.counts.get(branch.track, 0) + 1
        place = f"{branch.track}:{number}"
        span = span_in(clip.get("source_range"), whose) or available
        if span is None:
            named = _shown(str(clip.get("name") or ""), place)
            span = self.whole_of(clip, self.folder, branch.kind, named)
        try:
            retime = retime_in(clip)
        except UnreadableRetime:
            retime = Retime()
        seen: tuple[tuple[Piece, ...], ...] = ()
        if span is not None and span.duration > 0:
            media_start = available.start if available else None
            local = pieces_of(retime, span.start, span.duration, media_start)
            found = composed(branch.outer, shifted(local, at))
            seen = tuple(tuple(run) for run in runs(found))
        return Seat(
            node=clip,
            at=branch.at,
            place=place,
            track=branch.track,
            kind=branch.kind,
            level=branch.level,
            enabled=branch.enabled and _is_enabled(clip),
            is_track_enabled=branch.is_track_enabled,
            reference=reference,
            address=parsed_url(url_of(reference), self.folder),
            span=span,
            available=available,
            retime=retime,
            runs=seen,
            before=branch.before,
            after=branch.after,
        )


def is_track_enabled(track: Json) -> bool:
    """A track's own flag; a lone item in a track's place has one of its own."""
    return schema_name(track) != "Track" or _is_enabled(track)


def _is_enabled(item: Json) -> bool:
    return item.get("enabled", True) is not False


def _shown(name: str, place: str) -> str:
    return f"Clip “{name}” ({place})" if name else f"Clip {place}"


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


def contents_duration(nest: Json, whose: str) -> Fraction:
    """A track is as long as its items together, a stack as its longest."""
    lengths = [_length(child, whose) for child in nest.get("children", [])]
    return sum(lengths, ZERO) if schema_name(nest) == "Track" else max(lengths, default=ZERO)


def crossings_at(items: Sequence[Json], position: int) -> tuple[Crossing | None, Crossing | None]:
    """The transitions on either side of an item."""
    before = items[position - 1] if position else {}
    after = items[position + 1] if position + 1 < len(items) else {}
    return _crossing(before), _crossing(after)


def _crossing(item: Json) -> Crossing | None:
    if schema_name(item) != "Transition":
        return None
    return Crossing(item, _offset(item, "in_offset"), _offset(item, "out_offset"))


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


def _window(composition: Json, whose: str) -> Sequence[Piece]:
    """The trim and retime of a top-level track or stack itself."""
    span = span_in(composition.get("source_range"), whose)
    try:
        retime = retime_in(composition)
    except UnreadableRetime as error:
        raise BadTime(f"{whose} has {error}; take it off in your editor and export again.") from None
    if span is None and retime.speed == 1 and not retime.ramp:
        return IDENTITY
    span = span or TimeSpan(ZERO, contents_duration(composition, whose))
    return pieces_of(retime, span.start, span.duration, None)
