"""CMX 3600 edit decision lists, by OpenTimelineIO's adapter.

An EDL names no frame rate, and the adapter wants events in record order and of one channel, knows no
`FCM: DROP FRAME`, refuses a track that fades in and puts record times into the tracks' source ranges. That is
mended before and after it.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.adapters import json_of_string
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.edl_events import CUT, Event, Group, comment_lines, groups_of
from foley_plugin.timeline.formats.edl_speeds import is_motion, motion_fps, motion_lines, put_speed_in_force
from foley_plugin.timeline.formats.edl_timecodes import counting_of, rate_of, respelled
from foley_plugin.timeline.formats.parts import external_json, gap_json, time_json
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.rates import exact
from foley_plugin.timeline.timeline_rate import active_reference

MAX_EVENTS = 100_000
FIRST_NUMBER = 10**15
"""Above every number in a list, so that one in a name is known for what it is."""

MEDIA_SUFFIX = re.compile(
    r"\.(mov|mp4|m4v|mxf|avi|mkv|mts|m2ts|webm|r3d|braw|ari|arx|dng|wav|aiff?)", re.IGNORECASE
)

_SEAT_NUMBER = "0"
_SEAT = "what the first transition of a track comes from"
"""The name of the empty clip that is put before each transition, which the adapter wants something before."""


def converted_edl(raw: bytes, file_name: str, rate: Fraction | None) -> Converted:
    """The list as a timeline that starts at its first record time.

    Args:
        rate: frames a second, where the user gave it.

    Raises:
        TimelineError: any of its leaves.
    """
    lines = [line.strip() for line in _text(raw).splitlines() if line.strip()]
    groups = _numbered(lines, file_name)
    counting = counting_of(lines)
    chosen, notices = rate_of(counting, rate, file_name)
    spelled = functools.partial(respelled, counting=counting, rate=chosen)
    text = "\n".join([*_title(lines), *_for_the_adapter(groups, spelled, notices)])
    try:
        root = json_of_string(text, "cmx_3600", "an EDL", file_name, rate=float(chosen))
    except TimelineUnreadable as unreadable:
        raise TimelineUnreadable(_with_own_numbers(unreadable.sentence, groups)) from None
    _mend(root, groups, chosen)
    return Converted(root, tuple(notices), counting.drop_frame)


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _numbered(lines: list[str], file_name: str) -> dict[str, Group]:
    """The events by numbers of their own: the adapter takes neighbours of one number for a transition."""
    try:
        groups = groups_of(lines)
    except ValueError as not_an_event:
        (line,) = not_an_event.args
        raise TimelineUnreadable(
            f"{file_name} has an event that cannot be read (“{line[:80]}”); export the cut again, or export it as OTIO."
        ) from None
    if not groups:
        raise TimelineUnreadable(f"{file_name} is an EDL without events; export the cut again.")
    if len(groups) > MAX_EVENTS:
        raise TimelineTooLarge(f"{file_name} has more than {MAX_EVENTS} events; export a shorter part.")
    return {str(FIRST_NUMBER + index): group for index, group in enumerate(groups)}


def _title(lines: list[str]) -> list[str]:
    return [line for line in lines if line.upper().startswith("TITLE:")][:1]


def _for_the_adapter(
    groups: dict[str, Group], spelled: Callable[[Sequence[str]], str], notices: list[str]
) -> Iterator[str]:
    """The lines as the adapter reads them; adds to `notices` what cannot be read.

    Args:
        groups: by a number of each one's own.
        spelled: an event's codes as the adapter reads them.
    """
    for number, group in groups.items():
        if len(group) > 1:
            yield _line(_seat(group[-1]), _SEAT_NUMBER, spelled)
            yield f"* FROM CLIP NAME: {_SEAT}"
        yield from (_line(event, number, spelled) for event in group)
        yield from (line for event in group for line in comment_lines(event) if not is_motion(line))
        try:
            fps = motion_fps(group)
        except ValueError:
            notice = f"The speed change of “{group[0].number}” cannot be read; it is taken to play at normal speed."
            if notice not in notices:
                notices.append(notice)
        else:
            yield from () if fps is None else motion_lines(fps)


def _line(event: Event, number: str, spelled: Callable[[Sequence[str]], str]) -> str:
    return " ".join((number, event.reel, event.channel, event.edit, event.frames, spelled(event.codes)))


def _seat(incoming: Event) -> Event:
    """An event without length before a transition, on its channel."""
    source_in, _, record_in, _ = incoming.codes
    return Event(_SEAT_NUMBER, "BL", incoming.channel, CUT, "", (source_in, source_in, record_in, record_in))


def _mend(root: Json, groups: dict[str, Group], rate: Fraction) -> None:
    """Record times as a start and gaps; speeds in force; the list's numbers; media named by its file."""
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
            item["name"] = _with_own_numbers(str(item.get("name") or ""), groups)
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


def _with_own_numbers(text: str, groups: dict[str, Group]) -> str:
    """What has no name is called by its event's number, also in a transition's name and in errors."""
    return re.sub(r"\b\d{16}\b", lambda found: _own_number(found[0], groups), text)


def _own_number(number: str, groups: dict[str, Group]) -> str:
    return groups[number][0].number if number in groups else number


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
