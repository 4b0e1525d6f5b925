"""Which moment of its media a clip shows at a moment of the cut, found the slow way.

Shares no code with the package: plain recursion over the timeline's JSON, one moment at a time, from the
settled meaning of the format: an item plays its source range; a range's duration is record time, a retime
decides how much of the source goes by meanwhile; what plays in reverse starts at the far end of what it
uses; a dissolve lengthens both its neighbours; a nest's time is the time of what is inside.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

Json = dict[str, Any]
ZERO = Fraction(0)


class OffTheCurve(Exception):
    """A moment before the first or after the last key frame of an eased ramp, of which nothing is settled."""


NTSC = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "59.94": Fraction(60000, 1001),
}


def exact_rate(written: float) -> Fraction:
    for spelling, rate in NTSC.items():
        if f"{written:.2f}" == f"{float(spelling):.2f}":
            return rate
    return Fraction(str(written))


def seconds(time: Json) -> Fraction:
    return _seconds(time["value"], time["rate"])


@cache
def _seconds(value: float, rate: float) -> Fraction:
    return Fraction(str(value)) / exact_rate(rate)


def shown(root: Json, name: str, time: Fraction, media_duration: Fraction) -> Fraction | None:
    """Seconds after the first frame of its media that the clip `name` shows at `time`; None where unseen."""
    stack = root["tracks"]
    return _in_composition(stack, name, _played(stack, time, None), media_duration)


def _in_composition(composition: Json, name: str, time: Fraction, media_s: Fraction) -> Fraction | None:
    """`time` is the composition's own inside time."""
    if composition["OTIO_SCHEMA"].startswith("Track"):
        return _in_track(composition["children"], name, time, media_s)
    for layer in composition["children"]:
        if layer["OTIO_SCHEMA"].startswith("Track"):
            window = layer["source_range"]
            inside = _played(layer, time, None)
            if window is not None and not ZERO <= time < seconds(window["duration"]):
                continue
            found = _in_track(layer["children"], name, inside, media_s)
        else:
            found = _in_track([layer], name, time, media_s)
        if found is not None:
            return found
    return None


def _in_track(children: list[Json], name: str, time: Fraction, media_s: Fraction) -> Fraction | None:
    at = ZERO
    for place, child in enumerate(children):
        if child["OTIO_SCHEMA"].startswith("Transition"):
            continue
        length = _length(child)
        head, tail = ZERO, ZERO
        if place > 0 and children[place - 1]["OTIO_SCHEMA"].startswith("Transition"):
            head = seconds(children[place - 1]["in_offset"])
        if place + 1 < len(children) and children[place + 1]["OTIO_SCHEMA"].startswith("Transition"):
            tail = seconds(children[place + 1]["out_offset"])
        if at - head <= time < at + length + tail:
            is_in_dissolve = not at <= time < at + length
            found = _in_item(child, name, time - at, is_in_dissolve, media_s)
            if found is not None:
                return found
        at += length
    return None


def _in_item(
    child: Json, name: str, local: Fraction, is_in_dissolve: bool, media_s: Fraction
) -> Fraction | None:
    schema = child["OTIO_SCHEMA"]
    if schema.startswith("Gap"):
        return None
    if not schema.startswith("Clip"):
        return _in_composition(child, name, _played(child, local, None), media_s)
    if child["name"] != name:
        return None
    media_start = _media_start(child)
    in_media = _played(child, local, media_start) - media_start
    if is_in_dissolve and not ZERO <= in_media <= media_s:
        return None  # the media has no more pictures to dissolve with
    return in_media


def _played(item: Json, local: Fraction, media_start: Fraction | None) -> Fraction:
    """The item's source time, `local` seconds after its start on the timeline."""
    span = item["source_range"]
    start = seconds(span["start_time"]) if span is not None else (media_start or ZERO)
    duration = _length(item)
    speed = Fraction(1)
    for effect in item.get("effects", []):
        kind = effect["OTIO_SCHEMA"]
        if kind.startswith("FreezeFrame"):
            speed = ZERO
        elif kind.startswith("LinearTimeWarp"):
            speed *= Fraction(str(effect["time_scalar"]))
        elif kind.startswith("TimeEffect"):
            keys = effect["metadata"]["Resolve_OTIO"]["Key Frames"]
            return _on_ramp(keys, start, local, start if media_start is None else media_start)
    if speed < 0:
        return start + duration * -speed + local * speed
    return start + local * speed


def _on_ramp(keys: list[list[Any]], start: Fraction, local: Fraction, origin: Fraction) -> Fraction:
    trimmed_s = start - origin
    if not Fraction(str(keys[0][0])) <= trimmed_s < Fraction(str(keys[-1][0])):
        trimmed_s = Fraction(str(keys[0][0]))
    time = trimmed_s + local
    for before, after in pairwise(keys):  # noqa: B007
        if time < Fraction(str(after[0])) or after is keys[-1]:
            break
    return origin + _between(before, after, time)


def _between(before: list[Any], after: list[Any], time: Fraction) -> Fraction:
    t0, s0, t3, s3 = (Fraction(str(number)) for number in (*before[:2], *after[:2]))
    handles = (*before[5:7], *after[3:5]) if len(before) > 6 else (0, 0, 0, 0)
    if not any(handles):
        return s0 + (time - t0) * (s3 - s0) / (t3 - t0)
    out_t, out_s, in_t, in_s = (Fraction(str(number)) for number in handles)
    if not t0 <= time <= t3:
        raise OffTheCurve
    times = [float(each) for each in (t0, t0 + out_t, t3 + in_t, t3)]
    sources = [float(each) for each in (s0, s0 + out_s, s3 + in_s, s3)]
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if _cubic(times, middle) < time:
            low = middle
        else:
            high = middle
    return Fraction(_cubic(sources, low))


def _cubic(points: list[float], u: float) -> float:
    """De Casteljau's way: lines between points between lines."""
    while len(points) > 1:
        points = [a + (b - a) * u for a, b in pairwise(points)]
    return points[0]


def _length(item: Json) -> Fraction:
    span = item["source_range"]
    if span is not None:
        return seconds(span["duration"])
    if item["OTIO_SCHEMA"].startswith("Clip"):
        return seconds(_reference(item)["available_range"]["duration"])
    lengths = [_length(child) for child in item["children"] if "in_offset" not in child]
    if item["OTIO_SCHEMA"].startswith("Track"):
        return sum(lengths, ZERO)
    return max(lengths, default=ZERO)


def _reference(clip: Json) -> Json:
    reference: Json = clip["media_references"]["DEFAULT_MEDIA"]
    return reference


def _media_start(clip: Json) -> Fraction:
    """The first frame's timecode: the timeline's word, else the file's, which the test wrote beside it."""
    available = _reference(clip)["available_range"]
    if available is not None:
        return seconds(available["start_time"])
    return Fraction(_reference(clip)["metadata"]["test"]["start"])
