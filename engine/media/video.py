"""The picture as played: exact times in, arrays out, all from one decode of the media.

Which frame is shown at a time is settled here. Going forward (or held), a frame is shown from its
presentation time up to the next frame's; the boundary belongs to the frame that starts there. In
reverse the picture runs through the same stretches backwards, so the boundary belongs to the frame that
ends there: media of N frames at rate r, played in reverse from `source_start` = N / r, shows frame
N - 1 first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from engine.errors import Cancelled, MediaTruncated, MediaUnreadable
from engine.media.decoding import TimedFrame, decodable_sounds
from engine.media.frame_rates import has_variable_rate, snapped_frame_rate, timecode_s
from engine.media.image_sequence import ImageFrame, OpenPicture, OpenSequence, open_picture
from engine.media.scaling import Fit, Frames, FrameScaler, PixelFormat, pixel_aspect, shown_size
from engine.protocol import Picture, fraction

Progress = Callable[[float], None]
ShownFrame = TimedFrame | ImageFrame

SEEK_GAP_S = 5.0
"""A longer stretch that nobody asked for is jumped over instead of decoded."""

MAX_MISSING_S = 0.5
"""A container may promise this much more than it holds."""

PICTURE_ROUNDING_S = 1e-6
"""Times in the picture are floats: this much before a cut is the cut."""


@dataclass(frozen=True)
class MediaInfo:
    """What a media file with a picture says of itself.

    Attributes:
        frame_rate: exact; NTSC rates are N * 1000 / 1001. The mean, where the rate varies.
        duration_s: of the picture, from its first frame.
        start_timecode_s: its first frame's timecode as real seconds (frames / frame_rate), None if it has none.
        width, height: pixels as shown, rotation and pixel aspect applied.
    """

    path: Path
    frame_rate: Fraction
    has_variable_frame_rate: bool
    duration_s: Fraction
    start_timecode_s: Fraction | None
    width: int
    height: int
    has_audio: bool


@dataclass(frozen=True)
class FrameRequest:
    """Frames wanted of a picture.

    Attributes:
        times_s: seconds in the picture as played, in any order; those outside it hold its edges.
        fit: how the picture is brought to the size, see `engine.media.scaling`; as shown, pixel aspect applied.
    """

    times_s: Sequence[float] | NDArray[np.float64]
    width: int
    height: int
    format: PixelFormat
    fit: Fit = "stretch"


def probe(path: str | Path) -> MediaInfo:
    """What the file says, without decoding more than its first frame.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_picture(path) as video:
        if isinstance(video, OpenSequence):
            return _info_of_sequence(video)
        is_variable = has_variable_rate(video)
        stream = video.stream
        measured = stream.average_rate if is_variable else (stream.guessed_rate or stream.average_rate)
        rate = snapped_frame_rate(measured or Fraction(25))
        if stream.duration:
            duration_s = stream.duration * video.time_base
        else:
            duration_s = Fraction(video.promised_end_s or 0.0).limit_denominator(av.time_base)
        width, height = shown_size(next(video.frames_from(0.0)).frame, pixel_aspect(video))
        return MediaInfo(
            path=video.path,
            frame_rate=rate,
            has_variable_frame_rate=is_variable,
            duration_s=duration_s,
            start_timecode_s=timecode_s(video, rate),
            width=width,
            height=height,
            has_audio=bool(decodable_sounds(video.container)),
        )


def _info_of_sequence(video: OpenSequence) -> MediaInfo:
    """A sequence's timecode is its first number, as editors count it."""
    sequence = video.sequence
    width, height = shown_size(next(video.frames_from(0.0)).frame, pixel_aspect(video))
    return MediaInfo(
        path=video.path,
        frame_rate=sequence.rate,
        has_variable_frame_rate=False,
        duration_s=sequence.duration_s,
        start_timecode_s=sequence.first / (sequence.rate * sequence.step),
        width=width,
        height=height,
        has_audio=False,
    )


def sample_picture(
    picture: Picture,
    wanted: Sequence[FrameRequest],
    *,
    on_progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[Frames]:
    """The frames shown at the wanted times: one array a request, uint8 [N, H, W] or [N, H, W, 3].

    All requests are served by one pass over the media, which starts near the first frame that is needed
    and stops after the last. Times outside the media hold its first or last frame.

    Raises:
        MediaNotFound, MediaUnreadable, MediaTruncated, Cancelled.
    """
    outputs = [np.zeros(_output_shape(request), np.uint8) for request in wanted]
    with open_picture(picture.media) as video:
        moments = _moments(picture, wanted, video.tolerance_s)
        aspect = pixel_aspect(video)
        scalers = [FrameScaler(r.width, r.height, r.format, r.fit, aspect) for r in wanted]
        for shown, first, end in _frames_shown(video, moments.limits_s):
            if is_cancelled is not None and is_cancelled():
                raise Cancelled("Cancelled.")
            if end > first:
                _fill(outputs, scalers, shown.frame, moments, first, end)
                if on_progress is not None:
                    on_progress(end / len(moments.limits_s))
    return outputs


@dataclass(frozen=True)
class _Moments:
    """All wanted moments sorted: a frame serves moment i if it is the last with time <= limits_s[i]."""

    limits_s: NDArray[np.float64]
    request_indices: NDArray[np.intp]
    positions: NDArray[np.intp]


def _moments(picture: Picture, wanted: Sequence[FrameRequest], tolerance_s: float) -> _Moments:
    limits = [_limits_s(picture, np.asarray(r.times_s, np.float64), tolerance_s) for r in wanted]
    limits_s = np.concatenate([*limits, np.zeros(0)])
    requests = np.repeat(np.arange(len(wanted)), [len(each) for each in limits])
    positions = np.concatenate([*(np.arange(len(each)) for each in limits), np.zeros(0, np.intp)])
    order = np.argsort(limits_s, kind="stable")
    return _Moments(limits_s[order], requests[order], positions[order].astype(np.intp))


def _limits_s(picture: Picture, times_s: NDArray[np.float64], tolerance_s: float) -> NDArray[np.float64]:
    """Media times such that the frame shown is the last that starts at or before them."""
    durations_s = [float(fraction(span.duration)) for span in picture.spans]
    ends_s = np.cumsum(durations_s)
    starts_s = ends_s - durations_s
    last = len(picture.spans) - 1
    span = np.clip(np.searchsorted(ends_s, times_s + PICTURE_ROUNDING_S, side="right"), 0, last)
    speed = np.array([float(fraction(each.speed)) for each in picture.spans])[span]
    source_start_s = np.array([float(fraction(each.source_start)) for each in picture.spans])[span]
    in_span_s = np.clip(times_s - starts_s[span], 0.0, np.asarray(durations_s)[span])
    # At a frame's boundary the one that starts there is shown, or in reverse the one that ends there;
    # past the picture's end its last frame is held, which is the other one.
    is_past_end = times_s + PICTURE_ROUNDING_S >= ends_s[-1]
    starts_there = (speed == 0) | ((speed > 0) ^ is_past_end)
    return np.asarray(source_start_s + in_span_s * speed + np.where(starts_there, tolerance_s, -tolerance_s))


def _frames_shown(video: OpenPicture, limits_s: NDArray[np.float64]) -> Iterator[tuple[ShownFrame, int, int]]:
    """Walk the media once: every decoded frame, with the range of sorted limits that it serves."""
    position, sought_for = 0, 0
    shown: ShownFrame | None = None
    frames: Iterator[ShownFrame] = video.frames_from(limits_s[0]) if len(limits_s) else iter(())
    while position < len(limits_s):
        upcoming = next(frames, None)
        if upcoming is None:
            break
        if shown is not None:
            end = int(np.searchsorted(limits_s, upcoming.time_s, side="left"))
            yield shown, position, max(position, end)
            position = max(position, end)
            is_next = sought_for < position < len(limits_s)
            if is_next and limits_s[position] - upcoming.time_s > SEEK_GAP_S:
                sought_for = position
                frames, shown = video.frames_from(limits_s[position]), None
                continue
        shown = upcoming
    if position < len(limits_s):
        yield last_frame(video, shown, limits_s[-1]), position, len(limits_s)


def last_frame(video: OpenPicture, shown: ShownFrame | None, needed_s: float) -> ShownFrame:
    """The frame held after the media's end, unless the end came too early."""
    if shown is None:
        raise MediaUnreadable(
            f"The picture of the media file {video.path} stops decoding; export it again, then relink the clip."
        )
    missing_s = video.missing_s(shown.end_s)
    if missing_s > MAX_MISSING_S and needed_s > shown.end_s + video.tolerance_s:
        raise MediaTruncated(
            f"The media file {video.path} is cut short: it holds {shown.end_s:.1f} s of picture where it "
            f"promises {shown.end_s + missing_s:.1f} s; copy or export it again, then relink the clip."
        )
    return shown


def _fill(
    outputs: list[Frames],
    scalers: list[FrameScaler],
    frame: VideoFrame,
    moments: _Moments,
    first: int,
    end: int,
) -> None:
    for index in np.unique(moments.request_indices[first:end]):
        of_request = moments.positions[first:end][moments.request_indices[first:end] == index]
        outputs[index][of_request] = scalers[index].pixels(frame)


def _output_shape(request: FrameRequest) -> tuple[int, ...]:
    shape = (len(request.times_s), request.height, request.width)
    return (*shape, 3) if request.format == "rgb24" else shape
