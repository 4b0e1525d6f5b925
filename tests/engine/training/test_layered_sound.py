"""Hits that sound by two recordings at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.matching import mean_score
from engine.media.matching import times_of
from engine.media.onsets import detect_onsets
from engine.protocol import Hit
from engine.training.scene_set import read_shard, shard_paths, write_scenes
from engine.training.scenes.events import EventLibrary, Wav
from engine.training.scenes.sound import LAYERED_PITCH_SEMITONES, render_sound
from engine.training.scenes.spec import TEST_SCENES, SceneConfig, draw_spec, scene_rng
from tests.engine.training.synthetic import SAMPLE_RATE, recording, recordings

LOW_HZ, HIGH_HZ = 300.0, 3000.0
SEEDS = range(24)


def tone(frequency_hz: float) -> Wav:
    """A struck tone of half a second."""
    age = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    return np.asarray(0.3 * np.cos(2 * np.pi * frequency_hz * age) * np.exp(-age / 0.08), np.float32)


def shares_of_highs(label: str, *, layered: bool) -> list[float]:
    """Of the energy of scenes of two recordings of a label, a low tone and a high one."""
    library = EventLibrary.from_recordings(
        [recording(tone(LOW_HZ), label, "made-up:low"), recording(tone(HIGH_HZ), label, "made-up:high")]
    )
    shares = []
    for seed in SEEDS:
        rng = scene_rng(seed)
        drawn = draw_spec(rng, library.view, TEST_SCENES, label=label)
        spec = replace(drawn, hits=(Hit(1.0),))
        wav = render_sound(spec, library, rng, layered=layered)
        energy = np.abs(np.fft.rfft(wav)) ** 2
        highs = np.fft.rfftfreq(wav.size, 1 / SAMPLE_RATE) > np.sqrt(LOW_HZ * HIGH_HZ)
        shares.append(float(energy[highs].sum() / energy.sum()))
    return shares


def test_a_hit_sounds_by_two_recordings_and_without_layers_by_one() -> None:
    both = [0.02 < share < 0.98 for share in shares_of_highs("impact_metal", layered=True)]
    assert np.mean(both) > 0.8
    one = [share < 0.02 or share > 0.98 for share in shares_of_highs("impact_metal", layered=False)]
    assert np.mean(one) > 0.8


def test_a_bell_stays_one_bell() -> None:
    assert all(share < 0.05 or share > 0.95 for share in shares_of_highs("bell", layered=True))


def test_each_layer_is_heard_and_none_is_always_the_louder() -> None:
    shares = shares_of_highs("impact_metal", layered=True)
    assert min(shares) < 0.4 and max(shares) > 0.6


def test_what_has_one_recording_is_heard_too_and_further_from_its_own_pitch() -> None:
    library = EventLibrary.from_recordings([recording(tone(1000.0), "impact_metal")])
    found_hz = []
    for seed in SEEDS:
        rng = scene_rng(seed)
        spec = replace(draw_spec(rng, library.view, TEST_SCENES, label="impact_metal"), hits=(Hit(1.0),))
        wav = render_sound(spec, library, rng, layered=True)
        found_hz.append(float(np.argmax(np.abs(np.fft.rfft(wav)))) * SAMPLE_RATE / wav.size)
    semitones = 12 * np.log2(np.array(found_hz) / 1000)
    assert np.abs(semitones).max() < LAYERED_PITCH_SEMITONES + 1.5
    assert semitones.min() < -3.5 and semitones.max() > 3.5


@pytest.mark.parametrize("layered", [False, True])
def test_both_layers_begin_at_the_hit(layered: bool) -> None:
    library = EventLibrary.from_recordings(recordings())
    pairs = []
    for seed in SEEDS:
        rng = scene_rng(seed)
        spec = draw_spec(rng, library.view, TEST_SCENES, label="impact_wood")
        wav = render_sound(spec, library, rng, layered=layered)
        assert wav.dtype == np.float32 and np.abs(wav).max() <= 10 ** (-1 / 20) + 1e-4
        pairs.append((times_of(detect_onsets(wav)), times_of(spec.hits)))
    assert mean_score(pairs, 0.01).pooled.recall > 0.97
    assert mean_score(pairs, 0.05).mean_f1 > 0.95


def test_a_set_is_layered_where_that_is_asked_for(tmp_path: Path) -> None:
    library = EventLibrary.from_recordings(recordings())
    config = SceneConfig(duration_s=2.0, continuous_share=0.0, still_share=0.0)
    for layered in (False, True):
        write_scenes(
            tmp_path / str(layered),
            library,
            library.view.labels,
            range(4),
            sample_rate=SAMPLE_RATE,
            config=config,
            image_size=16,
            layered=layered,
        )
    plain, both = (read_shard(shard_paths(tmp_path / name)[0]) for name in ("False", "True"))
    assert np.array_equal(plain.hits, both.hits, equal_nan=True) and np.array_equal(plain.frames, both.frames)
    assert not np.array_equal(plain.wav, both.wav)
