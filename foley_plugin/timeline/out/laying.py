"""A cut's JSON and its takes laid out as a `Sequence`, for formats that are written anew.

Nests are laid out as the clips in them, on tracks of their own above the nest's; a ramp as clips of one
speed each. Titles, generators and image sequences leave their place empty: the preflight names them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from fractions import Fraction

from foley_plugin.nle.sequence import (
    Mark,
    MediaFile,
    Sequence,
    SequenceClip,
    SequenceTrack,
)
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.json_times import seconds_of
from foley_plugin.timeline.lanes import TrackLane, lanes_of
from foley_plugin.timeline.out.dissolves import LaidCrossing, crossings_of
from foley_plugin.timeline.out.marks import clip_marks, timeline_marks
from foley_plugin.timeline.out.media_files import MediaFiles, clock_of
from foley_plugin.timeline.out.seats import Seat, check_lengths, is_track_enabled, seats_of
from foley_plugin.timeline.ranges import Piece, extended, trimmed
from foley_plugin.timeline.records import Placement

DEFAULT_SIZE = (1920, 1080)


@dataclass(frozen=True)
class LaidTrack:
    """A track of the cut's own, with what became of the transitions on it."""

    track: SequenceTrack
    crossings: tuple[LaidCrossing, ...]


def sequence_of(
    timeline: Json, folder: str, placements: Items[Placement], name: str, files: MediaFiles
) -> Sequence:
    """Lay out a whole cut with its foley.

    Args:
        folder: the timeline's own, which relative media paths count from.
        name: of the timeline where it has none itself.
        files: which know how the timeline counts, too.

    Raises:
        BadTime: a time that is none.
    """
    rate = files.rate
    start_frames = round(start_of(timeline) * rate)
    seats = seats_of(timeline, folder, files.whole_of)
    check_lengths(seats)
    own = [laid.track for laid in laid_tracks(timeline, seats, files)]
    foley = [_foley_track(lane, files) for lane in lanes_of(placements)]
    tracks = (*own, *foley)
    ends = [clip.record_out for track in tracks for clip in track.clips]
    duration = max(ends, default=0)
    width, height = _size(own)
    return Sequence(
        name=str(timeline.get("name") or name),
        start=clock_of(start_frames, rate, files.drop_frame),
        duration=duration,
        width=width,
        height=height,
        tracks=tracks,
        marks=tuple(timeline_marks(timeline["tracks"], start_frames, rate, duration)),
    )


def start_of(timeline: Json) -> Fraction:
    """global_start_time in exact seconds."""
    return seconds_of(timeline.get("global_start_time"), "The timeline's start")


def laid_tracks(timeline: Json, seats: Items[Seat], files: MediaFiles) -> list[LaidTrack]:
    """The cut's tracks in their order; the upper layers of nests right above the track that holds them."""
    nodes = timeline["tracks"].get("children", [])
    layers: dict[tuple[int, int], list[Seat]] = {}
    for seat in seats:
        layers.setdefault((seat.at[0], seat.level), []).append(seat)
    return [_laid_track(nodes[place[0]], layers[place], files) for place in sorted(layers)]


def _laid_track(node: Json, held: Items[Seat], files: MediaFiles) -> LaidTrack:
    kind = held[0].kind
    clips = _without_overlap([clip for seat in held for clip in _clips_of(seat, files)])
    crossings = crossings_of(held, clips, files.rate)
    track = SequenceTrack(
        kind=kind,
        name=str(node.get("name") or "") if schema_name(node) == "Track" else "",
        clips=tuple(clips),
        enabled=is_track_enabled(node),
        num_channels=max((len(clip.channels) for clip in clips), default=1) if kind == "audio" else 0,
        dissolves=tuple(each.dissolve for each in crossings if each.dissolve is not None),
    )
    return LaidTrack(track, tuple(crossings))


def is_laid_out(seat: Seat) -> bool:
    """Whether a clip has media that a format written anew can name."""
    return seat.has_media and schema_name(seat.reference) != "ImageSequenceReference"


def _clips_of(seat: Seat, files: MediaFiles) -> list[SequenceClip]:
    if not is_laid_out(seat) or seat.span is None:
        return []
    media, origin = files.file_of(seat), files.origin_of(seat)
    channels = _channels(seat, media) if seat.kind == "audio" else ()
    first = SequenceClip(
        place=seat.place,
        name=seat.name,
        media=media,
        record_in=0,
        duration=0,
        source_in=Fraction(0),
        enabled=seat.enabled,
        channels=channels,
        link=_link_of(seat.node),
    )
    laid = [
        replace(first, record_in=start, duration=length, source_in=source - origin, speed=speed)
        for run in seat.runs
        for start, length, source, speed in _on_frames(run, files.rate)
    ]
    marks = clip_marks(seat, origin, files.rate)
    return [replace(clip, marks=tuple(_within(marks, clip))) for clip in laid]


def _within(marks: Items[Mark], clip: SequenceClip) -> list[Mark]:
    return [mark for mark in marks if clip.record_in <= mark.frame < clip.record_out]


def _on_frames(run: Items[Piece], rate: Fraction) -> list[tuple[int, int, Fraction, Fraction]]:
    """Pieces with their edges on whole frames: record in, length, source at the start, speed.

    A piece of a ramp shorter than a frame is passed over by its neighbours.
    """
    edges = [round(run[0].start * rate), *(round(piece.end * rate) for piece in run)]
    if edges[-1] <= edges[0]:
        return []
    whole = extended(run, max(Fraction(0), run[0].start - edges[0] / rate), Fraction(1) / rate)
    found = []
    for start, end in itertools.pairwise(edges):
        if end > start:
            part = trimmed(whole, start / rate, end / rate)
            source, source_end = part[0].inner_start, part[-1].inner_end
            found.append((start, end - start, source, (source_end - source) * rate / (end - start)))
    return found


def _without_overlap(clips: list[SequenceClip]) -> list[SequenceClip]:
    """In record order, each cut off where the next begins: roundings of fractional edges may touch."""
    ordered = sorted((clip for clip in clips if clip.record_in >= 0), key=lambda clip: clip.record_in)
    kept: list[SequenceClip] = []
    for clip in ordered:
        if kept and kept[-1].record_out > clip.record_in:
            shorter = replace(kept[-1], duration=clip.record_in - kept[-1].record_in)
            kept[-1:] = [shorter] if shorter.duration > 0 else []
        kept.append(clip)
    return kept


def _channels(seat: Seat, media: MediaFile) -> tuple[int, ...]:
    """Which channels of the media are heard: as Resolve says of the clip, else all of up to two."""
    resolve = (seat.node.get("metadata") or {}).get("Resolve_OTIO")
    written = resolve.get("Channels") if isinstance(resolve, dict) else None
    found: list[int] = []
    for channel in written if isinstance(written, list) else []:
        number = channel.get("Source Channel ID") if isinstance(channel, dict) else None
        if isinstance(number, (int, float)) and number >= 0:
            found.append(int(number) + 1)
    return tuple(found) or tuple(range(1, min(2, media.num_channels or 2) + 1))


def _link_of(node: Json) -> int | None:
    resolve = (node.get("metadata") or {}).get("Resolve_OTIO")
    number = resolve.get("Link Group ID") if isinstance(resolve, dict) else None
    return int(number) if isinstance(number, (int, float)) else None


def _foley_track(lane: TrackLane, files: MediaFiles) -> SequenceTrack:
    clips = [_foley_clip(placement, lane, files) for placement in lane.placements]
    return SequenceTrack("audio", lane.name, tuple(clips), num_channels=lane.num_channels)


def _foley_clip(placement: Placement, lane: TrackLane, files: MediaFiles) -> SequenceClip:
    media = files.take(placement.wav)
    rate = media.start.rate
    return SequenceClip(
        place="",
        name=media.name,
        media=media,
        record_in=placement.record_frame,
        duration=placement.duration_frames,
        source_in=placement.head_frames / rate,
        enabled=placement.enabled,
        channels=tuple(range(1, placement.num_channels + 1)),
        role=role_of(placement.track_name),
        gain_db=placement.gain_db,
        marks=tuple(
            Mark(placement.record_frame + frame - placement.head_frames, "hit", note=media.name)
            for frame in placement.hit_frames
            if 0 <= frame - placement.head_frames < placement.duration_frames
        ),
    )


def role_of(track_name: str) -> str:
    """A subrole of effects: "foley" of "Foley", "foley-footsteps" of "FOLEY – Footsteps"."""
    words = "".join(sign if sign.isalnum() else " " for sign in track_name.lower()).split()
    return "-".join(words if words[:1] == ["foley"] else ["foley", *words])


def _size(tracks: list[SequenceTrack]) -> tuple[int, int]:
    """Of the first picture of the cut."""
    for track in tracks:
        for clip in track.clips:
            if clip.media.has_picture:
                return clip.media.width, clip.media.height
    return DEFAULT_SIZE
