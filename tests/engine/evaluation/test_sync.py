"""The evaluation of sync: a model that obeys is told apart from one that does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.evaluation import sync
from engine.evaluation.sync import as_table, draw_test_scenes, evaluate_sync
from engine.media.audio import resample
from engine.media.matching import onset_f1
from engine.pipeline import Pipeline, load_model
from engine.training.recordings import RecordingLibrary
from tests.engine.models import LABELS, write_tiny_model
from tests.engine.training.synthetic import changed, ping, placed, recording

SCENES = 4


@pytest.fixture(scope="module")
def library() -> RecordingLibrary:
    """Held-out knocks alone, so that every scene is one of hits."""
    from dataclasses import replace

    made = []
    for number in range(3):
        one = recording(placed(0.5, [0.1], ping(seed=number)), "knock", f"made-up:{number}")
        held_out = replace(one, split="held_out")
        held_out.__dict__["wav"] = one.wav
        made.append(held_out)
    return RecordingLibrary(made)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    write_tiny_model(tmp_path)
    return Pipeline(load_model(tmp_path))


def test_every_scene_has_hits_and_its_true_sound_has_them_too(library: RecordingLibrary) -> None:
    scenes = draw_test_scenes(library, SCENES, duration_s=3.0)
    assert len(scenes) == SCENES
    assert all(scene.spec.hits and scene.wav.shape == (48000,) for scene in scenes)
    assert LABELS[0] == scenes[0].spec.label


def test_scenes_sound_at_the_rate_of_their_recordings() -> None:
    held_out = []
    for number in range(3):
        wav = resample(placed(0.5, [0.1], ping(seed=number)), 16000, 48000)
        one = recording(wav, "knock", f"made-up:{number}")
        held_out.append(changed(one, split="held_out", sample_rate=48000))
    scenes = draw_test_scenes(RecordingLibrary(held_out), SCENES, duration_s=3.0)
    assert all(scene.wav.shape == (144000,) and scene.sample_rate == 48000 for scene in scenes)
    for scene in scenes:
        heard = sync.onsets_of(resample(scene.wav, 48000, 16000))
        assert onset_f1(heard, [hit.time_s for hit in scene.spec.hits], 0.02) == 1


def test_without_held_out_events_there_are_no_scenes() -> None:
    train = [recording(placed(0.5, [0.1], ping(seed=n)), "knock", f"made-up:{n}") for n in range(2)]
    assert draw_test_scenes(RecordingLibrary(train), SCENES) == []


def test_sounds_on_the_hits_score_one_and_untrained_ones_do_not(
    library: RecordingLibrary, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = draw_test_scenes(library, SCENES, duration_s=3.0)
    untrained = evaluate_sync(pipeline, scenes)
    assert untrained.given_hits[1].f1 < 0.7

    def obedient(_pipeline, spec, _sight, hits, _seed, _sampling) -> np.ndarray:  # type: ignore[no-untyped-def]
        return placed(spec.duration_s, [hit.time_s for hit in hits], ping())

    monkeypatch.setattr(sync, "generate_for", obedient)
    report = evaluate_sync(pipeline, scenes)
    assert report.detector[1].f1 > 0.9
    assert report.given_hits[1].f1 > 0.9
    assert report.given_hits[1].shuffled < report.given_hits[1].f1 - 0.3
    assert "generated from given hits" in as_table(report)


def test_shuffled_tokens_destroy_alignment(pipeline: Pipeline, library: RecordingLibrary) -> None:
    """Every sample comes from the tokens: the same tokens in another order are another sound."""
    (scene,) = draw_test_scenes(library, 1, duration_s=3.0)
    wavs = []
    codes = torch.randint(0, 32, (4, 154), generator=torch.Generator().manual_seed(0))
    for order in (torch.arange(154), torch.randperm(154, generator=torch.Generator().manual_seed(1))):
        wavs.append(pipeline.waveform(codes[:, order], round(scene.spec.duration_s * 16000), 16000))
    assert np.corrcoef(wavs[0], wavs[1])[0, 1] < 0.5
