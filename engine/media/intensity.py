"""The intensity curve of a sound: what the editor draws, and what the language model follows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CURVE_RATE = 50
"""Points a second; one a codec frame."""
WINDOW_S = 0.1
FLOOR_DB = -60.0


def intensity_curve(wav: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Log-RMS of wav [N] in windows of 100 ms, -60..0 dB to 0..1, float32 [ceil(50 * N / sample_rate)].

    Point i is centred on the middle of frame i, (i + 0.5) / 50 s.
    """
    points = -(-wav.size * CURVE_RATE // sample_rate)
    power = np.concatenate([[0.0], np.cumsum(np.square(wav, dtype=np.float64))])
    centre = (np.arange(points) + 0.5) * sample_rate / CURVE_RATE
    half = WINDOW_S * sample_rate / 2
    begin = np.clip(np.round(centre - half), 0, wav.size).astype(int)
    end = np.clip(np.round(centre + half), 0, wav.size).astype(int)
    mean = (power[end] - power[begin]) / (WINDOW_S * sample_rate)
    level_db = 10 * np.log10(np.maximum(mean, 1e-12))
    curve: NDArray[np.float32] = np.clip(1 - level_db / FLOOR_DB, 0.0, 1.0).astype(np.float32)
    return curve
