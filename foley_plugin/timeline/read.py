"""Reads a timeline into a `CutRecord`. Runs in the timeline child: see `client.read_cut`."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from engine.protocol import rational
from foley_plugin.timeline.document import Document, brief, read_document, the_timeline, timelines_in
from foley_plugin.timeline.errors import BadTime, TimelineUnreadable
from foley_plugin.timeline.guards import Json, check_known, check_schemas, schema_name
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.rates import NotATime, seconds, tidy
from foley_plugin.timeline.records import AS_IT_STANDS, CutRecord, Reading
from foley_plugin.timeline.references import text_of
from foley_plugin.timeline.surgery import has_foley_tracks
from foley_plugin.timeline.timecode import counts_drop_frame, has_drop_frame
from foley_plugin.timeline.timeline_rate import timeline_rate
from foley_plugin.timeline.twins import with_twins
from foley_plugin.timeline.walk import CutWalk


def cut_record(path: Path, shelf: MediaShelf | None = None, reading: Reading = AS_IT_STANDS) -> CutRecord:
    """Read a timeline file and look its media up.

    Raises:
        TimelineError: any of its leaves; the message is one sentence.
    """
    path = Path(os.path.abspath(path))
    document = read_document(path, reading)
    check_schemas(document.root, otio.core.type_version_map(), path.name)
    root = _deserialized(document, path.name)
    timeline, timeline_json = _timeline(root, document.root, path.name, document.sequence)
    is_timeline = timeline.schema_name() == "Timeline"
    rate = timeline_rate(timeline_json if is_timeline else _as_timeline(timeline_json))
    start = _start(timeline) if is_timeline else Fraction(0)
    shelf = shelf or MediaShelf()
    walk = CutWalk(str(path.parent), "Resolve_OTIO" in timeline.metadata, rate.exact, shelf)
    walk.read(timeline.tracks if is_timeline else timeline)
    notices = [*document.notices, *walk.notices, *shelf.notices]
    if rate.is_guess:
        notices.insert(0, "The timeline names no frame rate; 24 frames a second are assumed.")
    if document.has_broken_text:
        notices.insert(0, "Some names in the timeline are not valid text; they are shown with signs for it.")
    if not is_timeline:
        kind = timeline.schema_name()
        notices.insert(0, f"{path.name} holds a {kind}, not a timeline: it can be read, not written back.")
    return CutRecord(
        path=str(path),
        name=text_of(lambda: timeline.name) or path.stem,
        rate=rational(rate.exact),
        start=rational(tidy(start)),
        drop_frame=_counts_drop_frame(document, start * rate.exact, rate.exact),
        duration=rational(tidy(walk.duration)),
        tracks=walk.tracks,
        clips=with_twins(walk.clips),
        notices=notices,
        source_sha256=document.sha256,
        format=document.format.value,
        reading=reading,
        has_foley=is_timeline and has_foley_tracks(timeline_json),
    )


def _counts_drop_frame(document: Document, start_frames: Fraction, rate: Fraction) -> bool:
    """By the file's own word, else by its start."""
    if document.drop_frame is None:
        return counts_drop_frame(start_frames, rate)
    return document.drop_frame and has_drop_frame(rate)


def _deserialized(document: Document, file_name: str) -> Any:
    text = document.text
    if document.has_broken_text:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        root = otio.core.deserialize_json_from_string(text)
    except Exception as error:  # OTIO raises KeyError, ValueError, TypeError and its own
        check_known(document.root, otio.core.type_version_map(), file_name)
        raise TimelineUnreadable(
            f"{file_name} cannot be read by OpenTimelineIO ({_without_types(error)}); export the cut again."
        ) from None
    if not isinstance(root, otio.core.SerializableObject):
        raise TimelineUnreadable(f"{file_name} is not an OpenTimelineIO timeline; export the cut as .otio.")
    return root


def _without_types(error: Exception) -> str:
    """OpenTimelineIO's words without the C++ names in them."""
    return brief(Exception(re.sub(r" \(of type '[^']*'\)", "", str(error)))).strip("'\" ")


def _timeline(root: Any, root_json: Json, file_name: str, wanted: str | None) -> tuple[Any, Json]:
    """The timeline to read, as an object and as JSON; a lone clip, track or stack stands for itself."""
    if isinstance(root, (otio.schema.Clip, otio.schema.Track, otio.schema.Stack)):
        return root, root_json
    timeline_json = the_timeline(root_json, file_name, wanted)
    while not isinstance(root, otio.schema.Timeline):
        holders = zip(root, root_json["children"], strict=True)
        root, root_json = next(pair for pair in holders if _holds(pair[1], timeline_json))
    return root, timeline_json


def _holds(node: Json, timeline: Json) -> bool:
    return any(each is timeline for each in timelines_in(node))


def _as_timeline(root: Json) -> Json:
    """A lone item in the shape of a timeline, for its rate."""
    if schema_name(root) == "Stack":
        return {"tracks": root}
    if schema_name(root) == "Track":
        return {"tracks": {"children": [root]}}
    return {"tracks": {"children": [{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [root]}]}}


def _start(timeline: Any) -> Fraction:
    start = timeline.global_start_time
    if start is None or start.value == 0:
        return Fraction(0)
    try:
        return seconds(start.value, start.rate)
    except NotATime as error:
        raise BadTime(f"The timeline's start has {error}; correct it and export the cut again.") from None
