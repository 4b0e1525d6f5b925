"""A film's or a file's own sound for the ear: stretches at one rate that join without a seam."""

from __future__ import annotations

import math
from pathlib import Path

import av
import numpy as np
import soxr
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from engine.errors import MediaUnreadable
from engine.media.decoding import open_container, sound_stream
from engine.media.image_sequence import media_stamp
from engine.media.mixing import Mixer
from engine.media.sound_range import SEEK_EARLY_S, clock_origin_s, lay

MAX_CHANNELS = 2
MARGIN_S = 0.05
"""Decoded on both sides of a stretch, so that the resampler's edges lie outside of it."""
MAX_ORIGINS = 256

Heard = NDArray[np.float32]
"""[N, C] with one channel or two."""


RATES = range(1_000, 768_001)
"""What a file may say of itself, Hz: how much is decoded follows from it."""


class SoundReader:
    """Reads stretches of sounds. Remembers where each file's clock begins, which costs a decoder to find."""

    def __init__(self) -> None:
        self._origins_s: dict[tuple[str, int, int], float] = {}

    def read(self, path: Path, first_sample: int, num_samples: int, rate: int) -> Heard:
        """Samples from `first_sample` on, at `rate` Hz, counted from the first picture or sample; silent outside.

        Raises:
            MediaNotFound, MediaUnreadable.
        """
        with open_container(path) as container:
            stream = sound_stream(container, path)
            if stream.rate not in RATES:
                raise MediaUnreadable(
                    f"The sound of {path} is at {stream.rate} Hz, which is none; convert the file."
                )
            own_first, own_count, skipped = _own_stretch(first_sample, num_samples, stream.rate, rate)
            origin_s = self._origin_s(path, container)
            own = _decoded(container, stream, origin_s + own_first / stream.rate, own_count)
        if stream.rate != rate:
            own = np.asarray(soxr.resample(own, stream.rate, rate, quality="HQ"), np.float32)
        wav = np.zeros((num_samples, own.shape[1]), np.float32)
        part = own[skipped : skipped + num_samples]
        wav[: len(part)] = part
        return wav

    def _origin_s(self, path: Path, container: InputContainer) -> float:
        key = (str(path), *media_stamp(str(path)))
        if key not in self._origins_s:
            if len(self._origins_s) >= MAX_ORIGINS:
                self._origins_s.clear()
            self._origins_s[key] = clock_origin_s(path, container)
        return self._origins_s[key]


def _own_stretch(first: int, count: int, own_rate: int, rate: int) -> tuple[int, int, int]:
    """What to decode at the file's rate, and how many samples at `rate` of it come before `first`.

    Both grids meet where the stretch begins, so that every stretch is resampled at the same phase.
    """
    common = math.gcd(own_rate, rate)
    own_step, step = own_rate // common, rate // common
    periods = (first - round(MARGIN_S * rate)) // step
    own_first, skipped = periods * own_step, first - periods * step
    own_count = -(-(skipped + count) * own_rate // rate) + round(MARGIN_S * own_rate)
    return own_first, own_count, skipped


def _decoded(container: InputContainer, stream: AudioStream, start_s: float, count: int) -> Heard:
    """[count, C] at the stream's rate from a moment of the container's clock."""
    num_channels = min(MAX_CHANNELS, stream.channels)
    rate = stream.rate
    wav = np.zeros((count, num_channels), np.float32)
    if container.duration:
        container.seek(int(max(0.0, start_s - SEEK_EARLY_S) * av.time_base), backward=True)
    mixer = Mixer("mono" if num_channels == 1 else "stereo", rate)
    end: int | None = None
    for packet in container.demux(stream):
        try:
            frames = stream.decode(packet)
        except av.FFmpegError:
            continue
        for frame in frames:
            if frame.time is None:
                continue
            at = round((frame.time - start_s) * rate)
            if end is not None and abs(at - end) <= rate // 200:
                at = end  # time stamps that were rounded
            if at >= count:
                return wav
            for piece in mixer.mixed(frame):
                lay(wav, piece, at)
                at += len(piece)
            end = at
    return wav
