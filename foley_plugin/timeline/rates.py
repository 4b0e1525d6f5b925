"""Exact numbers out of a timeline's floats.

OpenTimelineIO keeps rates and values as doubles: 24000/1001 arrives as 23.976, 23.98 or 23.976023976.
Everything here turns them into fractions once, at the door.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

NTSC_NOMINALS = frozenset({12, 15, 24, 30, 48, 60, 72, 90, 96, 100, 120, 144, 240})
WHOLE_WITHIN = 0.001
NTSC_WITHIN = 0.0065
"""Frames a second; 23.98 and 23.97 are both taken for 24000/1001."""

MIN_RATE, MAX_RATE = 0.001, 1_000_000.0
MAX_DENOMINATOR = 1_000_000
MAX_WIRE_DENOMINATOR = 1_000_000_000
MAX_SECONDS = 4_000_000_000
MAX_VALUE = 1e12
"""No time value is larger: a year at 25 000 ticks a second."""


class NotATime(ValueError):
    """A number that cannot be a time; the message says which, without a full stop."""


@lru_cache(maxsize=256)
def snapped_rate(rate: float) -> Fraction:
    """The exact rate that a written one stands for.

    Raises:
        NotATime: not finite, not positive, absurdly low or high.

    >>> snapped_rate(23.98)
    Fraction(24000, 1001)
    >>> snapped_rate(12.5)
    Fraction(25, 2)
    """
    if not math.isfinite(rate) or not MIN_RATE <= rate <= MAX_RATE:
        raise NotATime(f"a frame rate of {rate:g}")
    whole = round(rate)
    if whole > 0 and abs(rate - whole) < WHOLE_WITHIN:
        return Fraction(whole)
    nominal = round(rate * 1001 / 1000)
    if nominal in NTSC_NOMINALS and abs(rate - nominal * 1000 / 1001) < NTSC_WITHIN:
        return Fraction(nominal * 1000, 1001)
    return Fraction(rate).limit_denominator(MAX_DENOMINATOR)


def exact(value: float) -> Fraction:
    """A value as its writer meant it: 100.05 is 2001/20, not the nearest double.

    Raises:
        NotATime: not finite or absurdly large.
    """
    if not math.isfinite(value) or abs(value) > MAX_VALUE:
        raise NotATime(f"a time of {value:g}")
    return Fraction(value).limit_denominator(MAX_DENOMINATOR)


@lru_cache(maxsize=65536)
def seconds(value: float, rate: float) -> Fraction:
    """`value` ticks at `rate`, in exact seconds.

    Raises:
        NotATime: either is no number, or they come to more than a century.
    """
    time_s = exact(value) / snapped_rate(rate)
    if abs(time_s) > MAX_SECONDS:
        raise NotATime(f"a time of {float(time_s):g} s")
    return time_s


def tidy(time_s: Fraction) -> Fraction:
    """The same time with a denominator that every JSON reader holds (off by 1e-9 s at the most)."""
    return (
        time_s
        if time_s.denominator <= MAX_WIRE_DENOMINATOR
        else time_s.limit_denominator(MAX_WIRE_DENOMINATOR)
    )
