"""A stretch of a film's sound, by seeking: a rush may last hours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from engine.media.decoding import OpenVideo, decodable_sounds, has_picture, open_container, sound_streams
from engine.media.mixing import Mixed, bent_under_full_scale
from engine.media.sound_pieces import is_added, num_channels_of, sound_pieces

SEEK_EARLY_S = 0.5
"""Codecs need packets before the first whole sound."""
MARGIN_S = 0.05
"""Decoded on both sides of a stretch, so that the resampler's edges lie outside of it."""

Wav = NDArray[np.float32]


def has_sound(path: Path) -> bool:
    """Whether there is sound that can be decoded.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_container(path) as container:
        return bool(decodable_sounds(container))


def read_sound_range(path: Path, start_s: float, duration_s: float) -> tuple[Wav, int]:
    """All sounds of a film as one, float32 mono [N], and the sample rate; silent where it has none.

    Args:
        start_s: on the film's own clock, on which its first picture is 0; in a sound file its first sample.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_container(path) as container:
        streams = sound_streams(container, path)
        rate = max(stream.rate for stream in streams)
        first, count = round(start_s * rate), round(duration_s * rate)
        wav = decoded_range(container, streams, clock_origin_s(path, container), first, count, rate)
    return np.ascontiguousarray(wav.mean(axis=1)), rate


def sound_length_s(path: Path) -> float:
    """How much sound the container promises; 0 where it does not say.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_container(path) as container:
        return _promised_s(container, sound_streams(container, path))


def read_sound_stretch(path: Path, start_s: float, longest_s: float) -> tuple[Wav, int]:
    """As `read_sound_range`, counted from the first sound: no picture is decoded. It ends where the sound ends.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with open_container(path) as container:
        streams = sound_streams(container, path)
        rate = max(stream.rate for stream in streams)
        promised_s = _promised_s(container, streams)
        duration_s = min(longest_s, max(0.0, promised_s - start_s)) if promised_s else longest_s
        first, count = round(start_s * rate), round(duration_s * rate)
        wav = decoded_range(container, streams, _first_sound_s(streams), first, count, rate)
    return np.ascontiguousarray(wav.mean(axis=1)), rate


def _promised_s(container: InputContainer, streams: Sequence[AudioStream]) -> float:
    stated = [float(each.duration * each.time_base) for each in streams if each.duration and each.time_base]
    return max(stated, default=(container.duration or 0) / av.time_base)


def _first_sound_s(streams: Sequence[AudioStream]) -> float:
    return min(float((each.start_time or 0) * (each.time_base or 0)) for each in streams)


def decoded_range(
    container: InputContainer,
    streams: Sequence[AudioStream],
    origin_s: float,
    first_sample: int,
    num_samples: int,
    rate: int,
) -> Mixed:
    """The streams' sum from `first_sample` on, at `rate` Hz, counted from `origin_s` of the container's clock."""
    num_channels = num_channels_of(streams)
    stretches = [_own_stretch(first_sample, num_samples, stream.rate, rate) for stream in streams]
    from_s = origin_s + min(each.begins_s for each in stretches)
    until_s = origin_s + max(each.ends_s for each in stretches)
    if container.duration:
        container.seek(int(max(0.0, from_s - SEEK_EARLY_S) * av.time_base), backward=True)
    by_stretch = {each: np.zeros((each.count, num_channels), np.float32) for each in stretches}
    for piece in sound_pieces(container, streams, num_channels, from_s=origin_s, until_s=until_s):
        stretch = stretches[piece.stream]
        _add(by_stretch[stretch], piece.wav, piece.at - stretch.first)
    total = np.zeros((num_samples, num_channels), np.float32)
    for stretch, own in by_stretch.items():
        if stretch.rate != rate:
            own = np.asarray(soxr.resample(own, stretch.rate, rate, quality="HQ"), np.float32)
        part = own[stretch.skipped : stretch.skipped + num_samples]
        total[: len(part)] += part
    return bent_under_full_scale(total) if is_added(streams) else total


@dataclass(frozen=True)
class _Stretch:
    """What to decode at a stream's own rate, and how many samples of it at the wanted rate come too early."""

    rate: int
    first: int
    count: int
    skipped: int

    @property
    def begins_s(self) -> float:
        return self.first / self.rate

    @property
    def ends_s(self) -> float:
        return (self.first + self.count) / self.rate


def _own_stretch(first: int, count: int, own_rate: int, rate: int) -> _Stretch:
    """Both grids meet where the stretch begins, so that every stretch is resampled at the same phase."""
    common = math.gcd(own_rate, rate)
    own_step, step = own_rate // common, rate // common
    periods = (first - round(MARGIN_S * rate)) // step
    own_first, skipped = periods * own_step, first - periods * step
    own_count = -(-(skipped + count) * own_rate // rate) + round(MARGIN_S * own_rate)
    return _Stretch(own_rate, own_first, own_count, skipped)


def _add(wav: Mixed, piece: Mixed, at: int) -> None:
    """Add a piece, [N, C], at a sample that may lie before the first."""
    first, end = max(0, at), min(len(wav), at + len(piece))
    if end > first:
        wav[first:end] += piece[first - at : end - at]


def clock_origin_s(path: Path, container: InputContainer) -> float:
    """Seconds of the container's clock at a film's first picture, or at a sound file's first sample."""
    if has_picture(container):
        with OpenVideo(path) as video:
            return video.origin_s
    return _first_sound_s(sound_streams(container, path))
