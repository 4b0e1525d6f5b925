"""Decoded sound as one channel or two at one rate, whatever a file turns into on its way.

The rule by which a film's sound is mixed, for the ear, the guide, its drawing and training (recordings and outlines
that libsndfile reads are the mean of their channels):

- Channels that have places, as those of 5.1, are one mix: they are weighted by their places, and the weights of a
  side add up to one at most, so that a downmix is never louder than the loudest of its channels.
- Channels without places are microphones side by side, and so are several streams: they are added, as tracks are in
  an editing program, so that a silent one makes no other one quieter. What would clip is bent: see
  `bent_under_full_scale`.
"""

from __future__ import annotations

from functools import cache

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

MAX_CHANNELS = 2

SIDE_WEIGHT = float(np.sqrt(0.5))
"""Of a channel in the middle, at the side or behind, in each side that it is heard on, after ITU-R BS.775."""
FRONT = {"FL", "FR", "DL", "DR"}
PLACELESS = "NONE"

BENT_FROM = 0.8
"""What was added bends from here on, so that it stays under full scale."""

Mixed = NDArray[np.float32]
"""[N, C] with one channel or two."""


class Mixer:
    """Mixes frames to float32. Recordings that were joined may change their channels or rate in mid-stream."""

    def __init__(self, num_channels: int, rate: int) -> None:
        self._num_channels, self._rate = num_channels, rate
        self._taken: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None

    def mixed(self, frame: AudioFrame) -> list[Mixed]:
        """What a frame comes to, [N, C] each; more than full scale where channels without places are loud."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or kind != self._taken:
            self._taken = kind
            # Packed: of planar frames PyAV knows no more than eight channels.
            self._resampler = av.AudioResampler(format="flt", layout=None, rate=self._rate)
        weights = mix_weights(tuple(each.name for each in frame.layout.channels), self._num_channels)
        return [
            np.asarray(each.to_ndarray(), np.float32).reshape(-1, each.layout.nb_channels) @ weights
            for each in self._resampler.resample(frame)
        ]


@cache
def mix_weights(places: tuple[str, ...], num_channels: int) -> Mixed:
    """What each channel counts in each output, float32 [in, out]; places are FFmpeg's names of them.

    Args:
        num_channels: 1, the mean of both sides, or 2, left and right.
    """
    if len(places) == 1:
        return np.ones((1, num_channels), np.float32)
    if len(places) == 2:
        sides = np.eye(2)
    elif PLACELESS in places:
        sides = np.ones((len(places), 2))
    else:
        sides = np.array([_side_weights(place) for place in places])
        sides /= np.maximum(sides.sum(axis=0), 1.0).max()
    if num_channels == 1:
        sides = sides.mean(axis=1, keepdims=True)
    return np.asarray(sides, np.float32)


def _side_weights(place: str) -> tuple[float, float]:
    """Left and right. What is neither is in the middle, the low frequencies too: a recorder's fourth is called that."""
    weight = 1.0 if place in FRONT else SIDE_WEIGHT
    side = place.rstrip("C")[-1:]
    return (0.0 if side == "R" else weight, 0.0 if side == "L" else weight)


def bent_under_full_scale(wav: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same up to `BENT_FROM`, and smoothly less than 1 above. Each sample alone, so that stretches join."""
    level = np.abs(wav)
    if level.max(initial=0.0) <= BENT_FROM:
        return wav
    room = 1.0 - BENT_FROM
    bent = BENT_FROM + room * np.tanh((level - BENT_FROM) / room)
    return np.where(level <= BENT_FROM, wav, np.copysign(bent, wav)).astype(np.float32)
