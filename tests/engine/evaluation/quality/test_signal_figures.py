"""Clicks, offset, floor and loops that were planted are found, and none where none were."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.quality import ambience, clean
from engine.evaluation.quality.bench import POOL_HITS, POOL_S
from engine.evaluation.quality.making import Ask
from engine.pipeline import Pipeline
from engine.training.recordings import RecordingLibrary
from tests.engine.evaluation.quality.benches import RATE, Wav, at_hits, of_split, oracle, strike, take
from tests.engine.training.synthetic import placed

ASK = Ask("knock", POOL_S, POOL_HITS)


def _noise(level_dbfs: float, length_s: float = POOL_S, seed: int = 0) -> Wav:
    noise = np.random.default_rng(seed).standard_normal(round(length_s * RATE))
    return np.asarray(noise * 10 ** (level_dbfs / 20), np.float32)


def test_a_click_is_found_where_it_was_planted_and_nowhere_else() -> None:
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    wav = np.asarray(tone, np.float32) + _noise(-70, 1.0)
    assert clean.clicks(wav, RATE, []) == []
    wav[8000:] += 0.1  # a step
    wav[12000] += 0.1  # a single sample
    found = clean.clicks(wav, RATE, [])
    assert np.allclose(found, [0.5, 0.75], atol=0.002)
    assert np.allclose(clean.clicks(wav, RATE, [0.52]), [0.75], atol=0.002)


@pytest.mark.parametrize("rate", [16000, 48000])
def test_noise_tones_and_strikes_do_not_click(rate: int) -> None:
    age = np.arange(2 * rate) / rate
    rng = np.random.default_rng(1)
    noise = np.asarray(0.1 * rng.standard_normal(age.size), np.float32)
    bell = np.asarray(0.5 * np.exp(-age / 0.3) * np.sin(2 * np.pi * 2000 * age), np.float32)
    assert clean.clicks(noise, rate, []) == []
    assert clean.clicks(bell, rate, []) == []
    struck = placed(1.0, [0.3, 0.6], strike(1)) if rate == RATE else np.zeros(3, np.float32)
    assert clean.clicks(struck, rate, []) == []


@pytest.mark.parametrize("rate", [16000, 48000])
def test_the_steps_around_are_found_as_the_naive_way_finds_them(rate: int) -> None:
    step = np.random.default_rng(2).random(400)
    reach = round(clean.AROUND_S * rate)
    naive = [
        max(
            float(np.max(step[max(0, n - reach) : max(0, n - clean.CLICK_SAMPLES + 1)], initial=0)),
            float(np.max(step[n + clean.CLICK_SAMPLES : n + reach + 1], initial=0)),
        )
        for n in range(step.size)
    ]
    assert np.allclose(clean._greatest_around(step, reach), naive)


def test_the_floor_is_that_between_the_hits() -> None:
    quiet = take(ASK, at_hits(ASK, strike(1)) + _noise(-80))
    loud = take(ASK, at_hits(ASK, strike(1)) + _noise(-50))
    assert clean.floor_dbfs(quiet) == pytest.approx(-80, abs=0.5)
    assert clean.floor_dbfs(loud) == pytest.approx(-50, abs=0.5)
    assert clean.floor_dbfs(take(ASK, at_hits(ASK, strike(1)))) == clean.SILENCE_DBFS


def test_clean_takes_meet_every_target_and_dirty_ones_none(
    pipeline: Pipeline, library: RecordingLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(pipeline), "waveform", lambda self, codes, count, rate: np.full(4, 0.8))

    def tidy(ask: Ask) -> Wav:
        return at_hits(ask, strike(1)) + _noise(-75, ask.duration_s)

    def dirty(ask: Ask) -> Wav:
        wav = at_hits(ask, strike(1)) + _noise(-50, ask.duration_s) + np.float32(0.01)
        wav[round(1.5 * RATE)] += 0.3
        return wav

    good = {f.name: f for f in clean.measure(oracle(pipeline, library, tidy))}
    bad = {f.name: f for f in clean.measure(oracle(pipeline, library, dirty))}
    assert [good[name].is_met for name in ("clicks", "dc", "peak", "floor")] == [True] * 4
    assert [bad[name].is_met for name in ("clicks", "dc", "floor")] == [False] * 3
    value = bad["dc"].value
    assert value is not None and value.value == pytest.approx(-40, abs=1)


def test_a_peak_over_the_ceiling_is_missed(
    pipeline: Pipeline, library: RecordingLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(pipeline), "waveform", lambda self, codes, count, rate: np.full(4, 0.95))
    figures = clean.measure(oracle(pipeline, library, lambda ask: _noise(-40, ask.duration_s)))
    assert {f.name: f.is_met for f in figures}["peak"] is False


def _gusts(seed: int) -> Wav:
    """Noise whose level wanders, never in the same way twice."""
    rng = np.random.default_rng(seed)
    level_db = np.interp(np.arange(30 * RATE), np.arange(0, 31 * RATE, RATE // 4), rng.uniform(-40, -15, 124))
    return np.asarray(_noise(0, 30.0, seed) * 10 ** (level_db / 20), np.float32)


def _looped(seed: int) -> Wav:
    return np.tile(_gusts(seed)[: 4 * RATE], 8)[: 30 * RATE]


def test_a_loop_is_heard_as_one() -> None:
    assert ambience.periodicity(_looped(0), RATE) > 0.95
    assert ambience.periodicity(_gusts(0), RATE) < 0.6
    assert ambience.periodicity(np.zeros(30 * RATE, np.float32), RATE) == 0.0


@pytest.mark.parametrize(("sounds", "is_met"), [(_looped, False), (_gusts, True)])
def test_loops_among_takes_are_missed_and_real_gusts_pass(pipeline: Pipeline, sounds, is_met: bool) -> None:  # type: ignore[no-untyped-def]
    real = [of_split(_gusts(10 + n), "rain", f"rain:{n}", "held_out") for n in range(8)]
    (figure,) = ambience.measure(oracle(pipeline, RecordingLibrary(real), lambda ask: sounds(3)))
    assert figure.is_met is is_met


def test_a_sound_that_turns_into_another_changes_its_colour_and_gusts_do_not(pipeline: Pipeline) -> None:
    dull = np.convolve(_noise(0, 15.0), np.ones(16) / 16, mode="same").astype(np.float32)
    turning = np.concatenate([_noise(0, 15.0), dull])
    assert ambience.colour_change_db(turning, RATE) > 5
    assert ambience.colour_change_db(_gusts(0), RATE) < 2
    real = [of_split(_gusts(10 + n), "rain", f"rain:{n}", "held_out") for n in range(8)]
    (figure,) = ambience.measure(oracle(pipeline, RecordingLibrary(real), lambda ask: turning))
    assert figure.details["change of colour, dB"] > 2 * figure.details["of real pieces, dB"]


def test_too_few_real_pieces_claim_nothing(pipeline: Pipeline, library: RecordingLibrary) -> None:
    (figure,) = ambience.measure(oracle(pipeline, library, lambda ask: _gusts(0)))
    assert figure.value is None and "too few" in figure.not_measured
