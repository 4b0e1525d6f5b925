"""Timecode to frames and back, drop-frame included (SMPTE ST 12-1).

Drop-frame skips numbers, never pictures: at 29.97 the numbers 00 and 01 of every minute but each tenth
do not exist, at 59.94 the numbers 00 to 03, at 119.88 (SMPTE ST 12-3) 00 to 07.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

from foley_plugin.timeline.errors import SelectionError

DROPPED_A_MINUTE = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4, Fraction(120000, 1001): 8}
"""Frame numbers skipped each minute, by frame rate."""

_PATTERN = re.compile(r"(\d{1,2})[:;](\d{2})[:;](\d{2})([:;.,])(\d{2,3})")


def nominal_rate(rate: Fraction) -> int:
    """Frame numbers in a second of timecode: 24 at 23.976."""
    return math.ceil(rate)


def has_drop_frame(rate: Fraction) -> bool:
    """Whether drop-frame timecode exists at this rate."""
    return rate in DROPPED_A_MINUTE


def frames_of_timecode(text: str, rate: Fraction, *, drop_frame: bool = False) -> int:
    """Frames since 00:00:00:00.

    `;` or `.` before the frames means drop-frame; with `:` the timeline's own way, `drop_frame`, holds.

    Raises:
        SelectionError: not a timecode, or a number that drop-frame skips.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise SelectionError(f"“{text}” is not a timecode; write it as hours:minutes:seconds:frames.")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    nominal = nominal_rate(rate)
    if minutes > 59 or seconds > 59 or frames >= nominal:
        raise SelectionError(
            f"“{text}” is not a timecode at {float(rate):.6g} frames a second; "
            f"minutes and seconds go up to 59 and frames up to {nominal - 1}."
        )
    is_drop_frame = match[4] != ":" or drop_frame
    if is_drop_frame and match[4] != ":" and not has_drop_frame(rate):
        raise SelectionError(
            f"“{text}” is drop-frame, which exists at 29.97, 59.94 and 119.88 frames a second only; "
            f"this timeline runs at {float(rate):.6g}: write it with colons."
        )
    count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    dropped = DROPPED_A_MINUTE.get(rate, 0) if is_drop_frame else 0
    if seconds == 0 and frames < dropped and minutes % 10:
        raise SelectionError(
            f"“{text}” does not exist in drop-frame timecode; the first frame of that minute is "
            f"{hours:02d}:{minutes:02d}:00;{dropped:02d}."
        )
    total_minutes = hours * 60 + minutes
    return count - dropped * (total_minutes - total_minutes // 10)


def day_s(rate: Fraction, *, drop_frame: bool) -> Fraction:
    """24 hours of timecode in real seconds; after them it begins at zero again."""
    separator = ";" if drop_frame and has_drop_frame(rate) else ":"
    return frames_of_timecode(f"24:00:00{separator}00", rate) / rate


def timecode_of_frames(count: int, rate: Fraction, *, drop_frame: bool = False) -> str:
    """The timecode of a frame count; a minus sign before negative ones."""
    nominal = nominal_rate(rate)
    dropped = DROPPED_A_MINUTE.get(rate, 0) if drop_frame else 0
    number = abs(count)
    if dropped:
        tens, rest = divmod(number, nominal * 600 - dropped * 9)
        later_minutes = max(0, rest - dropped) // (nominal * 60 - dropped)
        number += dropped * (9 * tens + later_minutes)
    seconds, frames = divmod(number, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    width = len(str(nominal - 1)) if nominal > 1 else 2
    separator = ";" if dropped else ":"
    sign = "-" if count < 0 else ""
    return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}{separator}{frames:0{max(2, width)}d}"


def timecode_of_seconds(time_s: Fraction, rate: Fraction, *, drop_frame: bool = False) -> str:
    """The timecode of the frame that is on screen at `time_s`."""
    return timecode_of_frames(math.floor(time_s * rate), rate, drop_frame=drop_frame)


def counts_drop_frame(start_frames: Fraction, rate: Fraction) -> bool:
    """Whether a timeline that starts `start_frames` after midnight counts in drop-frame.

    No OTIO field says so. Timelines start on a round timecode: 107892 frames at 29.97 are 01:00:00;00,
    108000 are 01:00:00:00. A start at zero tells nothing and is taken for non-drop.
    """
    if not has_drop_frame(rate) or start_frames.denominator != 1 or start_frames <= 0:
        return False
    count = int(start_frames)
    drop, plain = (timecode_of_frames(count, rate, drop_frame=drop) for drop in (True, False))
    return _roundness(drop) > _roundness(plain)


def _roundness(timecode: str) -> int:
    """How many of frames, seconds, minutes are zero, from the right."""
    zeros = 0
    for part in reversed(re.split("[:;]", timecode)):
        if int(part):
            break
        zeros += 1
    return zeros
