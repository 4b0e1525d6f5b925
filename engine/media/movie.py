"""A film of pictures as played with one sound under them, to look at and hear a result."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.errors import OutputError
from engine.media.atomic import new_file
from engine.media.scaling import Frames
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture

VIDEO_ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "mpeg4")
"""Tried in this order: builds of FFmpeg differ in what they hold."""

NUM_FRAMES_AT_ONCE = 64


def write_movie(
    pictures: Sequence[Picture],
    wav: NDArray[np.floating],
    out: str | Path,
    *,
    width: int,
    height: int,
    frame_rate: Fraction,
    sample_rate: int = 48000,
    is_cancelled: Callable[[], bool] | None = None,
) -> None:
    """The pictures one after the other, cropped to fill an even `width` x `height`, with mono `wav`: mp4.

    Raises:
        MediaError: a picture cannot be read. OutputError: `out` exists or cannot be written. Cancelled.
    """
    frames = picture_frames(pictures, width, height, frame_rate, is_cancelled)
    write_frames_as_movie(frames, wav, out, frame_rate=frame_rate, sample_rate=sample_rate)


def picture_frames(
    pictures: Sequence[Picture],
    width: int,
    height: int,
    frame_rate: Fraction,
    is_cancelled: Callable[[], bool] | None = None,
) -> Iterator[Frames]:
    """RGB frames uint8 [H, W, 3] of the pictures laid end to end, at exact frame times of the whole."""
    start, num_done = Fraction(0), 0
    for picture in pictures:
        end = start + picture.duration
        num_until_end = -(-end * frame_rate // 1)  # frames that start before the end
        times_s = [float(i / frame_rate - start) for i in range(num_done, int(num_until_end))]
        for first in range(0, len(times_s), NUM_FRAMES_AT_ONCE):
            request = FrameRequest(
                times_s[first : first + NUM_FRAMES_AT_ONCE], width, height, "rgb24", "crop"
            )
            [frames] = sample_picture(picture, [request], is_cancelled=is_cancelled)
            yield from frames
        start, num_done = end, int(num_until_end)


def write_frames_as_movie(
    frames: Iterable[Frames],
    wav: NDArray[np.floating],
    out: str | Path,
    *,
    frame_rate: Fraction,
    sample_rate: int = 48000,
) -> None:
    """RGB frames uint8 [H, W, 3] of one even size and mono `wav` [N]: H.264 and AAC in an mp4.

    Raises:
        OutputError: `out` exists or cannot be written.
    """
    out = Path(out)
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise OutputError(f"The film {out} would have no frames; choose at least one clip.")
    with new_file(out) as temporary:
        try:
            with av.open(str(temporary), "w", format="mp4", options={"movflags": "faststart"}) as container:
                video = _video_stream(container, first, frame_rate)
                audio = container.add_stream("aac", rate=sample_rate, layout="mono", options={"b": "192k"})
                _encode(container, video, audio, itertools.chain([first], iterator), wav)
        except av.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error


def _video_stream(container: OutputContainer, first: Frames, frame_rate: Fraction) -> VideoStream:
    available = [name for name in VIDEO_ENCODERS if name in av.codecs_available and _can_encode(name)]
    name = available[0]
    options = {"crf": "18", "preset": "veryfast"} if name == "libx264" else {"b": "6M"}
    stream = container.add_stream(name, rate=frame_rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = 1 / frame_rate
    return stream


def _can_encode(name: str) -> bool:
    try:
        av.Codec(name, "w")
    except ValueError:
        return False
    return True


def _encode(
    container: OutputContainer,
    video: VideoStream,
    audio: AudioStream,
    frames: Iterator[Frames],
    wav: NDArray[np.floating],
) -> None:
    """Frame by frame, each followed by the sound up to its end."""
    frame_rate, num_samples_done = 1 / Fraction(video.codec_context.time_base or 1), 0
    sound = np.asarray(np.clip(wav, -1, 1), np.float32)
    for index, pixels in enumerate(frames):
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame.pts, frame.time_base = index, 1 / frame_rate
        container.mux(video.encode(frame))
        end_samples = int((index + 1) / frame_rate * audio.rate)
        _encode_sound(container, audio, sound[num_samples_done:end_samples], num_samples_done)
        num_samples_done = end_samples
    _encode_sound(container, audio, sound[num_samples_done:], num_samples_done)
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def _encode_sound(
    container: OutputContainer, audio: AudioStream, samples: NDArray[np.float32], start_samples: int
) -> None:
    if len(samples) == 0:
        return
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = audio.rate, start_samples, Fraction(1, audio.rate)
    container.mux(audio.encode(frame))
