"""What the xmeml adapter leaves in its metadata alone, put in force: speed, disabled, names, rate, drop-frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from foley_plugin.timeline.document_parts import timelines_in
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.parts import ramp_json, time_json, warp_json
from foley_plugin.timeline.formats.xml_tree import shown
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.rates import NotATime, exact, snapped_rate
from foley_plugin.timeline.timeline_rate import active_reference

MAX_SPEED_PERCENT = 1_000_000


def mended(root: Json, file_name: str) -> Converted:
    """The adapter's JSON with the rest of what the file says."""
    notices: dict[str, None] = {}
    drop_frame = set()
    for timeline in timelines_in(root):
        for item in _items(timeline["tracks"]):
            _mend_item(item, notices)
        _start_at_its_rate(timeline)
        timecode = _metadata(timeline).get("timecode")
        drop_frame.add(isinstance(timecode, dict) and timecode.get("displayformat") == "DF")
    return Converted(root, tuple(notices), drop_frame.pop() if len(drop_frame) == 1 else None)


def _items(composition: Json) -> Iterator[Json]:
    for child in composition.get("children", []):
        yield child
        yield from _items(child)


def _metadata(item: Json) -> Json:
    found = item.get("metadata", {}).get("fcp_xml")
    return found if isinstance(found, dict) else {}


def _start_at_its_rate(timeline: Json) -> None:
    """A sequence without the optional timecode starts at 0 and yet has a rate, which only a start can hold."""
    rate = _metadata(timeline).get("rate")
    if timeline.get("global_start_time") is not None or not isinstance(rate, dict):
        return
    try:
        timebase = exact(float(rate["timebase"]))
        is_ntsc = str(rate.get("ntsc", "")).strip().upper() == "TRUE"
        snapped = snapped_rate(float(timebase * Fraction(1000, 1001) if is_ntsc else timebase))
    except (NotATime, ValueError, TypeError, KeyError):
        return
    timeline["global_start_time"] = time_json(Fraction(0), snapped)


def _mend_item(item: Json, notices: dict[str, None]) -> None:
    metadata = _metadata(item)
    if str(metadata.get("enabled", "")).upper() == "FALSE":
        item["enabled"] = False
    if schema_name(item) == "Track":
        if metadata.pop("rate", None) and not metadata:
            del item["metadata"]["fcp_xml"]
        item["name"] = item.get("name") or str(metadata.get("@MZ.TrackName") or "")
    if schema_name(item) in ("Clip", "Stack") and item.get("effects"):
        _mend_speed(item, notices)


def _mend_speed(item: Json, notices: dict[str, None]) -> None:
    for effect in list(item["effects"]):
        metadata = _metadata(effect)
        if metadata.get("effectid") != "timeremap" and str(effect.get("name")) != "Time Remap":
            continue
        try:
            _retime(item, _parameters(metadata))
        except (NotATime, ValueError, TypeError, KeyError, ZeroDivisionError):
            name = shown(str(item.get("name")))
            notices[f"The speed change of “{name}” cannot be read; it is taken to play at normal speed."] = (
                None
            )


def _parameters(effect: Json) -> dict[str, Json]:
    found = effect.get("parameter", [])
    rows = found if isinstance(found, list) else [found]
    return {str(row.get("parameterid")): row for row in rows if isinstance(row, dict)}


def _retime(item: Json, parameters: dict[str, Json]) -> None:
    """An item's in-point counts in the retimed media: at 50 % it lies twice as far in.

    A ramp's key frames are (retimed frame, source frame) pairs.
    """
    source_range = item["source_range"]
    start, duration = source_range["start_time"], source_range["duration"]
    rate = snapped_rate(float(start["rate"]))
    media_start, media_duration = _media(item)
    in_s = exact(float(start["value"])) / rate - media_start
    length_s = exact(float(duration["value"])) / snapped_rate(float(duration["rate"]))
    if _is_true(parameters, "variablespeed"):
        points = _key_frames(parameters["graphdict"], rate)
        item["effects"].append(ramp_json(points))
        return
    speed = _speed(parameters)
    if speed == 1:
        return
    if speed < 0:
        source_s = (media_duration or (in_s + length_s) * -speed) - (in_s + length_s) * -speed
    else:
        source_s = in_s * speed
    start["value"] = float((media_start + source_s) * rate)
    item["effects"].append(warp_json(speed))


def _speed(parameters: dict[str, Json]) -> Fraction:
    percent = float(parameters["speed"]["value"])
    if not abs(percent) <= MAX_SPEED_PERCENT:
        raise NotATime(f"a speed of {percent}")
    speed = exact(percent) / 100
    return -abs(speed) if _is_true(parameters, "reverse") else speed


def _is_true(parameters: dict[str, Json], name: str) -> bool:
    return str(parameters.get(name, {}).get("value", "")).upper() in ("TRUE", "1")


def _key_frames(graph: Json, rate: Fraction) -> list[tuple[Fraction, Fraction]]:
    found: Any = graph["keyframe"]
    rows = found if isinstance(found, list) else [found]
    points = sorted((exact(float(row["when"])) / rate, exact(float(row["value"])) / rate) for row in rows)
    if len(points) < 2:
        raise ValueError("a ramp of one point")
    return points


def _media(item: Json) -> tuple[Fraction, Fraction | None]:
    """The media's first frame and its length, seconds; 0 and None where nothing says."""
    available = active_reference(item).get("available_range") if schema_name(item) == "Clip" else None
    if not isinstance(available, dict):
        return Fraction(0), None
    start, duration = available["start_time"], available["duration"]
    length = exact(float(duration["value"])) / snapped_rate(float(duration["rate"]))
    return exact(float(start["value"])) / snapped_rate(float(start["rate"])), length or None
