"""Exact frame rates and timecodes of media files."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction

import av
from av.stream import Discard

from engine.media.decoding import OpenVideo, open_container

NOMINAL_RATES = (*range(1, 61), 72, 75, 90, 96, 100, 119, 120, 144, 200, 240, 300, 480, 960, 1000)
NTSC_RATES = (24, 30, 48, 60, 90, 96, 120, 240)
SNAP_WITHIN = Fraction(1, 2500)
"""Relative; a tenth of a percent lies between 24 and 23.976."""

NUM_PACKETS_LOOKED_AT = 600
DROPPED_A_MINUTE = {30: 2, 60: 4, 120: 8}

SLOWEST_COUNT = 23
"""Frames a second; timecode counts no slower."""
COUNT_BYTES = 4


def snapped_frame_rate(measured: Fraction) -> Fraction:
    """The whole or NTSC rate (N * 1000 / 1001) that a measured one stands for, else the measured one.

    Containers write 23.976 as 2997/125, as 19001/792 and so on.
    """
    candidates = [*map(Fraction, NOMINAL_RATES), *(Fraction(rate * 1000, 1001) for rate in NTSC_RATES)]
    nearest = min(candidates, key=lambda rate: abs(rate - measured))
    return nearest if abs(nearest - measured) <= measured * SNAP_WITHIN else measured


def has_variable_rate(video: OpenVideo) -> bool:
    """Whether frames come at uneven times, by the stamps of the first packets. Moves the reader."""
    video.restart()  # the packets of the first frames have been read, and what is reordered around them lacks some
    stamps = []
    for packet in video.container.demux(video.stream):
        if packet.pts is not None:
            stamps.append(packet.pts)
        if len(stamps) >= NUM_PACKETS_LOOKED_AT:
            break
    video.restart()
    # The last few may lack the B-frames between them.
    ordered = sorted(stamps)[: -8 if len(stamps) >= NUM_PACKETS_LOOKED_AT else None]
    steps = [after - before for before, after in itertools.pairwise(ordered)]
    if not steps:
        return False
    rounding = max(2.0, 0.002 / float(video.time_base)) if video.time_base > Fraction(1, 2000) else 2.0
    return max(steps) - min(steps) > rounding


def timecode_s(video: OpenVideo, frame_rate: Fraction) -> Fraction | None:
    """The first frame's timecode in real seconds, None where the file has none.

    Cameras may number the pictures of high rates by twos or fours; a QuickTime timecode track tells its count.
    """
    text = _timecode_text(video)
    if text is None:
        return None
    slower = [frame_rate / share for share in (2, 4) if frame_rate / share > SLOWEST_COUNT]
    counted = _counted_frames(video) if slower else None
    for rate in (frame_rate, *slower):
        if counted is not None and _frames_of_timecode(text, rate) == counted:
            return counted / rate
    return parsed_timecode_s(text, frame_rate)


def _timecode_text(video: OpenVideo) -> str | None:
    everywhere = [video.stream.metadata, video.container.metadata]
    everywhere += [stream.metadata for stream in video.container.streams if stream.type == "data"]
    # Matroska writes tags in capitals.
    texts = (metadata.get("timecode") or metadata.get("TIMECODE") for metadata in everywhere)
    return next((text for text in texts if text), None)


def _counted_frames(video: OpenVideo) -> int | None:
    """The first frame's number as a QuickTime timecode track holds it; None where there is no such track."""
    with open_container(video.path) as container:
        tracks = [each for each in container.streams if each.type == "data" and "timecode" in each.metadata]
        if not tracks:
            return None
        for other in container.streams:
            if other.index != tracks[0].index:
                other.discard = Discard.all  # nothing of the pictures is read
        try:
            packet = next(container.demux(tracks[0]))
        except (av.FFmpegError, StopIteration):
            return None
        return int.from_bytes(bytes(packet), "big") if packet.size == COUNT_BYTES else None


def parsed_timecode_s(timecode: str, frame_rate: Fraction) -> Fraction | None:
    """Real seconds of "HH:MM:SS:FF" (";" or "." before FF: drop-frame); None if it is no timecode.

    >>> parsed_timecode_s("01:00:00:00", Fraction(24000, 1001))
    Fraction(18018, 5)
    """
    count = _frames_of_timecode(timecode, frame_rate)
    return None if count is None else count / frame_rate


def _frames_of_timecode(timecode: str, frame_rate: Fraction) -> int | None:
    match = re.fullmatch(r"(\d+):(\d+):(\d+)([:;.,])(\d+)", timecode.strip())
    if match is None:
        return None
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    nominal = round(frame_rate)
    count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if match[4] != ":":
        total_minutes = hours * 60 + minutes
        count -= DROPPED_A_MINUTE.get(nominal, 0) * (total_minutes - total_minutes // 10)
    return count
