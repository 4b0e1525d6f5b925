"""CMX 3600 edit decision lists, by OpenTimelineIO's adapter.

An EDL names no frame rate, and the adapter wants events in record order, knows no `FCM: DROP FRAME` and
puts record times into the tracks' source ranges. That is mended before and after it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fractions import Fraction

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.adapters import json_of_string
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.parts import external_json, gap_json, time_json
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.rates import exact
from foley_plugin.timeline.timeline_rate import active_reference

MAX_EVENTS = 100_000
DROP_FRAME_RATE = Fraction(30000, 1001)
RATES_BY_HIGHEST_FRAME = ((23, 24), (24, 25), (29, 30), (49, 50), (59, 60))

MEDIA_SUFFIX = re.compile(
    r"\.(mov|mp4|m4v|mxf|avi|mkv|mts|m2ts|webm|r3d|braw|ari|arx|dng|wav|aiff?)", re.IGNORECASE
)

_TIMECODE = r"\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3}"
_EVENT = re.compile(rf"^\d+\s.*?((?:{_TIMECODE}\s*){{4}})$")
_ANY_TIMECODE = re.compile(r"(\d{1,2})[:;.](\d{2})[:;.](\d{2})([:;.,])(\d{2,3})")


def converted_edl(raw: bytes, file_name: str, rate: Fraction | None) -> Converted:
    """The list as a timeline that starts at its first record time.

    Args:
        rate: frames a second, where the user gave it.

    Raises:
        TimelineError: any of its leaves.
    """
    lines = [line.strip() for line in _text(raw).splitlines() if line.strip()]
    events = list(_events(lines))
    if not any(_EVENT.match(event[0]) for event in events):
        raise TimelineUnreadable(f"{file_name} is an EDL without events; export the cut again.")
    if len(events) > MAX_EVENTS:
        raise TimelineTooLarge(f"{file_name} has more than {MAX_EVENTS} events; export a shorter part.")
    is_drop = _is_drop_frame(lines)
    chosen, notices = _rate(lines, is_drop, rate, file_name)
    text = "\n".join([*_title(lines), *_in_record_order(events, is_drop)])
    root = json_of_string(text, "cmx_3600", "an EDL", file_name, rate=float(chosen))
    _mend(root, chosen)
    return Converted(root, tuple(notices), is_drop)


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
        if line[0].isdigit() and _ANY_TIMECODE.search(line):
            if event:
                yield event
            event = [line]
        elif event and not line.upper().startswith(("TITLE:", "FCM:", "SPLIT:")):
            event.append(line)
    if event:
        yield event


def _is_drop_frame(lines: list[str]) -> bool:
    modes = [line.upper() for line in lines if line.upper().startswith("FCM:")]
    if modes:
        return "NON" not in modes[0] and "DROP" in modes[0]
    return any(
        ";" in match[0] for line in lines if _EVENT.match(line) for match in _ANY_TIMECODE.finditer(line)
    )


def _rate(
    lines: list[str], is_drop: bool, given: Fraction | None, file_name: str
) -> tuple[Fraction, list[str]]:
    """The user's rate, else what drop-frame or the highest frame number tells."""
    if given is not None:
        return given, []
    if is_drop:
        return DROP_FRAME_RATE, []
    frames = [int(match[5]) for line in lines if _EVENT.match(line) for match in _ANY_TIMECODE.finditer(line)]
    highest = max(frames, default=0)
    rate = next((rate for limit, rate in RATES_BY_HIGHEST_FRAME if highest <= limit), 0)
    if rate == 0:
        raise TimelineUnreadable(
            f"{file_name} counts up to frame {highest} in a second; give its rate by --rate."
        )
    notice = (
        f"{file_name} names no frame rate; {rate} frames a second are assumed, since its highest frame number "
        f"is {highest}. Give another by --rate."
    )
    return Fraction(rate), [notice]


def _in_record_order(events: list[list[str]], is_drop: bool) -> Iterator[str]:
    """The lines in record order, in the separators that the adapter reads; a transition's two lines stay."""
    groups: list[list[list[str]]] = []
    for event in events:
        number = event[0].split()[0]
        is_second = groups and groups[-1][-1][0].split()[0] == number
        if is_second:
            groups[-1].append(event)
        else:
            groups.append([event])
    groups.sort(key=lambda group: _record_in(group[0][0]))
    for group in groups:
        for event in group:
            yield from (_separated(line, is_drop) if _EVENT.match(line) else line for line in event)


def _record_in(line: str) -> tuple[int, ...]:
    found = list(_ANY_TIMECODE.finditer(line))[-4:]
    if len(found) < 4:
        return (0, 0, 0, 0)
    return tuple(int(found[2][part]) for part in (1, 2, 3, 5))


def _separated(line: str, is_drop: bool) -> str:
    separator = ";" if is_drop else ":"
    head, _, _ = line.partition(_ANY_TIMECODE.search(line)[0])  # type: ignore[index]
    codes = [
        f"{match[1]:0>2}:{match[2]}:{match[3]}{separator}{match[5]}" for match in _ANY_TIMECODE.finditer(line)
    ]
    return head + " ".join(codes)


def _mend(root: Json, rate: Fraction) -> None:
    """Record times as a start and gaps; media named by its file, where the list does."""
    tracks = [track for track in root["tracks"]["children"] if track.get("name") != "NONE"]
    root["tracks"]["children"] = tracks
    starts = [_first_record_time(track, rate) for track in tracks]
    origin = min(starts, default=Fraction(0))
    root["global_start_time"] = time_json(origin, rate)
    for track, start in zip(tracks, starts, strict=True):
        track["source_range"] = None
        if start > origin:
            track["children"].insert(0, gap_json(start - origin, rate))
        for item in track["children"]:
            _name_media(item)


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
