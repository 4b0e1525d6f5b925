"""Films that any browser plays, also one without licensed codecs: VP9 and Opus in WebM.

The picture is encoded once; each sound is laid under a copy of the very same packets, so that two films differ
in nothing but what is heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.media.atomic import new_file
from engine.media.scaling import Frames

SAMPLE_RATE = 48000
"""Opus knows no other rate."""
SOUND_BIT_RATE = 192_000
"""Mono: beyond what a listener can tell from the original."""
PICTURE_OPTIONS = {"deadline": "realtime", "cpu-used": "6", "row-mt": "1", "crf": "24", "b": "0"}
OPUS_FRAME_SAMPLES = 960


def write_silent_picture(frames: Iterable[Frames], out: Path, *, frame_rate: Fraction) -> None:
    """RGB frames uint8 [H, W, 3] of one even size: VP9 in a WebM without sound.

    Raises:
        OutputError: `out` exists or cannot be written. MediaError: the frames' source cannot be read.
    """
    with new_file(out) as temporary, av.open(str(temporary), "w", format="webm") as container:
        stream: VideoStream | None = None
        for index, pixels in enumerate(frames):
            if stream is None:
                stream = _picture_stream(container, pixels, frame_rate)
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = index, 1 / frame_rate
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))


def write_with_sound(
    picture: Path, wav: NDArray[np.floating], out: Path, *, duration: Fraction | None = None
) -> None:
    """A copy of a silent WebM's picture with mono `wav` [N] at 48 kHz under it, cut or filled to `duration` s.

    Raises:
        OutputError: `out` exists or cannot be written.
    """
    sound = np.asarray(np.clip(wav, -1.0, 1.0), np.float32)
    if duration is not None:
        num_samples = round(duration * SAMPLE_RATE)
        sound = np.pad(sound[:num_samples], (0, max(0, num_samples - sound.size)))
    with (
        new_file(out) as temporary,
        av.open(str(picture)) as source,
        av.open(str(temporary), "w", format="webm", options={"cues_to_front": "1"}) as container,
    ):
        video = container.add_stream_from_template(source.streams.video[0])
        audio = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        assert isinstance(audio, AudioStream)
        audio.bit_rate = SOUND_BIT_RATE
        _mux(source, container, video, audio, sound)


def _picture_stream(container: OutputContainer, pixels: Frames, frame_rate: Fraction) -> VideoStream:
    stream = container.add_stream("libvpx-vp9", rate=frame_rate, options=PICTURE_OPTIONS)
    assert isinstance(stream, VideoStream)
    stream.height, stream.width = pixels.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = 1 / frame_rate
    return stream


def _mux(
    source: InputContainer,
    container: OutputContainer,
    video: VideoStream,
    audio: AudioStream,
    sound: NDArray[np.float32],
) -> None:
    """Packets of the picture, each after the sound up to its time."""
    num_done = 0
    for packet in source.demux(video=0):
        if packet.pts is None:
            continue  # the empty packet at the end
        until = min(sound.size, int(packet.pts * packet.time_base * SAMPLE_RATE) + SAMPLE_RATE // 2)
        num_done = _encode_sound(container, audio, sound, num_done, until)
        packet.stream = video
        container.mux(packet)
    _encode_sound(container, audio, sound, num_done, sound.size)
    container.mux(audio.encode(None))


def _encode_sound(
    container: OutputContainer, audio: AudioStream, sound: NDArray[np.float32], start: int, stop: int
) -> int:
    """Sound from sample `start` up to `stop`, in frames of the encoder's size; how far it came."""
    while start < stop:
        piece = sound[start : min(start + OPUS_FRAME_SAMPLES, sound.size)]
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece[None]), format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        container.mux(audio.encode(frame))
        start += piece.size
    return start
