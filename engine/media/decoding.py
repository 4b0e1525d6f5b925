"""One video stream, decoded packet by packet and timed from the media's first frame.

The boundary to FFmpeg: everything else in the project sees `TimedFrame`s or arrays. Files are opened
with the `file:` prefix and only the file protocol allowed, so that a timeline cannot make us fetch an
address or read a playlist of other files.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Self, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.errors import MediaNotFound, MediaUnreadable

SEEK_MARGINS_S = (0.5, 4.0, 30.0)
"""How far before the wanted time to aim. Indexes hold decoding times, which run ahead of presentation,
and some are wrong: each overshoot tries the next margin, the last resort is the beginning."""

LEAST_DECODING_THREADS = 8
"""Also where there are fewer cores: threads hand over their pictures in turn, and one that waits for its turn decodes
nothing. Of 1080p30 at 20 Mbit/s two cores decode 10 s in 1.33 s with 8 threads, in 1.81 s with the 3 that FFmpeg takes.
"""

MAX_DEMUX_ERRORS = 32
FORMATS_WITHOUT_PRESENTATION_TIMES = {"avi", "h264", "hevc", "m4v"}
ROUNDING_S = 0.001
"""Containers round presentation times, Matroska to the millisecond."""
EXACT_WITHIN_S = 0.000005
"""Where ticks and frames agree nothing is rounded but the times that are asked for, to a microsecond."""


SOUND_RATES = range(1_000, 768_001)
"""What a file may say of its sound, Hz: how much is decoded follows from it."""
OTHER_VERSIONS = (
    Disposition.dub | Disposition.comment | Disposition.hearing_impaired | Disposition.visual_impaired
)


@dataclass(frozen=True)
class TimedFrame:
    """A decoded frame; `time_s` and `end_s` count from the media's first frame."""

    time_s: float
    end_s: float
    frame: VideoFrame


class OpenVideo:
    """A media file's default video stream, open for reading. Close it, or use it in a `with`.

    Raises:
        MediaNotFound: no such file.
        MediaUnreadable: no permission, not a media file, no picture in it, or no frame that decodes.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.num_bad_packets = 0
        self._begun: Iterator[VideoFrame] | None = None
        self._open()
        self._origin_pts = self._find_origin()
        self._origin_s = float(self._origin_pts * self.time_base)
        if self._has_invented_stamps:
            self._origin_s = self._first_packet_s  # the decoder's delay is in the stamps

    def _open(self) -> None:
        self._container = open_container(self.path)
        self._stream = _picture_stream(self._container, self.path)
        self._stream.thread_type = "AUTO"
        if _available_cores() < LEAST_DECODING_THREADS:
            self._stream.codec_context.thread_count = LEAST_DECODING_THREADS
        self._is_fresh = True
        self._other_streams_end_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._begun = None
        self._container.close()

    @property
    def container(self) -> InputContainer:
        return self._container

    @property
    def stream(self) -> VideoStream:
        return self._stream

    @property
    def time_base(self) -> Fraction:
        return self._stream.time_base or Fraction(1, av.time_base)

    @property
    def origin_s(self) -> float:
        """The first picture's time on the container's clock."""
        return self._origin_s

    @property
    def frame_duration_s(self) -> float:
        """The usual time between frames."""
        rate = self._stream.average_rate or self._stream.guessed_rate or Fraction(25)
        return float(1 / rate)

    @property
    def sample_aspect_ratio(self) -> Fraction | None:
        """Width over height of one pixel, None where the file does not say."""
        return self._stream.sample_aspect_ratio

    @property
    def tolerance_s(self) -> float:
        """How much too early a time may lie and still mean the frame that starts just after it.

        Presentation times are rounded to the container's tick; a quarter of a frame is the most. A frame of
        whole ticks is not rounded.
        """
        rate = self._stream.average_rate or self._stream.guessed_rate
        if rate and (1 / (rate * self.time_base)).denominator == 1:
            return EXACT_WITHIN_S
        return min(self.frame_duration_s / 4, max(float(self.time_base), ROUNDING_S))

    @property
    def promised_end_s(self) -> float | None:
        """Where the container says that the picture ends, or None where it does not say.

        Counted from the first picture. Only a stream's own duration is; tags and the container's tell the clock's time.
        """
        if self._stream.duration:
            return float(self._stream.duration * self.time_base)
        tagged = self._stream.metadata.get("DURATION")
        if tagged is not None:
            with contextlib.suppress(ValueError):
                hours, minutes, seconds = tagged.split(":")
                return int(hours) * 3600 + int(minutes) * 60 + float(seconds) - max(0.0, self.origin_s)
        if self._container.duration is None:
            return None
        begins_s = (self._container.start_time or 0) / av.time_base
        return self._container.duration / av.time_base - max(0.0, self.origin_s - begins_s)

    @property
    def promise_is_of_picture(self) -> bool:
        """Whether the promised end is the picture's own and not that of, say, a longer sound."""
        has_company = len(self._container.streams) > 1
        return bool(self._stream.duration) or "DURATION" in self._stream.metadata or not has_company

    def frames_from(self, start_s: float) -> Iterator[TimedFrame]:
        """Frames in order of presentation, from the one shown at `start_s` or one before it, to the end.

        Only one such iterator may be in use at a time. A damaged packet is skipped, and counted in
        `num_bad_packets`.
        """
        end_s = self.promised_end_s
        target_s = start_s if end_s is None else min(start_s, end_s - 1.0)
        # Which frame came first after a jump cannot be told where frames are counted: some before it are not given out.
        margins_s = () if self._must_be_counted else SEEK_MARGINS_S
        for margin_s in margins_s:
            if target_s - margin_s <= SEEK_MARGINS_S[0] or not self._seek(target_s - margin_s):
                break
            frames = self._decoded()
            first = next(frames, None)
            if first is not None and first.time_s <= target_s + self.tolerance_s:
                yield first
                yield from frames
                return
            frames.close()
        if not self._is_fresh and self._begun is None:
            self.restart()
        yield from self._decoded()

    def _seek(self, time_s: float) -> bool:
        if self._begun is not None:
            # Where the first frame was read from is no place to seek from: some formats know only its beginning.
            self.num_bad_packets = 0
            self.restart()
        self._is_fresh = False
        try:
            target_pts = self._origin_pts + int(time_s / self.time_base)
            self._container.seek(target_pts, stream=self._stream, backward=True, any_frame=False)
        except (av.FFmpegError, OSError):
            return False
        return True

    def restart(self) -> None:
        """Back to the beginning, whatever was read. A stream got from `stream` before is stale after."""
        before, self._begun = self._container, None
        self._open()
        before.close()  # its decoders too, whose threads and pictures would wait to be collected

    def _find_origin(self) -> int:
        """The presentation time of the media's first frame, in ticks.

        Opening a film and decoding its first frames costs as much as half a second of it: they are kept, and whoever
        reads from the beginning goes on from there.
        """
        frames = self._raw_frames()
        frame = next(frames, None)
        if frame is None:
            raise MediaUnreadable(
                f"No picture in the media file {self.path} can be decoded; export or copy it again, "
                "then relink the clip."
            )
        first_pts = frame.pts or 0
        declared = self._stream.start_time
        if self.num_bad_packets and declared is not None:
            first_pts = min(first_pts, declared)
        self._begun = chain((frame,), frames)
        return first_pts

    def _decoded(self) -> Generator[TimedFrame, None, None]:
        last_s = float("-inf")
        is_counted = self._must_be_counted
        raw_frames, self._begun = self._begun or self._raw_frames(), None
        for count, frame in enumerate(raw_frames):
            if is_counted or frame.pts is None:
                time_s = self._first_packet_s + count * self.frame_duration_s
            else:
                time_s = float((frame.pts - self._origin_pts) * self.time_base)
            if time_s <= last_s:
                continue
            last_s = time_s
            duration_s = float((frame.duration or 0) * self.time_base) or self.frame_duration_s
            yield TimedFrame(time_s, time_s + duration_s, frame)

    @property
    def _must_be_counted(self) -> bool:
        """Whether stamps say nothing: they are invented, and frames are reordered."""
        return self._has_invented_stamps and self._stream.has_b_frames

    @property
    def _has_invented_stamps(self) -> bool:
        """Whether presentation times are FFmpeg's: the container has decoding times alone."""
        return bool(set(self._container.format.name.split(",")) & FORMATS_WITHOUT_PRESENTATION_TIMES)

    def _raw_frames(self) -> Iterator[VideoFrame]:
        """What the decoder gives, in order of presentation, from where the container stands."""
        self._is_fresh, self._first_packet_s = False, 0.0
        is_first = True
        for packet in self._packets():
            if is_first and packet.dts is not None:
                self._first_packet_s = float(packet.dts * self.time_base)
                is_first = False
            try:
                frames = self._stream.decode(packet)
            except av.FFmpegError:
                self.num_bad_packets += 1
                continue
            yield from frames

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        """The picture's packets; a damaged stretch of the file is stepped over."""
        for _ in range(MAX_DEMUX_ERRORS):
            try:
                yield from self._demuxed()
                return
            except av.EOFError:
                return
            except av.FFmpegError:
                self.num_bad_packets += 1

    def _demuxed(self) -> Iterator[Packet[VideoStream]]:
        if self.promise_is_of_picture:
            yield from self._container.demux(self._stream)
            return
        for packet in self._container.demux():
            if packet.stream_index == self._stream.index:
                yield cast(Packet[VideoStream], packet)
            elif packet.pts is not None:
                end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                self._other_streams_end_s = max(self._other_streams_end_s, end_s)

    def missing_s(self, decoded_end_s: float) -> float:
        """Seconds of promised picture that did not come, having decoded to the file's end."""
        promised_s = self.promised_end_s
        if promised_s is None:
            return 0.0
        if not self.promise_is_of_picture and promised_s - (self._other_streams_end_s - self.origin_s) < 1.0:
            return 0.0  # another stream is complete: the file is whole and the picture merely shorter
        return max(0.0, promised_s - decoded_end_s)


def _available_cores() -> int:
    """As FFmpeg counts them: those that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_container(path: Path) -> InputContainer:
    """Open a media file and nothing but a file.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    if not path.is_file():
        raise MediaNotFound(f"The media file {path} is not there; reconnect its drive or relink the clip.")
    try:
        return av.open(
            f"file:{path}", mode="r", options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
    except PermissionError as error:
        raise MediaUnreadable(
            f"The media file {path} may not be read by this user; change its permissions or copy it."
        ) from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaUnreadable(
            f"The media file {path} cannot be read as media; it may be damaged, unfinished or of a kind "
            "that is not supported, so export it again, then relink the clip."
        ) from error


def has_picture(container: InputContainer) -> bool:
    """Whether there is a picture that can be decoded. A cover is none."""
    return any(stream.codec_context is not None for stream in _pictures(container))


def decodable_sounds(container: InputContainer) -> list[AudioStream]:
    """Sounds of kinds that FFmpeg knows; a phone's spatial sound beside the usual one is not among them."""
    return [stream for stream in container.streams.audio if stream.codec_context is not None]


def sound_streams(container: InputContainer, path: Path) -> list[AudioStream]:
    """The production sound: all sounds that can be decoded, but for those of another version of the film.

    Cameras and broadcast files keep each microphone in a stream of its own, and the first may be silent.

    Raises:
        MediaUnreadable: there is none.
    """
    decodable = decodable_sounds(container)
    if not decodable:
        if container.streams.audio:
            raise MediaUnreadable(
                f"The media file {path} has sound of a kind that is not supported; convert its sound."
            )
        raise MediaUnreadable(f"The media file {path} has no sound; choose one that has.")
    at_a_rate = [stream for stream in decodable if stream.rate in SOUND_RATES]
    if not at_a_rate:
        raise MediaUnreadable(
            f"The sound of {path} is at {decodable[0].rate} Hz, which is none; convert the file."
        )
    plain = [s for s in at_a_rate if not s.disposition & OTHER_VERSIONS] or at_a_rate[:1]
    return [stream for stream in plain if _is_same_language(stream, plain[0])]


def _is_same_language(stream: AudioStream, other: AudioStream) -> bool:
    """Whether two sounds may be of one version; most files do not say."""
    languages = {each.metadata.get("language", "und") for each in (stream, other)}
    return len(languages - {"und"}) <= 1


def _pictures(container: InputContainer) -> list[VideoStream]:
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """The default one, or else the first in the file; timelines are read by the same rule."""
    streams = _pictures(container)
    decodable = [s for s in streams if s.codec_context is not None]
    if not decodable:
        container.close()
        what = "has a picture of a kind that is not supported" if streams else "has no picture"
        raise MediaUnreadable(
            f"The media file {path} {what}; choose a clip with a picture that can be decoded."
        )
    return max(decodable, key=lambda stream: bool(stream.disposition & Disposition.default))
