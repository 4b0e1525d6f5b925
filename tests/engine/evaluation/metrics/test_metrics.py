"""Each metric against a small case worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RequestError
from engine.evaluation.clips import Film, Sound, TestClip
from engine.evaluation.flow import FilmMotion
from engine.evaluation.metrics import MetricSettings
from engine.evaluation.metrics.av_align import AVAlign, av_align, motion_peaks_s
from engine.evaluation.metrics.envelope import (
    EnvelopeCorrelation,
    EnvelopeDistance,
    EnvelopeLag,
    rms,
)
from engine.evaluation.metrics.level import LoudnessDifference, Peak
from engine.evaluation.metrics.onset_f1 import OnsetF1
from engine.evaluation.metrics.registry import FAMILIES, metrics_of
from engine.protocol import Hit
from tests.engine.training.synthetic import ping, placed

RATE = 16000


def clip(sound: Sound, hits_s: tuple[float, ...] = (), film: Film | None = None) -> TestClip:
    film = film or Film(Path("none.mp4"), Fraction(25), Fraction(2), 64, 48)
    return TestClip("clip", film, sound, tuple(Hit(time_s) for time_s in hits_s), "file")


def strikes(*times_s: float, length_s: float = 2.0, gain: float = 1.0) -> Sound:
    return Sound(np.asarray(gain * placed(length_s, list(times_s), ping()), np.float32))


def test_onset_f1_counts_what_falls_within_the_tolerance() -> None:
    sample, truth = strikes(0.3, 0.9, 1.5), clip(strikes(0.3), (0.33, 1.05, 1.5, 1.9))
    for tolerance_ms, matched in ((40, 2), (100, 2), (200, 3)):
        found = OnsetF1(tolerance_ms).measure(sample, truth)
        assert found.value == pytest.approx(2 * matched / 7)
        assert found.weight == 7


def test_chance_grows_with_the_tolerance_and_is_the_same_for_the_same_seed() -> None:
    sample, truth = strikes(0.3, 0.9, 1.5), clip(strikes(0.3), (0.33, 1.05, 1.5))
    chances = [OnsetF1(tolerance_ms).chance(sample, truth, seed=1) for tolerance_ms in (40, 100, 200)]
    assert 0 < chances[0] < chances[1] < chances[2] < 1
    assert OnsetF1(100).chance(sample, truth, seed=1) == chances[1]


def test_av_align_is_matched_over_the_union() -> None:
    """Of 3 onsets and 4 peaks 2 lie within a frame: 2 / (3 + 4 - 2)."""
    found = av_align([0.50, 1.0, 1.7], [0.52, 1.05, 1.68, 1.9], 0.04)
    assert found.value == pytest.approx(2 / 5)
    assert found.weight == 5
    assert av_align([], [], 0.04).value is None
    assert av_align([1.0], [], 0.04).value == 0


def test_peaks_of_motion_are_strict_local_maxima() -> None:
    magnitude = np.array([9.0, 1.0, 2.0, 1.0, 1.0, 3.0, 3.0, 2.0, 5.0])
    assert motion_peaks_s(magnitude, 10.0) == [0.2]


def test_av_align_hears_the_sample_and_sees_the_film() -> None:
    magnitude = np.zeros(50)
    magnitude[[10, 30, 45]] = 1.0
    film = Film(Path("none.mp4"), Fraction(25), Fraction(2), 64, 48)
    film.once("motion", lambda: FilmMotion(magnitude, np.zeros(50, bool), 25.0))
    truth = clip(strikes(0.4), film=film)
    assert AVAlign().measure(strikes(0.42, 1.2), truth).value == pytest.approx(2 / 3)
    assert AVAlign().measure(Sound(np.zeros(2 * RATE, np.float32)), truth).value == 0
    halved = truth.cut(RATE)
    assert AVAlign().measure(strikes(0.42, length_s=1.0), halved).value == 1.0


def test_e_l1_of_steady_tones_is_the_difference_of_their_rms() -> None:
    """A square wave's RMS is its amplitude."""
    square = np.tile(np.repeat([1.0, -1.0], 8), 2000).astype(np.float32)
    loud, quiet = Sound(0.5 * square), Sound(0.125 * square)
    assert np.allclose(rms(loud), 0.5)
    assert len(rms(loud)) == (square.size - 512) // 128 + 1
    assert EnvelopeDistance().measure(quiet, clip(loud)).value == pytest.approx(0.375)
    half_silent = Sound(
        np.where(np.arange(square.size) < square.size // 2, 0.5 * square, 0).astype(np.float32)
    )
    assert EnvelopeDistance().measure(half_silent, clip(loud)).value == pytest.approx(0.25, abs=0.005)


def test_e_l1_agrees_with_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    first, second = (Sound(rng.normal(0, 0.1, 3000).astype(np.float32)) for _ in range(2))
    naive = [
        abs(
            np.sqrt(np.mean(first.wav[start : start + 512].astype(float) ** 2))
            - np.sqrt(np.mean(second.wav[start : start + 512].astype(float) ** 2))
        )
        for start in range(0, 3000 - 511, 128)
    ]
    assert EnvelopeDistance().measure(first, clip(second)).value == pytest.approx(np.mean(naive))


@pytest.mark.parametrize("late_ms", [-320, -40, 0, 40, 100, 320])
def test_a_sound_that_comes_late_says_so_in_milliseconds(late_ms: int) -> None:
    reference = strikes(0.6, 1.1, 1.35)
    sample = strikes(*(time_s + late_ms / 1000 for time_s in (0.6, 1.1, 1.35)), gain=0.3)
    signed = EnvelopeLag(signed=True).measure(sample, clip(reference)).value
    assert signed == pytest.approx(late_ms, abs=4)
    assert EnvelopeLag(signed=False).measure(sample, clip(reference)).value == pytest.approx(
        abs(late_ms), abs=4
    )


def test_envelopes_correlate_whatever_the_level_and_silence_has_none() -> None:
    reference = clip(strikes(0.6, 1.1))
    assert EnvelopeCorrelation().measure(strikes(0.6, 1.1, gain=0.1), reference).value == pytest.approx(1)
    elsewhere = EnvelopeCorrelation().measure(strikes(0.2, 1.6), reference).value
    assert elsewhere is not None and elsewhere < 0.2
    silent = Sound(np.zeros(2 * RATE, np.float32))
    for metric in (EnvelopeCorrelation(), EnvelopeLag(signed=True), EnvelopeLag(signed=False)):
        assert metric.measure(silent, reference).value is None


def test_levels_are_in_decibels() -> None:
    reference, halved = strikes(0.5), strikes(0.5, gain=0.5)
    assert LoudnessDifference().measure(halved, clip(reference)).value == pytest.approx(-6.02, abs=0.02)
    square = Sound(np.tile(np.array([0.1, -0.1], np.float32), RATE))
    assert Peak().measure(square, clip(reference)).value == pytest.approx(-20, abs=0.01)
    silent = Sound(np.zeros(RATE, np.float32))
    assert Peak().measure(silent, clip(reference)).value is None
    assert LoudnessDifference().measure(silent, clip(reference)).value is None


def test_every_metric_is_registered_once_and_says_what_it_is() -> None:
    metrics = metrics_of(None, MetricSettings())
    names = [metric.about.name for metric in metrics]
    assert len(set(names)) == len(names) >= 8
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    assert all(metric.about.explanation.endswith(".") for metric in metrics)


def test_families_are_picked_by_name_and_an_unknown_one_is_refused() -> None:
    picked = metrics_of(["level", "onset-f1"], MetricSettings())
    assert [metric.about.name for metric in picked][:1] == ["onset-f1-40ms"]
    assert len(picked) < len(metrics_of(None, MetricSettings()))
    with pytest.raises(RequestError, match=f"choose from .*{next(iter(FAMILIES))}"):
        metrics_of(["loveliness"], MetricSettings())
