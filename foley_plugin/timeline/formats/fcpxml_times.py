"""Times, speeds and frame rates of FCPXML: rational seconds such as "1001/24000s"."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from foley_plugin.timeline.errors import BadTime
from foley_plugin.timeline.formats.xml_tree import shown
from foley_plugin.timeline.rates import NotATime, snapped_rate

MAX_SECONDS = 10**7
_TIME = re.compile(r"(-?\d{1,20})(?:/(\d{1,12})|\.(\d{1,12}))?s?")

FILM_FAMILY = (24, 25, 48, 50, 96, 100)
"""Nominal rates that Final Cut fits frame by frame when it conforms one to another."""


def whose(element: Element) -> str:
    """An element at the head of a sentence."""
    name = shown(element.get("name"))
    return f"“{name}” ({element.tag})" if name else f"A {shown(element.tag)} without a name"


def parsed_time(text: str, subject: str) -> Fraction:
    """Exact seconds.

    Raises:
        BadTime: not a time; names `subject`.
    """
    match = _TIME.fullmatch(text.strip())
    if match is not None:
        whole, denominator, decimals = match.groups()
        divisor = int(denominator or 1)
        exact_s = Fraction(f"{whole}.{decimals or 0}") / divisor if divisor else None
        if exact_s is not None and abs(exact_s) <= MAX_SECONDS:
            return exact_s
    raise BadTime(f"{subject} has the time “{shown(text)}”; correct it in your editor and export again.")


def time_of(element: Element, attribute: str) -> Fraction | None:
    """An attribute's seconds, None where it is absent."""
    text = element.get(attribute)
    return None if text is None else parsed_time(text, whose(element))


def duration_of(element: Element, default: Fraction | None = None) -> Fraction:
    duration = time_of(element, "duration")
    duration = default if duration is None else duration
    if duration is None:
        raise BadTime(f"{whose(element)} has no duration; export the cut again from your editor.")
    if duration < 0:
        raise BadTime(f"{whose(element)} has a negative duration; correct it and export the cut again.")
    return duration


def rate_of_frame_duration(text: str, subject: str) -> Fraction:
    frame_s = parsed_time(text, subject)
    try:
        return snapped_rate(float(1 / frame_s))
    except (NotATime, ZeroDivisionError):
        raise BadTime(
            f"{subject} has a frame duration of “{shown(text)}”; export the cut again from your editor."
        ) from None


def conform_speed(element: Element, timeline_rate: Fraction) -> Fraction:
    """Media seconds a second that Final Cut's frame-rate conform plays; 1 without one.

    Film and PAL rates are fitted frame by frame: 25 in a timeline of 24 plays at 24/25. Others keep
    their speed but for the NTSC thousandth: 29.97 in 24 plays at 1001/1000.
    """
    conform = element.find("conform-rate")
    if conform is None or conform.get("scaleEnabled", "1") == "0" or conform.get("srcFrameRate") is None:
        return Fraction(1)
    try:
        media_rate = snapped_rate(float(conform.get("srcFrameRate", "")))
    except (ValueError, NotATime):
        raise BadTime(
            f"{whose(element)} is conformed from the frame rate “{shown(conform.get('srcFrameRate'))}”; "
            "correct it in your editor and export again."
        ) from None
    nominal = round(timeline_rate), round(media_rate)
    if all(each in FILM_FAMILY for each in nominal):
        return (timeline_rate / _doubling(nominal[0])) / (media_rate / _doubling(nominal[1]))
    return (timeline_rate / nominal[0]) / (media_rate / nominal[1])


def _doubling(nominal: int) -> int:
    return 4 if nominal >= 96 else 2 if nominal >= 48 else 1


Points = list[tuple[Fraction, Fraction]]


def time_map(element: Element) -> Points:
    """The (retimed, original) seconds of a clip's `timeMap`, in order; empty without one.

    Raises:
        BadTime: times that do not advance.
    """
    found = element.find("timeMap")
    if found is None:
        return []
    points = [
        (
            parsed_time(each.get("time", ""), whose(element)),
            parsed_time(each.get("value", ""), whose(element)),
        )
        for each in found.findall("timept")
    ]
    if len(points) < 2 or any(later[0] <= earlier[0] for earlier, later in pairwise(points)):
        raise BadTime(
            f"{whose(element)} has a speed change whose points do not advance; "
            "set its speed anew in your editor and export again."
        )
    return points


def speeds_of(points: Points) -> set[Fraction]:
    return {(v1 - v0) / (t1 - t0) for (t0, v0), (t1, v1) in pairwise(points)}
