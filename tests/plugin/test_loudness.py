"""Measuring: against known tones, against pyloudnorm's own whole, and on sounds shorter than a block."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyloudnorm import Meter

from foley_plugin.takes.loudness import (
    Samples,
    decibels,
    factor_of,
    loudness_of,
    measured,
    true_peak_dbtp,
)

RATE = 48000


def mono(wav: np.ndarray) -> Samples:
    return np.asarray(wav, np.float32)[:, None]


def tone(duration_s: float, hz: float = 997.0, amplitude: float = 1.0, phase: float = 0.0) -> Samples:
    return mono(amplitude * np.sin(2 * np.pi * hz * np.arange(round(duration_s * RATE)) / RATE + phase))


def noise(duration_s: float, seed: int = 0) -> Samples:
    shaped = np.random.default_rng(seed).normal(size=round(duration_s * RATE)) * 0.05
    return mono(shaped * (1 + np.sin(np.arange(len(shaped)) / RATE)))


def test_a_full_scale_tone_measures_what_the_standard_says() -> None:
    found = loudness_of(tone(5), RATE)
    assert found.integrated_lufs == pytest.approx(-3.01, abs=0.05)
    assert found.momentary_lufs == pytest.approx(-3.01, abs=0.05)
    assert found.short_term_lufs == pytest.approx(-3.01, abs=0.05)
    assert found.true_peak_dbtp == pytest.approx(0, abs=0.05)


def test_stereo_is_the_sum_of_its_channels_powers() -> None:
    both = np.repeat(tone(3) * factor_of(-3.0103), 2, axis=1)
    assert loudness_of(both, RATE).integrated_lufs == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("duration_s", [0.7, 29.95, 65.0])
def test_stretches_add_up_to_the_whole(duration_s: float) -> None:
    samples = noise(duration_s)
    whole = Meter(RATE).integrated_loudness(samples.astype(np.float64))
    assert loudness_of(samples, RATE).integrated_lufs == pytest.approx(whole, abs=0.02)


def test_a_click_has_a_loudness_and_silence_around_it_changes_nothing() -> None:
    click = tone(0.02, 2000, 0.5)
    alone = loudness_of(click, RATE)
    silence = np.zeros((RATE, 1), np.float32)
    amid = loudness_of(np.concatenate([silence, click, silence, silence]), RATE)
    assert math.isfinite(alone.momentary_lufs)
    assert amid.momentary_lufs == pytest.approx(alone.momentary_lufs, abs=0.1)
    assert loudness_of(click * 2, RATE).momentary_lufs == pytest.approx(alone.momentary_lufs + 6.02, abs=0.01)


def test_silence_has_no_loudness() -> None:
    found = loudness_of(np.zeros((1000, 1), np.float32), RATE)
    assert (found.integrated_lufs, found.momentary_lufs, found.true_peak_dbtp) == (-math.inf,) * 3
    assert loudness_of(np.zeros((0, 1), np.float32), RATE).true_peak_dbtp == -math.inf


def test_the_true_peak_lies_between_the_samples() -> None:
    between = tone(1, RATE / 4, 0.5, math.pi / 4)  # its samples are all at 0.707 of the peak
    ends = np.hanning(len(between))[:, None].astype(np.float32)
    assert decibels(float(np.abs(between).max())) == pytest.approx(-9.03, abs=0.01)
    assert true_peak_dbtp(between * ends, RATE) == pytest.approx(-6.02, abs=0.1)


def test_a_peak_at_a_seam_of_two_stretches_is_seen() -> None:
    samples = np.zeros((40 * RATE, 1), np.float32)
    samples[30 * RATE - 200 : 30 * RATE + 200] = tone(400 / RATE, RATE / 4, 0.5, math.pi / 4)
    asked: list[tuple[int, int]] = []

    def read(start: int, end: int) -> Samples:
        asked.append((start, end))
        return samples[start:end]

    found = measured(read, len(samples), RATE)
    assert found.true_peak_dbtp == pytest.approx(true_peak_dbtp(samples, RATE), abs=0.01)
    assert max(end - start for start, end in asked) <= 34 * RATE
