"""CMX 3600 edit decision lists, by OpenTimelineIO's adapter.

An EDL names no frame rate, and the adapter wants events in record order, knows no `FCM: DROP FRAME`, refuses
a track that fades in and puts record times into the tracks' source ranges. That is mended before and after it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fractions import Fraction

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.adapters import json_of_string
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.edl_speeds import is_motion, motion_fps, motion_lines, put_speed_in_force
from foley_plugin.timeline.formats.edl_timecodes import (
    Counting,
    codes_of,
    counting_of,
    has_timecode,
    numbers_of,
    rate_of,
    respelled,
)
from foley_plugin.timeline.formats.parts import external_json, gap_json, time_json
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.rates import exact
from foley_plugin.timeline.timeline_rate import active_reference

MAX_EVENTS = 100_000
MAX_NUMBER = 1_000_000_000
"""Above every event's number."""

MEDIA_SUFFIX = re.compile(
    r"\.(mov|mp4|m4v|mxf|avi|mkv|mts|m2ts|webm|r3d|braw|ari|arx|dng|wav|aiff?)", re.IGNORECASE
)

_SEAT = "what the first transition of a track comes from"
"""The name of the empty clip that is put before each transition, which the adapter wants something before."""

Group = list[list[str]]
"""An event's lines, or those of both events of a transition."""


def converted_edl(raw: bytes, file_name: str, rate: Fraction | None) -> Converted:
    """The list as a timeline that starts at its first record time.

    Args:
        rate: frames a second, where the user gave it.

    Raises:
        TimelineError: any of its leaves.
    """
    lines = [line.strip() for line in _text(raw).splitlines() if line.strip()]
    events = list(_events(lines))
    if not any(codes_of(event[0]) for event in events):
        raise TimelineUnreadable(f"{file_name} is an EDL without events; export the cut again.")
    if len(events) > MAX_EVENTS:
        raise TimelineTooLarge(f"{file_name} has more than {MAX_EVENTS} events; export a shorter part.")
    counting = counting_of(lines)
    chosen, notices = rate_of(counting, rate, file_name)
    text = "\n".join([*_title(lines), *_for_the_adapter(events, counting, chosen, notices)])
    root = json_of_string(text, "cmx_3600", "an EDL", file_name, rate=float(chosen))
    _mend(root, chosen)
    return Converted(root, tuple(notices), counting.drop_frame)


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _title(lines: list[str]) -> list[str]:
    return [line for line in lines if line.upper().startswith("TITLE:")][:1]


def _events(lines: list[str]) -> Iterator[list[str]]:
    """Each event's lines with its comments; what stands before the first is not passed on."""
    event: list[str] = []
    for line in lines:
        if line[0].isdigit() and has_timecode(line):
            if event:
                yield event
            event = [line]
        elif event and not line.upper().startswith(("TITLE:", "FCM:", "SPLIT:")):
            event.append(line)
    if event:
        yield event


def _for_the_adapter(
    events: list[list[str]], counting: Counting, rate: Fraction, notices: list[str]
) -> Iterator[str]:
    """The lines in record order, as the adapter reads them; adds to `notices` what cannot be read."""
    for number, group in enumerate(_in_record_order(events)):
        if len(group) > 1:
            yield from _seat(group, number, counting, rate)
        for line in (line for event in group for line in event if not is_motion(line)):
            yield respelled(line, counting, rate)
        try:
            fps = motion_fps(group)
        except ValueError:
            name = group[0][0].split()[0]
            notices.append(
                f"The speed change of “{name}” cannot be read; it is taken to play at normal speed."
            )
        else:
            yield from () if fps is None else motion_lines(fps)


def _in_record_order(events: list[list[str]]) -> list[Group]:
    """A transition's two lines stay together."""
    groups: list[Group] = []
    for event in events:
        number = event[0].split()[0]
        is_second = groups and groups[-1][-1][0].split()[0] == number
        if is_second:
            groups[-1].append(event)
        else:
            groups.append([event])
    return sorted(groups, key=lambda group: _record_in(group[0][0]))


def _record_in(line: str) -> tuple[int, ...]:
    codes = codes_of(line)
    return numbers_of(codes[2]) if codes else (0, 0, 0, 0)


def _seat(group: Group, number: int, counting: Counting, rate: Fraction) -> Iterator[str]:
    """An event without length before a transition, on its channels, under a number of its own."""
    fields, codes = group[-1][0].split(), codes_of(group[-1][0])
    if not codes or len(fields) < 3:
        return
    line = f"{MAX_NUMBER + number}  BL  {fields[2]}  C  {codes[0]} {codes[0]} {codes[2]} {codes[2]}"
    yield respelled(line, counting, rate)
    yield f"* FROM CLIP NAME: {_SEAT}"


def _mend(root: Json, rate: Fraction) -> None:
    """Record times as a start and gaps; speeds in force; media named by its file, where the list does."""
    tracks = [track for track in root["tracks"]["children"] if track.get("name") != "NONE"]
    root["tracks"]["children"] = tracks
    for track in tracks:
        _take_seats_out(track)
    starts = [_first_record_time(track, rate) for track in tracks]
    origin = min(starts, default=Fraction(0))
    root["global_start_time"] = time_json(origin, rate)
    for track, start in zip(tracks, starts, strict=True):
        track["source_range"] = None
        if start > origin:
            track["children"].insert(0, gap_json(start - origin, rate))
        for item in track["children"]:
            put_speed_in_force(item, rate)
            _name_media(item)


def _take_seats_out(track: Json) -> None:
    """A track whose first clip fades in begins with that clip: there is nothing that it comes from."""
    items = [item for item in track["children"] if item.get("name") != _SEAT]
    fades_in = bool(items) and schema_name(items[0]) == "Transition"
    track["children"] = items[1:] if fades_in else items


def _first_record_time(track: Json, rate: Fraction) -> Fraction:
    """The adapter starts a track's source range at minus its first record time."""
    source_range = track.get("source_range")
    if not isinstance(source_range, dict):
        return Fraction(0)
    return -exact(float(source_range["start_time"]["value"])) / rate


def _name_media(item: Json) -> None:
    """A clip that is named after a file is looked for beside the list, by that name."""
    name = str(item.get("name") or "")
    is_file_name = MEDIA_SUFFIX.fullmatch(os.path.splitext(name)[1]) is not None
    if (
        schema_name(item) == "Clip"
        and schema_name(active_reference(item)) == "MissingReference"
        and is_file_name
    ):
        item["media_references"][item["active_media_reference_key"]] = external_json(name, name, None)
