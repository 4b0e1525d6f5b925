"""One clip of an FCPXML with its speed: the local, retimed time of the clip to the time of its media."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from foley_plugin.timeline.formats.fcpxml_resources import ZERO, Asset
from foley_plugin.timeline.formats.fcpxml_times import Points, conform_speed, speeds_of, time_map, time_of
from foley_plugin.timeline.formats.parts import clip_json, ramp_json, range_json, warp_json
from foley_plugin.timeline.formats.xml_tree import shown
from foley_plugin.timeline.guards import Json


def asset_clip(
    element: Element, asset: Asset, rate: Fraction, duration: Fraction, shift: Fraction = ZERO
) -> Json:
    """A clip of one media file.

    Args:
        shift: media time less the clip's local time.
    """
    start = time_of(element, "start")
    local = asset.start - shift if start is None else start
    source, effects = _source(element, asset, rate, local, duration, shift)
    source_range = range_json(source, duration, rate, asset.rate or rate)
    name = shown(element.get("name")) or asset.name
    return clip_json(name, source_range, asset.reference(rate)) | {"effects": effects}


def warped(stack: Json, element: Element, rate: Fraction, duration: Fraction, base: Fraction) -> Json:
    """A nest trimmed and retimed as its clip says; its own time begins at local time `base`."""
    start = time_of(element, "start")
    local = base if start is None else start
    points = time_map(element)
    speed = conform_speed(element, rate)
    if not points:
        source, effects = (local - base) * speed, _warp(speed)
    elif len(speeds_of(points)) == 1:
        speed_map = speeds_of(points).pop()
        source = _low(points, local, duration, speed_map) - base
        effects = _warp(speed_map)
    else:
        source, effects = local - base, [ramp_json([(t - base, v - base) for t, v in points])]
    return stack | {"source_range": range_json(source, duration, rate, rate), "effects": effects}


def _source(
    element: Element, asset: Asset, rate: Fraction, local: Fraction, duration: Fraction, shift: Fraction
) -> tuple[Fraction, list[Json]]:
    """Where in the media the clip's range begins, and its time effects."""
    speed = conform_speed(element, rate)
    points = _in_media(time_map(element), asset, local, duration, shift)
    if not points:
        scaled = (local + shift) * speed
        is_in_media = _overlaps(scaled, duration * speed, asset)
        return (scaled if is_in_media else local + shift), _warp(speed)
    if len(speeds_of(points)) == 1:
        slope = speeds_of(points).pop()
        low = _low(points, local + shift, duration, slope)
        return low, _warp(slope * speed)
    ramp = [(t - asset.start, (v - asset.start) * speed) for t, v in points]
    return local + shift, [ramp_json(ramp)]


def _in_media(points: Points, asset: Asset, local: Fraction, duration: Fraction, shift: Fraction) -> Points:
    """A time map in media time. Some writers count it from the media's first frame, not its timecode."""
    points = [(t + shift, v + shift) for t, v in points]
    if not points or asset.start == 0:
        return points
    if not _overlaps(min(v for _, v in points), max(Fraction(1), abs(points[-1][1] - points[0][1])), asset):
        points = [(t, v + asset.start) for t, v in points]
    if not points[0][0] <= local + shift <= points[-1][0] and points[0][0] < asset.start:
        points = [(t + asset.start, v) for t, v in points]
    return points


def _low(points: Points, local: Fraction, duration: Fraction, slope: Fraction) -> Fraction:
    """The smallest source time that is played at one speed: the end's, where it runs backwards."""
    (time, value), _ = next(pairwise(points))
    at = local + duration if slope < 0 else local
    return value + (at - time) * slope


def _overlaps(start: Fraction, duration: Fraction, asset: Asset) -> bool:
    if asset.duration == 0:
        return True
    return start < asset.start + asset.duration and asset.start < start + duration


def _warp(speed: Fraction) -> list[Json]:
    return [] if speed == 1 else [warp_json(speed)]
