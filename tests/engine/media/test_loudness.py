"""Loudness against the values that ITU-R BS.1770 and EBU Tech 3341 name."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from engine.media.loudness import HIGH_PASS, SHELF, _k_weighted, integrated_loudness


def sine(level_dbfs: float, duration_s: float, frequency_hz: float = 997) -> NDArray[np.float64]:
    times_s = np.arange(round(duration_s * 48000)) / 48000
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * times_s)


@pytest.mark.parametrize(("level_dbfs", "lufs"), [(0, -3.01), (-20, -23.01), (-60, -63.01)])
def test_a_sine_of_997_hz_has_the_loudness_of_the_standard(level_dbfs: float, lufs: float) -> None:
    assert integrated_loudness(sine(level_dbfs, 3)) == pytest.approx(lufs, abs=0.01)


def test_quiet_stretches_are_gated_as_in_ebu_tech_3341_case_3() -> None:
    """10 s at -36, 60 s at -23 and 10 s at -36 dBFS in two channels are -23 LUFS: -26.01 in one."""
    wav = np.concatenate([sine(-36, 10, 1000), sine(-23, 60, 1000), sine(-36, 10, 1000)])
    assert integrated_loudness(wav) == pytest.approx(-26.01, abs=0.1)


def test_filtering_by_spectrum_is_filtering() -> None:
    wav = np.random.default_rng(0).standard_normal(30000)
    wav[-10:] += 50
    expected = lfilter(*HIGH_PASS, lfilter(*SHELF, wav))
    assert np.abs(_k_weighted(wav) - expected).max() < 1e-4


def test_silence_has_none_and_a_short_knock_has_one() -> None:
    assert integrated_loudness(np.zeros(48000)) == float("-inf")
    assert integrated_loudness(np.zeros(0)) == float("-inf")
    assert integrated_loudness(sine(-10, 0.05)) == pytest.approx(-13.2, abs=0.5)
