"""Scenes: the same from the same seed, and picture and sound agree about when things hit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.matching import mean_score
from engine.media.matching import times_of
from engine.media.onsets import detect_onsets
from engine.training.recordings import read_library
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.labels import CONTINUOUS_LABELS, LOOKS, MATERIALS
from engine.training.scenes.paths import StrikePath
from engine.training.scenes.render import played_times, render_clip, render_frames, render_grey
from engine.training.scenes.sound import render_sound
from engine.training.scenes.spec import (
    TEST_SCENES,
    TEST_SEEDS,
    TRAIN_SEEDS,
    VALIDATION_SEEDS,
    SceneConfig,
    draw_spec,
    scene_rng,
)
from engine.training.scenes.staging import STAGES
from tests.engine.training.synthetic import recordings

QUIET = SceneConfig(
    hits_per_s=(0.5, 1.0),
    min_gap_s=0.5,
    strengths=(0.7, 1.0),
    continuous_share=0.0,
    still_share=0.0,
    cut_share=0.0,
    distractor_share=0.0,
    cover_share=0.0,
    moving_camera_share=0.0,
)


@pytest.fixture(scope="module")
def library() -> EventLibrary:
    return EventLibrary.from_recordings(recordings())


@pytest.mark.parametrize("seed", [0, 3, TEST_SEEDS.start])
def test_the_same_seed_gives_the_same_scene(library: EventLibrary, seed: int) -> None:
    times = np.arange(0, 4, 0.25)
    pictures, sounds = [], []
    for _ in range(2):
        rng = scene_rng(seed)
        spec = draw_spec(rng, library.view)
        pictures.append(render_frames(spec, times, 48, 36))
        sounds.append(render_sound(spec, library, rng))
    assert np.array_equal(*pictures)
    assert np.array_equal(*sounds)


def test_other_seeds_give_other_scenes(library: EventLibrary) -> None:
    first, second = (
        render_frames(draw_spec(scene_rng(seed), library.view), np.array([1.0]), 48, 36) for seed in (1, 2)
    )
    assert not np.array_equal(first, second)


def test_the_seeds_of_the_splits_are_disjoint() -> None:
    splits = (TRAIN_SEEDS, VALIDATION_SEEDS, TEST_SEEDS)
    for index, one in enumerate(splits):
        for other in splits[index + 1 :]:
            assert max(one.start, other.start) >= min(one.stop, other.stop)
    edges = [TRAIN_SEEDS[-1], VALIDATION_SEEDS[0], VALIDATION_SEEDS[-1], TEST_SEEDS[0], TEST_SEEDS[-1]]
    assert len({tuple(scene_rng(seed).integers(2**31, size=4)) for seed in edges}) == len(edges)


def test_a_frame_depends_on_its_own_time_alone(library: EventLibrary) -> None:
    spec = draw_spec(scene_rng(12), library.view)
    many = render_frames(spec, np.array([0.5, 2.0, 3.1]), 48, 36)
    one = render_frames(spec, np.array([2.0]), 48, 36)
    assert np.abs(many[1].astype(int) - one[0].astype(int)).max() <= 1


@pytest.mark.parametrize(("width", "height"), [(48, 36), (64, 64), (33, 17)])
def test_frames_come_at_any_size(library: EventLibrary, width: int, height: int) -> None:
    spec = draw_spec(scene_rng(4), library.view)
    assert render_frames(spec, np.array([0.0, 9.0]), width, height).shape == (2, height, width, 3)
    assert render_grey(spec, np.array([1.0]), width, height).shape == (1, height, width)


def test_a_slow_camera_shows_each_frame_several_times(library: EventLibrary) -> None:
    spec = next(
        drawn for seed in range(200) if (drawn := draw_spec(scene_rng(seed), library.view)).frame_rate == 15.0
    )
    times = played_times(spec, 30.0)
    assert times.size == 120
    assert np.array_equal(times[0::2], times[1::2])
    clip = render_clip(spec, 30.0, 48, 36)
    assert np.array_equal(clip[0::2], clip[1::2])


@pytest.mark.parametrize("kind", ["bounce", "strike", "collide", "drop"])
def test_the_picture_changes_abruptly_at_the_hits(library: EventLibrary, kind: str) -> None:
    """The change of the frame difference is greatest near the hits, far more than by chance."""
    near, all_of_it = [], []
    for seed in range(400):
        spec = draw_spec(scene_rng(seed), library.view, QUIET, label="impact_wood")
        if spec.kind != kind or not spec.hits or spec.grade.noise or spec.grade.flicker:
            continue
        rate = 120.0
        frames = render_grey(spec, np.arange(round(4 * rate)) / rate, 96, 72).astype(np.float32)
        speed = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
        jerk = np.abs(np.diff(speed))
        for hit in spec.hits:
            middle = round(hit.time_s * rate)
            window = jerk[max(0, middle - 4) : middle + 3]
            if window.size:
                near.append(float(window.max()) / (float(jerk.mean()) + 1e-6))
        all_of_it.append(float(np.median(jerk)) / (float(jerk.mean()) + 1e-6))
    assert len(near) > 20
    assert np.median(near) > 3 * max(1.0, float(np.median(all_of_it)))


def test_a_strike_touches_at_its_hits_and_nowhere_passes_through() -> None:
    path = StrikePath((0.5, 0.9, 2.0), (0.3, 0.2, 0.4), (0.1, 0.15, 0.2), hold_s=0.05, rest=0.2)
    assert np.allclose(path(np.array([0.5, 0.9, 2.0])), 0.0, atol=1e-6)
    t = np.linspace(0, 3, 3001)
    assert path(t).min() >= 0
    assert np.all(path(np.array([0.49, 0.89, 1.99])) > 0)
    assert np.abs(np.diff(path(t))).max() < 0.02


def test_every_hit_is_heard_at_its_time(library: EventLibrary) -> None:
    pairs = []
    for seed in VALIDATION_SEEDS[:30]:
        rng = scene_rng(seed)
        spec = draw_spec(rng, library.view, TEST_SCENES)
        wav = render_sound(spec, library, rng)
        assert wav.shape == (4 * 16000,)
        assert wav.dtype == np.float32
        assert np.abs(wav).max() <= 10 ** (-1 / 20) + 1e-4
        pairs.append((times_of(detect_onsets(wav)), times_of(spec.hits)))
    assert mean_score(pairs, 0.01).pooled.recall > 0.97
    assert mean_score(pairs, 0.05).mean_f1 > 0.95


def test_harder_hits_are_louder(library: EventLibrary) -> None:
    levels, strengths = [], []
    for seed in range(40):
        rng = scene_rng(seed)
        spec = draw_spec(rng, library.view, QUIET, label="footstep_stone")
        wav = render_sound(spec, library, rng)
        for hit in spec.hits:
            start = round(hit.time_s * 16000)
            levels.append(20 * np.log10(np.abs(wav[start : start + 800]).max() + 1e-6))
            strengths.append(hit.strength)
    slope = np.polyfit(strengths, levels, 1)[0]
    assert 12 < slope < 36


def test_a_continuous_sound_follows_its_intensity(library: EventLibrary) -> None:
    config = SceneConfig(continuous_share=1.0, still_share=0.0)
    correlations = []
    for seed in range(12):
        rng = scene_rng(seed)
        spec = draw_spec(rng, library.view, config, label="rain")
        assert spec.hits == ()
        wav = render_sound(spec, library, rng)
        blocks = wav[: wav.size // 800 * 800].reshape(-1, 800)
        level_db = 10 * np.log10(np.mean(blocks**2, axis=1) + 1e-8)
        wanted = spec.intensity.at((np.arange(level_db.size) + 0.5) * 0.05)
        if np.std(wanted) > 0.1:
            correlations.append(np.corrcoef(level_db, wanted)[0, 1])
    assert np.median(correlations) > 0.8


def test_hits_keep_their_distance_and_their_order(library: EventLibrary) -> None:
    for seed in range(60):
        spec = draw_spec(scene_rng(seed), library.view, TEST_SCENES)
        times = times_of(spec.hits)
        assert all(0 <= time_s < spec.duration_s for time_s in times)
        assert np.diff(times).min(initial=9.0) >= TEST_SCENES.min_gap_s - 1e-5


def test_every_label_has_a_look_that_can_be_staged(shared: Path) -> None:
    for label in read_library(shared / "sounds").labels:
        assert label in LOOKS
    for look in LOOKS.values():
        assert set(look.kinds) <= set(STAGES)
        assert {look.material, look.ground} <= set(MATERIALS)


def test_every_label_can_be_rendered_in_each_of_its_ways(library: EventLibrary) -> None:
    """Draws until each kind of each label was seen: no combination of theirs may fail."""
    events = {label: library.events["impact_wood"] for label in LOOKS if label not in CONTINUOUS_LABELS}
    stretches = dict.fromkeys(CONTINUOUS_LABELS, library.stretches["rain"])
    everything = EventLibrary(events=events, stretches=stretches)
    for label, look in LOOKS.items():
        kinds = set()
        for seed in range(8 * len(look.kinds)):
            spec = draw_spec(scene_rng(seed), everything.view, label=label)
            kinds.add(spec.kind)
            frames = render_frames(spec, np.array([0.1, 1.3, 2.2, 3.9]), 24, 18)
            assert frames.shape == (4, 18, 24, 3)
        assert kinds - {"still"} <= set(look.kinds)
        assert kinds - {"still"}


@pytest.mark.shared
def test_held_out_recordings_never_sound_in_training(shared: Path) -> None:
    recorded = read_library(shared / "sounds")
    parts = (EventLibrary.from_recordings(recorded.of_split(split)) for split in ("train", "held_out"))
    ids = [
        {event.recording_id for found in part.events.values() for event in found}
        | {stretch.recording_id for found in part.stretches.values() for stretch in found}
        for part in parts
    ]
    assert ids[0] and ids[1]
    assert not ids[0] & ids[1]


@pytest.mark.shared
def test_the_detector_finds_the_onsets_of_held_out_recordings(shared: Path) -> None:
    held_out = EventLibrary.from_recordings(read_library(shared / "sounds").of_split("held_out")).clean
    pairs = []
    for seed in TEST_SEEDS[:60]:
        rng = scene_rng(seed)
        spec = draw_spec(rng, held_out.view, TEST_SCENES)
        pairs.append((times_of(detect_onsets(render_sound(spec, held_out, rng))), times_of(spec.hits)))
    assert mean_score(pairs, 0.05).mean_f1 >= 0.95
