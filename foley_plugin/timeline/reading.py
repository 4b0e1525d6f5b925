"""What a user says of a timeline file, checked before the file is opened."""

from __future__ import annotations

from fractions import Fraction

from engine.protocol import rational
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.rates import NotATime, snapped_rate
from foley_plugin.timeline.records import Reading
from foley_plugin.timeline.timeline_rate import FASTEST_RATE, SLOWEST_RATE


def reading_of(sequence: str | None, rate: str | None) -> Reading:
    """The options of a command line as a `Reading`; 23.98 and 24000/1001 are the same rate.

    Raises:
        SelectionError: a rate that no picture runs at.
    """
    return Reading(sequence, None if rate is None else rational(_rate(rate)))


def _rate(text: str) -> Fraction:
    numerator, slash, denominator = text.partition("/")
    try:
        rate = snapped_rate(float(numerator) / float(denominator) if slash else float(numerator))
        if SLOWEST_RATE <= rate <= FASTEST_RATE:
            return rate
    except (ValueError, ZeroDivisionError, NotATime):
        pass
    raise SelectionError(f"“{text}” is no frame rate; write it as 25, 23.976 or 30000/1001.")
