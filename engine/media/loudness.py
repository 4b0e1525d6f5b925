"""Integrated loudness of a sound, ITU-R BS.1770-4, mono: what two sounds must share to be compared fairly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48000
"""The standard gives its filters' coefficients for this rate alone."""

SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Numerator and denominator of BS.1770-4's two stages, tables 1 and 2."""

BLOCK_SAMPLES = 19200
STEP_SAMPLES = 4800
"""Blocks of 400 ms that overlap by three quarters."""
OFFSET_LU = -0.691
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RING_SAMPLES = SAMPLE_RATE
"""The high pass has rung out after a second, so that filtering by spectrum does not wrap round."""


def integrated_loudness(wav: NDArray[np.floating]) -> float:
    """LUFS of mono [N] at 48 kHz; minus infinity for silence. Under 400 ms, the one short block counts.

    A full-scale sine of 997 Hz measures -3.01.
    """
    powers = _block_powers(_k_weighted(np.asarray(wav, np.float64)))
    loud = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if loud.size == 0:
        return float("-inf")
    gate = float(_lufs(loud.mean())) + RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def _k_weighted(wav: NDArray[np.float64]) -> NDArray[np.float64]:
    """Both filters at once, as one product with their frequency response."""
    length = 1 << (wav.size + RING_SAMPLES - 1).bit_length()
    unit = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    response = np.ones_like(unit)
    for numerator, denominator in (SHELF, HIGH_PASS):
        response *= np.polyval(numerator[::-1], unit) / np.polyval(denominator[::-1], unit)
    return np.asarray(np.fft.irfft(np.fft.rfft(wav, length) * response, length)[: wav.size])


def _block_powers(wav: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean square of every block."""
    if wav.size == 0:
        return np.zeros(0)
    size = min(BLOCK_SAMPLES, wav.size)
    sums = np.concatenate([[0.0], np.cumsum(np.square(wav))])
    starts = np.arange(0, wav.size - size + 1, STEP_SAMPLES)
    return np.asarray((sums[starts + size] - sums[starts]) / size)


def _lufs(power: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(OFFSET_LU + 10 * np.log10(np.maximum(power, 1e-20)))
