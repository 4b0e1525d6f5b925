"""How loud a sound is, by ITU-R BS.1770: gated loudness, loudest moment, true peak.

Sounds of hits are often shorter than the standard's block of 400 ms, and a clip is as long as its cut, not as
its sound. So every measure is taken as in a programme: with silence before and after. Then the loudest moment
(EBU Tech 3341's momentary loudness at its highest) is defined for a sound of any length, a single click too,
and does not change when silence is added.

A long sound is measured in stretches, so that an hour needs no more memory than half a minute.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""[N, C], full scale is 1."""

ReadSamples = Callable[[int, int], Samples]
"""Samples from the first index up to the second."""

BLOCK_S = 0.4
SHORT_TERM_S = 3.0
HOP_S = 0.1
STRETCH_S = 30
LEAD_S = 4
"""Read again before each stretch: the longest block, and a second for the filters to settle."""

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LU = -0.691

OVERSAMPLING = 4
"""BS.1770 annex 2: four times suffice at 48 kHz."""
PEAK_MARGIN_SAMPLES = 256
"""Of silence or neighbours on either side, in which the interpolation rings out."""


@dataclass(frozen=True)
class Loudness:
    """What was measured; minus infinity is silence.

    `integrated_lufs` of a sound shorter than a block is its loudest moment.
    """

    integrated_lufs: float
    momentary_lufs: float
    short_term_lufs: float
    true_peak_dbtp: float


def loudness_of(samples: Samples, sample_rate: int) -> Loudness:
    """Measure a sound that is in memory: [N, C]."""
    return measured(lambda start, end: samples[start:end], len(samples), sample_rate)


def measured(read: ReadSamples, num_samples: int, sample_rate: int) -> Loudness:
    """Measure a sound stretch by stretch.

    Args:
        read: gives the samples of a range; ranges go forward and overlap.
    """
    momentary: list[float] = []
    short_term: list[float] = []
    within: list[float] = []
    peak = 0.0
    length_s = num_samples / sample_rate
    for start_s in range(0, math.ceil(length_s + SHORT_TERM_S), STRETCH_S):
        end_s = min(start_s + STRETCH_S, math.ceil(length_s + SHORT_TERM_S))
        samples = _padded(read, start_s * sample_rate, end_s * sample_rate, num_samples, sample_rate)
        if not samples.any():
            continue
        peak = max(peak, _true_peak(samples[LEAD_S * sample_rate - PEAK_MARGIN_SAMPLES :], sample_rate))
        short_term += _blocks(samples, sample_rate, SHORT_TERM_S)
        blocks = _blocks(samples, sample_rate, BLOCK_S)
        momentary += blocks
        ends_s = (start_s + (number + 1) * HOP_S for number in range(len(blocks)))
        is_within = (BLOCK_S - 1e-6 < end_s < length_s + 1e-6 for end_s in ends_s)
        within += [block for block, counts in zip(blocks, is_within, strict=True) if counts]
    loudest_lufs = max(momentary, default=-math.inf)
    return Loudness(
        integrated_lufs=_gated(within) if length_s >= BLOCK_S else loudest_lufs,
        momentary_lufs=loudest_lufs,
        short_term_lufs=max(short_term, default=-math.inf),
        true_peak_dbtp=decibels(peak),
    )


def true_peak_dbtp(samples: Samples, sample_rate: int) -> float:
    """The highest peak of the waveform between its samples too, dB above full scale; [N, C]."""
    margin = np.zeros((PEAK_MARGIN_SAMPLES, samples.shape[1]), np.float32)
    return decibels(_true_peak(np.concatenate([margin, samples, margin]), sample_rate))


def decibels(factor: float) -> float:
    return 20 * math.log10(factor) if factor > 0 else -math.inf


def factor_of(gain_db: float) -> float:
    return float(10 ** (gain_db / 20))


def _padded(read: ReadSamples, start: int, end: int, num_samples: int, sample_rate: int) -> Samples:
    """A stretch with its lead and with silence where there is no sound."""
    low, high = start - LEAD_S * sample_rate, end
    sound = read(max(0, low), max(0, min(high, num_samples)))
    before = max(0, -low)
    after = high - low - before - len(sound)
    return np.pad(sound, ((before, after), (0, 0)))


def _blocks(samples: Samples, sample_rate: int, block_s: float) -> list[float]:
    """Loudness of the blocks that end within the stretch, its lead not counted: one every 100 ms."""
    from pyloudnorm import Meter  # here, since scipy takes a second to load

    meter = Meter(sample_rate, block_size=block_s, overlap=1 - HOP_S / block_s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # logarithms of silent blocks
        meter.integrated_loudness(samples.astype(np.float64))
    first = round((LEAD_S - block_s) / HOP_S) + 1
    return [float(block) for block in meter.blockwise_loudness[first:]]


def _gated(blocks: list[float]) -> float:
    """BS.1770's two gates over all blocks of 400 ms."""
    lufs = np.asarray(blocks, np.float64)
    powers = 10 ** ((lufs - OFFSET_LU) / 10)
    heard = powers[lufs >= ABSOLUTE_GATE_LUFS]
    if heard.size == 0:
        return -math.inf
    gate_lufs = max(ABSOLUTE_GATE_LUFS, OFFSET_LU + 10 * math.log10(heard.mean()) + RELATIVE_GATE_LU)
    return OFFSET_LU + 10 * math.log10(powers[lufs > gate_lufs].mean())


def _true_peak(samples: Samples, sample_rate: int) -> float:
    import soxr  # here, since only who measures needs it

    between = soxr.resample(samples, sample_rate, OVERSAMPLING * sample_rate, quality="HQ")
    return float(np.abs(between).max(initial=0.0))
