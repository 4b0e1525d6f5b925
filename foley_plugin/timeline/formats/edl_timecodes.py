"""The timecodes of an EDL: which of them count in drop-frame, and the frame rates that they leave possible.

`;` before the frames means drop-frame. Old lists write `:` everywhere and say `FCM: DROP FRAME` at their
head; newer ones write each code as its tape or timeline counts, so that a line can hold both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.timeline.errors import TimelineUnreadable
from foley_plugin.timeline.timecode import nominal_rate

RATES_BY_HIGHEST_FRAME = tuple((rate - 1, Fraction(rate)) for rate in (24, 25, 30, 50, 60))
DROP_FRAME_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))
"""Those that the adapter reads."""
DROP_FRAME_RATES_BY_HIGHEST_FRAME = tuple((nominal_rate(rate) - 1, rate) for rate in DROP_FRAME_RATES)

HALF_A_DAY = 12
"""Hours."""

_TIMECODE = r"\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3}"
_EVENT = re.compile(rf"^\d+\s.*?((?:{_TIMECODE}\s*){{4}})$")
_PARTS = re.compile(r"(\d{1,2})[:;.](\d{2})[:;.](\d{2})[:;.,](\d{2,3})")


@dataclass(frozen=True)
class Counting:
    """How a list counts.

    Attributes:
        drop_frame: its record times do.
        is_mixed: some codes are drop-frame and some are not, each as its separator says.
        highest_frame: the highest frame number within a second.
    """

    drop_frame: bool
    is_mixed: bool
    highest_frame: int


def codes_of(line: str) -> list[str]:
    """Source in and out, record in and out; empty where the line is no event's."""
    event = _EVENT.match(line)
    return [] if event is None else [match[0] for match in _PARTS.finditer(event[1])]


def has_timecode(line: str) -> bool:
    return _PARTS.search(line) is not None


def numbers_of(code: str) -> tuple[int, ...]:
    """Hours, minutes, seconds, frames."""
    return tuple(int(part) for part in _parts(code))


def past_midnight(first: str, code: str) -> str:
    """A code that comes after `first`: where its number is lower, it is of the next day, and counts on from 24 hours.

    What would come more than half a day later is left: it runs backwards.
    """
    (hours, *rest), (later, *later_rest) = numbers_of(first), numbers_of(code)
    is_next_day = (later, *later_rest) < (hours, *rest) and later + 24 - hours <= HALF_A_DAY
    return a_day_later(code) if is_next_day else code


def a_day_later(code: str) -> str:
    hours = _parts(code)[0]
    return f"{int(hours) + 24}{code[len(hours) :]}"


def counting_of(lines: Iterable[str]) -> Counting:
    """What the list's head says, but for lists that use both separators."""
    lines = list(lines)
    events = [codes for codes in map(codes_of, lines) if codes]
    kinds = {";" in code for codes in events for code in codes}
    if len(kinds) == 2:
        is_drop = any(";" in code for codes in events for code in codes[2:])
    else:
        said = _said(lines)
        is_drop = True in kinds if said is None else said
    highest = max((numbers_of(code)[3] for codes in events for code in codes), default=0)
    return Counting(is_drop, len(kinds) == 2, highest)


def _said(lines: list[str]) -> bool | None:
    mode = next((line.upper() for line in lines if line.upper().startswith("FCM:")), None)
    return None if mode is None else "NON" not in mode and "DROP" in mode


def rate_of(counting: Counting, given: Fraction | None, file_name: str) -> tuple[Fraction, list[str]]:
    """The user's rate, else what drop-frame and the highest frame number tell; and what was guessed.

    Raises:
        TimelineUnreadable: no rate counts so, or not the one given.
    """
    highest = counting.highest_frame
    if given is not None:
        _check_given(counting, given, file_name)
        return given, []
    is_drop = counting.drop_frame or counting.is_mixed
    candidates = DROP_FRAME_RATES_BY_HIGHEST_FRAME if is_drop else RATES_BY_HIGHEST_FRAME
    rate = next((rate for limit, rate in candidates if highest <= limit), None)
    if rate is None:
        raise TimelineUnreadable(
            f"{file_name} counts up to frame {highest} in a second; give its rate by --rate."
        )
    if is_drop:
        return rate, []
    notice = (
        f"{file_name} names no frame rate; {rate} frames a second are assumed, since its highest frame number "
        f"is {highest}. Give another by --rate."
    )
    return rate, [notice]


def _check_given(counting: Counting, given: Fraction, file_name: str) -> None:
    if counting.drop_frame and given not in DROP_FRAME_RATES:
        raise TimelineUnreadable(
            f"{file_name} counts in drop-frame, which exists at 29.97 and 59.94 frames a second only; "
            "give one of them by --rate."
        )
    if counting.highest_frame >= nominal_rate(given):
        raise TimelineUnreadable(
            f"{file_name} counts up to frame {counting.highest_frame} in a second, which "
            f"{float(given):.6g} frames a second never reach; give its rate by --rate."
        )


def respelled(codes: Sequence[str], counting: Counting, rate: Fraction) -> str:
    """An event's four codes with the separators that the adapter reads.

    The record times all belong to one timeline and count alike; sources count as their tapes do.
    """
    return " ".join(_respelled_codes(codes, counting, rate))


def _respelled_codes(codes: Sequence[str], counting: Counting, rate: Fraction) -> Iterator[str]:
    for pair, is_record in ((codes[:2], False), (codes[2:], True)):
        keeps_own = counting.is_mixed and not is_record
        is_drop = any(";" in code for code in pair) if keeps_own else counting.drop_frame
        separator = ";" if is_drop and rate in DROP_FRAME_RATES else ":"
        for code in pair:
            hours, minutes, seconds, frames = _parts(code)
            yield f"{hours:0>2}:{minutes}:{seconds}{separator}{frames}"


def _parts(code: str) -> tuple[str, ...]:
    match = _PARTS.fullmatch(code)
    assert match is not None
    return match.groups()
