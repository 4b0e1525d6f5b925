"""The walk over a timeline's tracks and nests that finds its clips."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from foley_plugin.timeline.drawing import drawn_audio, drawn_item
from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.items import (
    ZERO,
    children_of,
    dissolves_at,
    is_audio,
    is_gap,
    is_nest,
    is_transition,
    kind_of,
    layers_of,
    nest_pieces,
    nest_span,
    window_of,
)
from foley_plugin.timeline.listing import Branch, ClipLister, Seat
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.ranges import IDENTITY, composed, shifted
from foley_plugin.timeline.records import ClipRecord, ItemRecord, TrackRecord
from foley_plugin.timeline.references import Reference, TimeSpan, reference_of, span_of, text_of
from foley_plugin.timeline.retime import Retime, UnreadableRetime, pieces_of

Drawn = list[ItemRecord] | None
"""What the panel draws of a top-level track, being collected; None inside nests."""


class CutWalk:
    """Lists what a cut holds. Use once: `read`, then look at the attributes.

    Args:
        folder: the timeline's own, which relative media paths count from.
        from_resolve: a clip without media is a title there, not a loss.
        rate: frames a second of the timeline.
    """

    def __init__(self, folder: str, from_resolve: bool, rate: Fraction, shelf: MediaShelf) -> None:
        self.tracks: list[TrackRecord] = []
        self.duration = ZERO
        self._lister = ClipLister(rate, shelf)
        self._folder = folder
        self._from_resolve = from_resolve
        self._layer = 0

    @property
    def clips(self) -> list[ClipRecord]:
        return self._lister.clips

    @property
    def notices(self) -> list[str]:
        return self._lister.notices

    def read(self, root: Any) -> None:
        """Walk a top-level stack, or a lone item in its place."""
        window = window_of(root, "The timeline") if root.schema_name() == "Stack" else None
        numbers = {"video": 0, "audio": 0}
        for child in layers_of(root):
            kind = kind_of(child)
            if kind not in numbers:
                self.notices.append(f"The track “{_name(child)}” of kind “{kind}” is left out.")
                continue
            numbers[kind] += 1
            branch = Branch(f"{kind[0].upper()}{numbers[kind]}", outer=window or IDENTITY)
            items = self._video_items(child, branch) if kind == "video" else self._audio_items(child, branch)
            is_track = child.schema_name() == "Track"
            self.tracks.append(
                TrackRecord(
                    track=branch.track,
                    name=_name(child) if is_track else "",
                    kind=kind,
                    enabled=bool(child.enabled) if is_track else True,
                    items=items,
                )
            )
        if window is not None:
            self.duration = window[-1].end

    def _video_items(self, child: Any, branch: Branch) -> list[ItemRecord]:
        items: list[ItemRecord] = []
        if child.schema_name() == "Track":
            branch = _through_track(child, branch, f"is on the disabled track {branch.track}")
        length = self._read_sequence(children_of(child), branch, items)
        self.duration = max(self.duration, length)
        return items

    def _audio_items(self, child: Any, branch: Branch) -> list[ItemRecord]:
        items, length, notices = drawn_audio(
            child, branch.outer, self._folder, branch.track, self._lister.shelf
        )
        self._lister.notices += notices
        self.duration = max(self.duration, length)
        return items

    def _read_sequence(self, children: list[Any], branch: Branch, items: Drawn) -> Fraction:
        """Items that follow each other; returns how long they are together."""
        self._layer += 1
        branch = replace(branch, layer=self._layer)
        at = ZERO
        for position, child in enumerate(children):
            if is_transition(child):
                continue
            if is_gap(child):
                whose = f"A gap on {branch.track}"
                at += span_of(child.source_range, whose).duration if child.source_range else ZERO
            elif is_nest(child):
                at += self._read_nest(children, position, at, branch, items)
            else:
                at += self._read_clip(children, position, at, branch, items)
        return at

    def _read_nest(
        self, children: list[Any], position: int, at: Fraction, branch: Branch, items: Drawn
    ) -> Fraction:
        nest = children[position]
        name = _name(nest) or "(unnamed nest)"
        whose = f"The nest “{name}” on {branch.track}"
        span = nest_span(nest, whose)
        if span.duration == 0:
            self.notices.append(f"{whose} has no length and is left out.")
            return ZERO
        reason = branch.reason or (None if nest.enabled else f"is in the disabled nest “{name}”")
        dissolves = dissolves_at(children, position, whose)
        try:
            local = nest_pieces(nest, span, whose, dissolves)
        except UnreadableRetime as error:
            local = pieces_of(Retime(), span.start, span.duration, None, dissolves)
            reason = reason or f"is in the nest “{name}”, which has {error}"
        outer = composed(branch.outer, shifted(local, at))
        if outer:
            self._read_layers(nest, replace(branch, outer=outer, nest=(*branch.nest, name), reason=reason))
        if items is not None and (item := drawn_item(name, "nest", branch.outer, at, span.duration, None)):
            items.append(item)
        return span.duration

    def _read_layers(self, nest: Any, branch: Branch) -> None:
        """What lies over each other in a nest; a track that is the nest itself is trimmed already."""
        if nest.schema_name() == "Track":
            self._read_sequence(list(nest), branch, None)
            return
        for layer in nest:
            if layer.schema_name() != "Track":
                self._read_sequence([layer], branch, None)
            elif not is_audio(layer):
                if_disabled = f"is on a disabled track of the nest “{branch.nest[-1]}”"
                self._read_sequence(list(layer), _through_track(layer, branch, if_disabled), None)

    def _read_clip(
        self, children: list[Any], position: int, at: Fraction, branch: Branch, items: Drawn
    ) -> Fraction:
        clip = children[position]
        place = f"{branch.track}:{self._lister.next_index(branch.track)}"
        whose = f"Clip “{_name(clip)}” ({place})" if _name(clip) else f"Clip {place}"
        reference = reference_of(clip, self._folder, whose, from_resolve=self._from_resolve)
        span = self._span(clip, reference, whose)
        if span.duration == 0:
            self.notices.append(f"{whose} has no length and is left out.")
            return ZERO
        name = _name(clip) or reference.name
        dissolves = dissolves_at(children, position, whose)
        first = self._lister.list_clip(Seat(clip, name, whose, span, reference, at, dissolves), branch)
        kind = "title" if reference.is_title else "clip"
        if items is not None and (item := drawn_item(name, kind, branch.outer, at, span.duration, first)):
            items.append(item)
        return span.duration

    def _span(self, clip: Any, reference: Reference, whose: str) -> TimeSpan:
        """The clip's source range: as written, else all of its media."""
        if clip.source_range is not None:
            return span_of(clip.source_range, whose)
        if reference.available is not None:
            return reference.available
        media = self._lister.shelf.media_for(reference, None, whose, must_look=True)
        if media.start is None or media.duration is None:
            raise BadTime(
                f"{whose} has no source range, and its media does not say how long it is, so that what "
                "follows has no place; relink it in your editor and export the cut again."
            )
        return TimeSpan(media.start, media.duration)


def _through_track(track: Any, branch: Branch, if_disabled: str) -> Branch:
    """The branch inside a track, by the track's own trim, retime and enabled flag."""
    window = window_of(track, branch.track)
    if window is not None:
        branch = replace(branch, outer=composed(branch.outer, window))
    return branch if track.enabled else replace(branch, reason=branch.reason or if_disabled)


def _name(item: Any) -> str:
    return text_of(lambda: item.name)
