"""A stretch of a film's sound, by seeking: a rush may last hours."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from engine.media.decoding import OpenVideo, decodable_sounds, has_picture, open_container, sound_stream
from engine.media.mixing import Mixer

SEEK_EARLY_S = 0.5
"""Codecs need packets before the first whole sound."""

Wav = NDArray[np.float32]


def has_sound(path: Path) -> bool:
    """Whether there is sound that can be decoded.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_container(path) as container:
        return bool(decodable_sounds(container))


def read_sound_range(path: Path, start_s: float, duration_s: float) -> tuple[Wav, int]:
    """float32 mono [N] and its sample rate; silent where the film has no sound.

    Args:
        start_s: on the film's own clock, on which its first picture is 0; in a sound file its first sample.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_container(path) as container:
        stream = sound_stream(container, path)
        origin_s = clock_origin_s(path, container)
        rate = stream.rate
        wav = np.zeros(round(duration_s * rate), np.float32)
        if container.duration:
            target_s = max(0.0, origin_s + start_s - SEEK_EARLY_S)
            container.seek(int(target_s * av.time_base), backward=True)
        mixer = Mixer("mono", rate)
        for packet in container.demux(stream):
            try:
                frames = stream.decode(packet)
            except av.FFmpegError:
                continue
            for frame in frames:
                if frame.time is None:
                    continue
                at = round((frame.time - origin_s - start_s) * rate)
                if at >= len(wav):
                    return wav, rate
                for mixed in mixer.mixed(frame):
                    lay(wav, mixed[:, 0], at)
    return wav, rate


def lay(wav: Wav, piece: Wav, at: int) -> None:
    """Put a piece, [N] or [N, C], at a sample that may lie before the first."""
    first, end = max(0, at), min(len(wav), at + len(piece))
    if end > first:
        wav[first:end] = piece[first - at : end - at]


def clock_origin_s(path: Path, container: InputContainer) -> float:
    """Seconds of the container's clock at a film's first picture, or at a sound file's first sample."""
    if has_picture(container):
        with OpenVideo(path) as video:
            return video.origin_s
    stream = sound_stream(container, path)
    return float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
