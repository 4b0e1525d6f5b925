"""A placed take as it is delivered: its stretch of the WAV with gain, fades and pan in it, at its exact sample.

    take     |--head--|=========== heard ===========|--tail--|
    file           |h |/==========================\\| h|          h: handles, if asked for
                   ^
                   start_sample, counted from midnight or from the cut's start

Edges are exact rationals, rounded to samples once; the take is read from the sample that is nearest to the
file's first, so no sound moves by more than half a sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soundfile

from engine.errors import FoleyError
from engine.protocol import PAN_RATE
from foley_plugin.takes.levels import read_samples
from foley_plugin.takes.loudness import Samples, factor_of
from foley_plugin.timeline.families import Family
from foley_plugin.timeline.placement import SAMPLE_RATE
from foley_plugin.timeline.records import Placement

CENTRE_PAN = math.sqrt(0.5)
"""Of each side: the sum of their powers is the take's own."""
RESAMPLING_MARGIN_S = Fraction(1, 10)
"""Read on either side, so that the resampler's edges lie outside; whole samples at every rate we write."""


class TakeUnreadable(FoleyError):
    """A take's WAV is gone or broken."""

    code = "take_unreadable"


@dataclass(frozen=True)
class PlacedSound:
    """Where a take is heard and what is done to it.

    Attributes:
        first: exact seconds of what is heard, from the cut's start (handles included).
        duration: exact seconds.
        offset: exact seconds of `first` in the WAV.
    """

    wav: str
    first: Fraction
    duration: Fraction
    offset: Fraction
    gain_db: float
    fade_in_s: Fraction
    fade_out_s: Fraction
    num_channels: int
    pan: tuple[float, ...] = ()
    """Places from the WAV's start, -1 (left) to 1, `PAN_RATE` a second; the middle where there are none."""

    def start_sample(self, sample_rate: int, origin: Fraction = Fraction(0)) -> int:
        """The first sample, where sample 0 is `origin` seconds before the cut's start."""
        return round((origin + self.first) * sample_rate)

    def num_samples(self, sample_rate: int) -> int:
        """Long enough for the whole of the last frame."""
        return math.ceil(self.duration * sample_rate)


def placed_sound(
    placement: Placement,
    rate: Fraction,
    family: Family,
    *,
    handle_frames: int = 0,
    earliest_frame: int = 0,
    width: float | None = None,
) -> PlacedSound:
    """What is heard of a placement, and as much of its handles as is there.

    Args:
        rate: frames a second of the timeline.
        handle_frames: asked for on either side.
        earliest_frame: no file starts before this frame of the timeline, so that none starts before midnight,
            which could not be stamped.
        width: stereo, with the take where its motion was: 0 leaves all in the middle, 1 goes to the edges. None
            delivers the family's own channels.
    """
    before, after = handles(placement, handle_frames, earliest_frame)
    return PlacedSound(
        wav=placement.wav,
        first=(placement.record_frame - before) / rate,
        duration=(before + placement.duration_frames + after) / rate,
        offset=(placement.head_frames - before) / rate,
        gain_db=placement.gain_db,
        fade_in_s=Fraction(placement.fade_in_samples, SAMPLE_RATE),
        fade_out_s=Fraction(placement.fade_out_samples, SAMPLE_RATE),
        num_channels=family.num_channels if width is None else 2,
        pan=() if width is None else tuple(width * place for place in pan_of(placement)),
    )


def pan_of(placement: Placement) -> list[float]:
    """Where the take's motion was, as its metadata has it."""
    pan = placement.metadata.get("pan")
    return [float(place) for place in pan] if isinstance(pan, list) else []


def handles(placement: Placement, handle_frames: int, earliest_frame: int) -> tuple[int, int]:
    """Frames of sound before and after what is heard, as far as the take has them."""
    tail_frames = placement.wav_frames - placement.head_frames - placement.duration_frames
    before = min(handle_frames, placement.head_frames, placement.record_frame - earliest_frame)
    return max(0, before), max(0, min(handle_frames, tail_frames))


def rendered(sound: PlacedSound, sample_rate: int, origin: Fraction = Fraction(0)) -> Samples:
    """The sound as it is delivered: [N, C].

    Args:
        origin: see `PlacedSound.start_sample`.

    Raises:
        TakeUnreadable.
    """
    start = sound.start_sample(sample_rate, origin)
    length = sound.num_samples(sample_rate)
    from_wav = sound.offset + Fraction(start, sample_rate) - origin - sound.first
    mono = _read(sound.wav, from_wav, length, sample_rate)
    mono = mono * factor_of(sound.gain_db) * _fades(sound, length, sample_rate)
    if sound.num_channels == 1:
        return mono[:, None]
    return mono[:, None] * _sides(sound, from_wav, length, sample_rate)


def _sides(sound: PlacedSound, from_wav: Fraction, length: int, sample_rate: int) -> Samples:
    """Left and right factors [N, 2], of one power wherever the take is, and never of opposite sign: folded to mono,
    nothing is cancelled.
    """
    if not any(sound.pan):
        return np.full((length, 2), CENTRE_PAN, np.float32)
    moments = (float(from_wav) + np.arange(length) / sample_rate) * PAN_RATE - 0.5
    places = np.clip(np.interp(moments, np.arange(len(sound.pan)), sound.pan), -1, 1)
    angle = (places + 1) * np.pi / 4
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def _fades(sound: PlacedSound, length: int, sample_rate: int) -> Samples:
    """Half a cosine at either edge; the first and the last sample are silent."""
    envelope = np.ones(length, np.float32)
    for fade_s, edge in ((sound.fade_in_s, slice(None)), (sound.fade_out_s, slice(None, None, -1))):
        size = min(round(fade_s * sample_rate), length // 2)
        if size:
            ramp = (1 - np.cos(np.pi * np.arange(size) / size)) / 2
            envelope[edge][:size] *= ramp.astype(np.float32)
    return envelope


def _read(wav: str, from_wav: Fraction, length: int, sample_rate: int) -> Samples:
    """`length` samples at the rate asked for, mono, silent past the file's end."""
    try:
        own_rate = soundfile.info(wav).samplerate
        if own_rate == sample_rate:
            return _stretch(wav, round(from_wav * own_rate), length)
        import soxr  # here, since a delivery at the takes' own rate needs none

        margin = round(RESAMPLING_MARGIN_S * own_rate)
        own_length = math.ceil(Fraction(length * own_rate, sample_rate)) + 2 * margin
        source = _stretch(wav, round(from_wav * own_rate) - margin, own_length)
        resampled = soxr.resample(source, own_rate, sample_rate, quality="VHQ")
        return np.asarray(resampled, np.float32)[round(RESAMPLING_MARGIN_S * sample_rate) :][:length]
    except (soundfile.SoundFileError, OSError) as error:
        raise TakeUnreadable(
            f"The take {wav} is missing or unreadable; bring it back or generate it anew."
        ) from error


def _stretch(wav: str, start: int, length: int) -> Samples:
    samples, _ = read_samples(wav, max(0, start), max(0, start + length))
    before = max(0, -start)
    mono = samples.mean(axis=1)[: length - before]
    return np.pad(mono, (before, length - before - len(mono)))
