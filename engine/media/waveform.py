"""The outline of a sound, for drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.media.audio import Wav, read_audio_with_rate


def peaks(path: Path, bins_per_s: int) -> tuple[NDArray[np.float32], float]:
    """Lowest and highest sample of each bin, float32 [num_bins, 2], and the duration in seconds.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    wav, sample_rate = read_audio_with_rate(path)
    return peaks_of(wav, sample_rate, bins_per_s), len(wav) / sample_rate


def peaks_of(wav: Wav, sample_rate: int, bins_per_s: int) -> NDArray[np.float32]:
    """Bin i holds the samples from i / bins_per_s to (i + 1) / bins_per_s seconds, rounded down.

    With more bins than samples a bin repeats the sample that it falls on.
    """
    if len(wav) == 0:
        return np.zeros((0, 2), np.float32)
    num_bins = -(-len(wav) * bins_per_s // sample_rate)
    starts = np.arange(num_bins, dtype=np.int64) * sample_rate // bins_per_s
    return np.stack([np.minimum.reduceat(wav, starts), np.maximum.reduceat(wav, starts)], axis=1)
