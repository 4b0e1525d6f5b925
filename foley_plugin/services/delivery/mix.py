"""Sounds read in stretches, one alone or many over each other.

A stem is as long as the cut and never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from foley_plugin.services.delivery.sound import PlacedSound, rendered
from foley_plugin.takes.loudness import Loudness, Samples, factor_of, loudness_of, measured

BLOCK_S = 30
KEPT_SOUNDS = 16
"""A sound across a border of blocks is rendered once."""


class Alone:
    """One sound, from its own first sample on.

    Args:
        origin: see `PlacedSound.start_sample`.
    """

    def __init__(self, sound: PlacedSound, sample_rate: int, origin: Fraction) -> None:
        self.sound = sound
        self.num_channels = sound.num_channels
        self.num_samples = sound.num_samples(sample_rate)
        self._sample_rate = sample_rate
        self._origin = origin
        self._loudness: Loudness | None = None

    def blocks(self, gain_db: float) -> Iterator[Samples]:
        yield rendered(self.sound, self._sample_rate, self._origin) * np.float32(factor_of(gain_db))

    def loudness(self) -> Loudness:
        """Measured once.

        Raises:
            TakeUnreadable.
        """
        if self._loudness is None:
            (samples,) = self.blocks(0.0)
            self._loudness = loudness_of(samples, self._sample_rate)
        return self._loudness


class Mix:
    """The sum of sounds from the cut's start on.

    Args:
        num_channels: a mono sound in a stereo mix goes to the centre.
        num_samples: of the whole.
        origin: what sample 0 is counted from, seconds before the cut's start; a sound has the same samples here
            as in a file of its own that is stamped by the same clock.
    """

    def __init__(
        self,
        sounds: Sequence[PlacedSound],
        num_channels: int,
        num_samples: int,
        sample_rate: int,
        origin: Fraction = Fraction(0),
    ) -> None:
        self._places = [
            (sound.start_sample(sample_rate, origin) - round(origin * sample_rate), sound) for sound in sounds
        ]
        self.num_channels = num_channels
        self.num_samples = num_samples
        self._sample_rate = sample_rate
        self._loudness: Loudness | None = None
        self._rendered = lru_cache(KEPT_SOUNDS)(lambda sound: rendered(sound, sample_rate, origin))

    def read(self, start: int, end: int) -> Samples:
        """A stretch of the sum, [end - start, C]."""
        total = np.zeros((max(0, end - start), self.num_channels), np.float32)
        for first, sound in self._places:
            last = first + sound.num_samples(self._sample_rate)
            low, high = max(start, first), min(end, last)
            if low < high:
                part = self._rendered(sound)[low - first : high - first]
                total[low - start : high - start] += self._laid_out(part)
        return total

    def blocks(self, gain_db: float) -> Iterator[Samples]:
        """The whole, a stretch at a time."""
        size = BLOCK_S * self._sample_rate
        for start in range(0, self.num_samples, size):
            yield self.read(start, min(start + size, self.num_samples)) * np.float32(factor_of(gain_db))

    def loudness(self) -> Loudness:
        """Measured once.

        Raises:
            TakeUnreadable.
        """
        if self._loudness is None:
            self._loudness = measured(self.read, self.num_samples, self._sample_rate)
        return self._loudness

    def _laid_out(self, part: Samples) -> Samples:
        if part.shape[1] == self.num_channels:
            return part
        return np.repeat(part * np.float32(np.sqrt(0.5)), self.num_channels, axis=1)
