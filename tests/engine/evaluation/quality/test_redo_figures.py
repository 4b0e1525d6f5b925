"""Seams that are heard and seams that are not, and variations that stay near their take or do not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.quality import redo
from engine.evaluation.quality.bench import QUICK, Bench
from engine.evaluation.quality.making import Ask, samples_of
from engine.evaluation.seams import seam_percentiles
from engine.pipeline import Pipeline
from engine.training.recordings import RecordingLibrary
from tests.engine.evaluation.quality.benches import RATE, Wav, at_hits, oracle, strike


def rain(num_samples: int, seed: int) -> Wav:
    return (0.1 * np.random.default_rng(seed).standard_normal(num_samples)).astype(np.float32)


def test_a_cut_to_another_sound_stands_out_and_one_within_the_same_noise_does_not() -> None:
    wav = rain(4 * RATE, 1)
    (unheard,) = seam_percentiles(wav, RATE, [2.0])
    low = np.convolve(wav, np.ones(16) / 4, mode="same").astype(np.float32)
    (heard,) = seam_percentiles(np.concatenate([wav[: 2 * RATE], low[2 * RATE :]]), RATE, [2.0])
    assert unheard.flux < 95
    assert heard.flux > 99 and heard.flux > unheard.flux
    stepped = wav.copy()
    stepped[2 * RATE :] *= 0.1
    assert seam_percentiles(stepped, RATE, [2.0])[0].energy > 99


def test_a_sound_too_short_to_be_compared_with_says_nothing() -> None:
    assert seam_percentiles(rain(RATE // 10, 2), RATE, [0.05]) == [(50.0, 50.0)]


@pytest.mark.parametrize("is_near", [True, False])
def test_variations_near_their_take_are_told_from_such_that_are_not(
    pipeline: Pipeline, library: RecordingLibrary, is_near: bool
) -> None:
    def sounds(ask: Ask) -> Wav:
        own = 0 if ask.original is not None and is_near else ask.seed
        if ask.label == "rain":
            return rain(samples_of(ask, RATE), own)
        return at_hits(ask, strike(own, frequency_hz=300.0 + 250.0 * own))

    seams, out, vary = redo.measure(oracle(pipeline, library, sounds))
    assert vary.value is not None and vary.is_met is is_near
    assert seams.value is not None and seams.is_met and out.is_met
    assert seams.details["seams"] == 2 * redo.SEEDS * 2


def test_the_figures_are_measured_with_a_model(pipeline: Pipeline, library: RecordingLibrary) -> None:
    """A tiny one, whose sound is noise: but its redone takes are the takes outside the part."""
    bench = Bench(pipeline, library, None, QUICK)  # type: ignore[arg-type]
    figures = redo.measure(bench)
    assert [figure.name for figure in figures] == ["redo-seams", "redo-seams-out", "vary"]
    assert all(figure.value is not None for figure in figures)
