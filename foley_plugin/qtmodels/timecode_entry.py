"""What an editor types to go somewhere: a timecode, digits without colons, or a way from here. Pure: no Qt."""

from __future__ import annotations

import re

from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.timecode import frames_of_timecode, has_drop_frame

_SIGNS = re.compile(r"[:;.,]")


def typed_frame(text: str, ruler: TimecodeRuler, from_frame: int) -> int:
    """The frame that was meant, counted from the timeline's start; it may lie outside of the cut.

    `01:00:10:05` and `1:00;10;05` are timecodes. Fewer parts are filled up from the left with those of where
    the playhead stands, so that `10:05` stays in this minute. `100505` is read from the right. `+10` and
    `-1:00` count from here, in frames and in seconds and frames.

    Raises:
        SelectionError: why it is no timecode, in one sentence.
    """
    typed = text.strip().replace(" ", "")
    if typed.startswith(("+", "-")):
        frames = _length(typed[1:], text, ruler)
        return from_frame + (frames if typed[0] == "+" else -frames)
    parts = _parts(typed, text)
    if len(parts) < 4:
        here = _SIGNS.split(ruler.text_of_frame(from_frame).lstrip("-"))
        parts = here[: 4 - len(parts)] + parts
    is_drop_frame = ruler.drop_frame or (";" in typed and has_drop_frame(ruler.rate))
    frames = frames_of_timecode(":".join(parts), ruler.rate, drop_frame=is_drop_frame)
    return frames - round(ruler.start * ruler.rate)


def _length(typed: str, text: str, ruler: TimecodeRuler) -> int:
    """A way in frames: digits alone are frames, parts are hours, minutes, seconds, frames."""
    if typed.isascii() and typed.isdigit():
        return int(typed[:9])
    parts = [int(part) for part in _parts(typed, text)]
    hours, minutes, seconds, frames = [0] * (4 - len(parts)) + parts
    return ((hours * 60 + minutes) * 60 + seconds) * ruler.nominal_rate + frames


def _parts(typed: str, text: str) -> list[str]:
    """One to four pairs of digits."""
    if typed.isascii() and typed.isdigit():
        even = typed if len(typed) % 2 == 0 else f"0{typed}"
        parts = [even[at : at + 2] for at in range(0, len(even), 2)]
    else:
        parts = _SIGNS.split(typed)
    if not 1 <= len(parts) <= 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise SelectionError(
            f"“{text.strip()}” is not a timecode; type it as 01:00:10:05 or 1001005, or +10 to go ten frames on."
        )
    return [part.zfill(2) for part in parts]


def inside(frame: int, ruler: TimecodeRuler, duration_s: float) -> int:
    """The frame, where it is in the cut.

    Raises:
        SelectionError: it is not; which timecodes are.
    """
    last = max(0, ruler.frame_at(duration_s))
    if 0 <= frame <= last:
        return frame
    raise SelectionError(
        f"{ruler.text_of_frame(frame)} is outside of this cut, which runs from {ruler.text_of_frame(0)} "
        f"to {ruler.text_of_frame(last)}."
    )
