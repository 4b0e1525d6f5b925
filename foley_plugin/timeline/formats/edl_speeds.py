"""The speeds of an EDL, one `M2 reel frames-a-second timecode` line below an event's.

The adapter looks at an M2 line where source and record differ in length and nowhere else, so a shot
that runs backwards at full speed plays forwards, and it reads no drop-frame time in it. So the adapter gets
the line in a form that it reads and, as a comment, the number again, to be put in force after it.
"""

from __future__ import annotations

import re
from fractions import Fraction

from foley_plugin.timeline.formats.edl_events import Group
from foley_plugin.timeline.formats.edl_timecodes import has_timecode
from foley_plugin.timeline.formats.parts import warp_json
from foley_plugin.timeline.guards import Json
from foley_plugin.timeline.timecode import nominal_rate

M2_PRECISION = Fraction(1, 10)
"""Frames a second: M2 lines have one decimal, 23.976 is written 023.9 or 024.0."""

_NUMBER = re.compile(r"[+-]?\d{1,5}(?:\.\d{0,20})?")
_COMMENT = "FOLEY M2 "


def is_motion(line: str) -> bool:
    return line.split()[0].rstrip(":").upper() == "M2"


def motion_fps(group: Group) -> str | None:
    """Frames a second at which an event's clip plays, as written; None where nothing says.

    A transition's M2 lines name their reels: what goes out has had its own event before.

    Args:
        group: an event with its comments, or the two of a transition.

    Raises:
        ValueError: an M2 line without a number.
    """
    *outgoing, incoming = (event.reel for event in group)
    found = None
    for line in (line for event in group for line in event.comments if is_motion(line)):
        fields = line.split()[1:]
        if fields and has_timecode(fields[-1]):
            fields.pop()
        if not fields or _NUMBER.fullmatch(fields[-1]) is None:
            raise ValueError(line)
        reel = "_".join(fields[:-1])
        if reel == incoming or reel not in outgoing:
            found = fields[-1]
    return found


def motion_lines(fps: str) -> list[str]:
    """For the adapter, and for `put_speed_in_force`."""
    return [f"M2   AX   {fps.lstrip('+')}   00:00:00:00", f"* {_COMMENT}{fps}"]


def put_speed_in_force(item: Json, rate: Fraction) -> None:
    """Give a clip the speed of its M2 line where the adapter did not."""
    fps = _taken_comment(item)
    if fps is None or item["effects"]:
        return
    speed = _speed(Fraction(fps), rate)
    if speed != 1:
        item["effects"].append(warp_json(speed))
    if speed == 0:
        item["name"] = item["name"].removesuffix(" FF")


def _speed(fps: Fraction, rate: Fraction) -> Fraction:
    if any(abs(abs(fps) - unit) <= M2_PRECISION for unit in (rate, nominal_rate(rate))):
        return Fraction(1 if fps > 0 else -1)
    return fps / rate


def _taken_comment(item: Json) -> str | None:
    """The number that `motion_lines` left, taken out of the clip's metadata."""
    metadata = item.get("metadata", {})
    comments = metadata.get("cmx_3600", {}).get("comments", [])
    found = [comment for comment in comments if comment.startswith(_COMMENT)]
    for comment in found:
        comments.remove(comment)
    if found and not comments:
        del metadata["cmx_3600"]["comments"]
        if not metadata["cmx_3600"]:
            del metadata["cmx_3600"]
    numbers = [comment.removeprefix(_COMMENT) for comment in found]
    return next((number for number in reversed(numbers) if _NUMBER.fullmatch(number)), None)
