"""New audio tracks in a timeline's JSON, and nothing else changed.

    tracks  V1 [clip][clip]      tracks  V1 [clip][clip]
            A1 [clip     ]  ->           A1 [clip     ]
                                         Foley [gap][take][gap][take]

Where the stack of tracks is itself trimmed, the first gap is longer by what is cut off before.
Take the new tracks out and the JSON equals the source, which an OpenTimelineIO round trip does not give.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fractions import Fraction

from foley_plugin.nle.target import NleTarget
from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.json_times import ZERO, retime_in, span_in
from foley_plugin.timeline.lanes import TrackLane, lanes_of
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.retime import Retime, UnreadableRetime
from foley_plugin.timeline.timeline_rate import timeline_rate

PROVENANCE = "foley"
"""The metadata key of everything that is ours."""


def timeline_with_foley(timeline: Json, placements: Sequence[Placement], target: NleTarget) -> Json:
    """A copy of a parsed timeline with the takes on new audio tracks after all others.

    Raises:
        BadTime: the stack's own trim is no time.
        WriteRefused: the stack itself is retimed, or a take would lie before its beginning.
    """
    rate = timeline_rate(timeline)
    takes_clip_1 = _has_old_clips(timeline)
    stack = timeline["tracks"]
    first_frame = _first_frame(stack, rate.exact)
    tracks = [_track(lane, first_frame, rate.written, target, takes_clip_1) for lane in lanes_of(placements)]
    return timeline | {"tracks": stack | {"children": [*stack.get("children", []), *tracks]}}


def timeline_without_foley(timeline: Json) -> Json:
    """A copy without any track of ours."""
    stack = timeline["tracks"]
    kept = [track for track in stack.get("children", []) if not is_foley_track(track)]
    return timeline | {"tracks": stack | {"children": kept}}


def has_foley_tracks(timeline: Json) -> bool:
    """Whether foley wrote this timeline."""
    children = (timeline.get("tracks") or {}).get("children") or []
    return any(isinstance(track, dict) and is_foley_track(track) for track in children)


def is_foley_track(track: Json) -> bool:
    metadata = track.get("metadata")
    return isinstance(metadata, dict) and PROVENANCE in metadata


def _first_frame(stack: Json, rate: Fraction) -> Fraction:
    """Where record time zero lies in the stack's own time: a trimmed stack begins later."""
    try:
        is_retimed = retime_in(stack) != Retime()
    except UnreadableRetime:
        is_retimed = True
    if is_retimed:
        raise WriteRefused(
            "The timeline as a whole is retimed, which would retime new tracks too; "
            "take that off in your editor and export the cut again."
        )
    window = span_in(stack.get("source_range"), "The timeline")
    return window.start * rate if window else ZERO


def _track(
    lane: TrackLane, first_frame: Fraction, rate: float, target: NleTarget, takes_clip_1: bool
) -> Json:
    children: list[Json] = []
    at = -first_frame
    for placement in lane.placements:
        if placement.record_frame < at:
            raise WriteRefused(
                f"The take {_file_name(placement)} would lie before the timeline's tracks begin; "
                "leave it out, or take the trim off the timeline in your editor."
            )
        if placement.record_frame > at:
            children.append(_gap(placement.record_frame - at, rate))
        children.append(_clip(placement, rate, target, takes_clip_1))
        at = Fraction(placement.record_frame + placement.duration_frames)
    return {
        "OTIO_SCHEMA": "Track.1",
        "metadata": target.track_metadata(lane.num_channels) | {PROVENANCE: {"lane": lane.number}},
        "name": lane.name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": children,
        "kind": "Audio",
    }


def _gap(frames: Fraction, rate: float) -> Json:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": _range(0, frames, rate),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _clip(placement: Placement, rate: float, target: NleTarget, takes_clip_1: bool) -> Json:
    """Clip and reference bear the file's name with its extension: Resolve finds media by it."""
    file_name = _file_name(placement)
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": file_name,
        "available_range": _range(0, placement.wav_frames, rate),
        "available_image_bounds": None,
        "target_url": placement.wav,
    }
    clip: Json = {
        "OTIO_SCHEMA": "Clip.1" if takes_clip_1 else "Clip.2",
        "metadata": target.clip_metadata(placement.num_channels) | {PROVENANCE: placement.metadata},
        "name": file_name,
        "source_range": _range(placement.head_frames, placement.duration_frames, rate),
        "effects": target.gain_effects(placement.gain_db),
        "markers": [_marker(frame, file_name, rate) for frame in placement.hit_frames],
        "enabled": placement.enabled,
    }
    if takes_clip_1:
        return clip | {"media_reference": reference}
    return clip | {
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _marker(frame: int, file_name: str, rate: float) -> Json:
    """A hit, in the time of the WAV."""
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {PROVENANCE: {"take": file_name}},
        "name": "hit",
        "color": "RED",
        "marked_range": _range(frame, 1, rate),
    }


def _file_name(placement: Placement) -> str:
    return re.split(r"[\\/]", placement.wav)[-1]


def _range(start: int, duration: Fraction | int, rate: float) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": _time(duration, rate),
        "start_time": _time(start, rate),
    }


def _time(value: Fraction | int, rate: float) -> Json:
    """Resolve wants a decimal point."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def _has_old_clips(timeline: Json) -> bool:
    """Whether all the timeline's clips are of the old schema: its readers may know no other."""
    versions: set[str] = set()
    pending: list[Json] = [timeline["tracks"]]
    while pending:
        item = pending.pop()
        if schema_name(item) == "Clip":
            versions.add(str(item["OTIO_SCHEMA"]))
        pending += item.get("children", [])
    return versions == {"Clip.1"}


def is_absolute(path: str) -> bool:
    """Plain and absolute, on the system that runs this."""
    return os.path.isabs(path) and "\0" not in path
