"""What a media file says of itself: its first frame's timecode and how long its picture is.

Asked where a timeline does not say, never guessed. Runs in the timeline child, since a hostile file may
take the decoder down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error

from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.rates import snapped_rate
from foley_plugin.timeline.timecode import day_s, frames_of_timecode, timecode_of_seconds

LOCAL_ONLY = {"protocol_whitelist": "file"}
UNKNOWN_SIZE = (1920, 1080)
"""Of a picture that FFmpeg cannot decode: editing programs take the file's own when they link it."""

SLOWEST_COUNT = 23
"""Frames a second; timecode counts no slower."""
COUNT_BYTES = 4


class ProbeFailed(Exception):
    """A file that is no readable video; the message says why in a few words."""


@dataclass(frozen=True)
class MediaProbe:
    """A media file with a picture.

    Attributes:
        start: its first frame's timecode in real seconds; zero where the file carries none.
        duration: of the picture in seconds, None where the file does not say.
        is_still: one picture without motion.
        rate: frames a second, None where it is not known.
        next_day: its first frame in the timecode of the next day, where it runs over midnight; None where it does not.
    """

    start: Fraction
    duration: Fraction | None
    is_still: bool
    rate: Fraction | None = None
    next_day: Fraction | None = None


def probe_media(path: str) -> MediaProbe:
    """Read a file's headers.

    Raises:
        ProbeFailed: not a media file, or one without a picture.
    """
    try:
        with av.open(f"file:{path}", options=LOCAL_ONLY, metadata_errors="replace") as container:
            return _probed(container)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or type(error).__name__
        raise ProbeFailed(str(words)) from None


def sound_start(path: str) -> Fraction | None:
    """A sound's first sample in real seconds since midnight, by its `bext` chunk; None where it has none.

    The time reference counts samples, so that it is real time at any frame rate.
    """
    try:
        with av.open(f"file:{path}", options=LOCAL_ONLY, metadata_errors="replace") as container:
            reference = container.metadata.get("time_reference", "")
            sounds = _sounds(container)
            if sounds and reference.isdecimal() and int(reference) > 0:
                return Fraction(int(reference), sounds[0].rate)
    except (av.error.FFmpegError, OSError, ValueError):
        pass
    return None


def _probed(container: Any) -> MediaProbe:
    stream = _picture(container)
    if stream is None:
        raise ProbeFailed("it holds no picture")
    measured = stream.guessed_rate or stream.average_rate or stream.base_rate or Fraction(25)
    rate = snapped_rate(float(measured))
    if stream.duration is not None and stream.time_base is not None:
        duration: Fraction | None = stream.duration * stream.time_base
    elif container.duration is not None:
        duration = Fraction(container.duration, av.time_base)
    else:
        duration = None
    format_name = container.format.name
    is_still = format_name == "image2" or format_name.endswith("_pipe")
    start, day = _start(container, stream, rate)
    next_day = start - day if duration and start + duration > day else None
    return MediaProbe(start, duration if duration else None, is_still, rate, next_day)


def _picture(container: Any) -> Any:
    """The default picture, or else the first, of those that can be decoded rather; a cover is none.

    None where there is none. The engine looks at the same one.
    """
    kinds = av.stream.Disposition
    pictures = [each for each in container.streams.video if not each.disposition & kinds.attached_pic]
    decodable = [each for each in pictures if each.codec_context is not None]
    return max(decodable or pictures, key=lambda each: bool(each.disposition & kinds.default), default=None)


def _sounds(container: Any) -> list[Any]:
    """Those that can be decoded: of others, such as a phone's spatial sound, not even the channels are known."""
    return [each for each in container.streams.audio if each.codec_context is not None]


def _timecode_text(container: Any, stream: Any, rate: Fraction | None) -> str:
    texts = map(_timecode_in, _places_of_timecode(container, stream))
    written = next((text for text in texts if text), "")
    timecode = None if rate is None else _timecode(container, stream, rate)
    if rate is None or timecode is None or timecode.rate == rate:
        return written
    return timecode_of_seconds(timecode.start, rate, drop_frame=timecode.is_drop_frame)


@dataclass(frozen=True)
class _Timecode:
    """A first frame's number, counted in frames of `rate`, which may be a half or a quarter of the picture's."""

    text: str
    frames: int
    rate: Fraction

    @property
    def start(self) -> Fraction:
        return self.frames / self.rate

    @property
    def is_drop_frame(self) -> bool:
        return ";" in self.text or "." in self.text


def _start(container: Any, stream: Any, rate: Fraction) -> tuple[Fraction, Fraction]:
    """The first frame's timecode in real seconds, and 24 hours of it."""
    timecode = _timecode(container, stream, rate)
    if timecode is None:
        return Fraction(0), day_s(rate, drop_frame=False)
    return timecode.start, day_s(timecode.rate, drop_frame=timecode.is_drop_frame)


def _timecode(container: Any, stream: Any, rate: Fraction) -> _Timecode | None:
    """Cameras may number the pictures of high rates by twos or fours; a QuickTime timecode track tells its count."""
    read = [
        timecode
        for text in map(_timecode_in, _places_of_timecode(container, stream))
        for share in (1, 2, 4)
        if text and (share == 1 or rate / share > SLOWEST_COUNT)
        if (timecode := _read_timecode(text, rate / share)) is not None
    ]
    if len({timecode.rate for timecode in read}) > 1:
        counted = _counted_frames(container)
        read.sort(key=lambda timecode: timecode.frames != counted)
    return read[0] if read else None


def _read_timecode(text: str, rate: Fraction) -> _Timecode | None:
    try:
        return _Timecode(text, frames_of_timecode(text, rate), rate)
    except SelectionError:
        return None


def _counted_frames(container: Any) -> int | None:
    """The first frame's number as a QuickTime timecode track holds it; None where there is no such track."""
    tracks = [each for each in container.streams if each.type == "data" and _timecode_in(each.metadata)]
    if not tracks:
        return None
    for other in container.streams:
        if other.index != tracks[0].index:
            other.discard = av.stream.Discard.all  # nothing of the pictures is read
    try:
        packet = next(container.demux(tracks[0]))
    except (av.error.FFmpegError, StopIteration):
        return None
    return int.from_bytes(bytes(packet), "big") if packet.size == COUNT_BYTES else None


def _timecode_in(metadata: Mapping[str, str]) -> str:
    """Matroska writes tags in capitals."""
    return metadata.get("timecode") or metadata.get("TIMECODE") or ""


def _places_of_timecode(container: Any, stream: Any) -> Iterator[Mapping[str, str]]:
    yield stream.metadata
    yield container.metadata
    yield from (each.metadata for each in container.streams if each.type == "data")


@dataclass(frozen=True)
class Streams:
    """What a timeline that is written anew has to say of a file.

    Attributes:
        timecode: of the first frame, as the file has it, but that all pictures are counted; empty where it has none.
        rate: frames a second of the picture, None without one.
        duration: seconds; of the picture where there is one.
        num_channels: of all audio streams together that can be decoded.
    """

    timecode: str
    rate: Fraction | None
    duration: Fraction | None
    width: int
    height: int
    num_channels: int
    sample_rate: int


def probe_streams(path: str) -> Streams:
    """Read a file's headers, picture or sound.

    Raises:
        ProbeFailed: not a media file.
    """
    try:
        with av.open(f"file:{path}", options=LOCAL_ONLY, metadata_errors="replace") as container:
            return _streams(container)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or type(error).__name__
        raise ProbeFailed(str(words)) from None


def _streams(container: Any) -> Streams:
    picture, sounds = _picture(container), _sounds(container)
    if picture is None and not sounds:
        raise ProbeFailed("it holds neither picture nor sound")
    width, height = (0, 0) if picture is None else UNKNOWN_SIZE
    if picture is not None and picture.codec_context is not None:
        width, height = picture.width, picture.height
    first = picture or sounds[0]
    rate = None
    if picture is not None:
        rate = snapped_rate(float(picture.guessed_rate or picture.average_rate or Fraction(25)))
    if first.duration is not None and first.time_base is not None:
        duration: Fraction | None = first.duration * first.time_base
    else:
        duration = None if container.duration is None else Fraction(container.duration, av.time_base)
    return Streams(
        timecode=_timecode_text(container, first, rate),
        rate=rate,
        duration=duration,
        width=width,
        height=height,
        num_channels=sum(sound.channels for sound in sounds),
        sample_rate=sounds[0].rate if sounds else 48_000,
    )
