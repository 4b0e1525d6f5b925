"""The trainings in miniature: a loss that falls, and a stop that leaves no trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec.encodec import Encodec
from engine.errors import TrainingDiverged
from engine.protocol import Hit
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.crops import CropConfig, draw_batch
from engine.training.decoder import DecoderTrainer, DecoderTraining
from engine.training.lm import LMTrainer, LMTraining, Scene, SceneCorpus
from engine.training.recordings import RecordingLibrary
from engine.training.scene_set import codes_path, encode_scenes, read_shard, shard_paths, write_scenes
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.spec import SceneConfig
from engine.training.state import refuse_nan
from engine.visual.tower import ImageTower
from tests.engine.models import TINY
from tests.engine.training.synthetic import recordings

CODEC = CodecTraining(
    steps=12,
    batch=2,
    warmup_steps=2,
    kmeans_step=6,
    waveform_steps=10,
    log_every=4,
    validate_every=100,
    checkpoint_every=4,
)
LM = LMTraining(
    steps=40,
    frames_per_step=400,
    warmup_steps=4,
    learning_rate=3e-3,
    log_every=10,
    checkpoint_every=10,
    bf16=False,
)


@pytest.fixture
def library() -> RecordingLibrary:
    """Some to train on and, by another split, some to hear whether it helps."""
    made = recordings()
    held_out = [held_out_copy(recording, "held_out") for recording in made[:2]]
    return RecordingLibrary([*made, *held_out])


def held_out_copy(recording, split):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    copy = replace(recording, split=split)
    copy.__dict__["wav"] = recording.wav
    return copy


class LoudNoise:
    """A corpus of scenes that say their label in every code, so that there is something to learn."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.scenes = [
            Scene(
                codes=np.full((4, 500), label * 5 + 1, np.int16),
                features=rng.standard_normal((20, TINY.lm.visual_dim)).astype(np.float32),
                curve=rng.random(500).astype(np.float32),
                label=label,
                hits=[Hit(1.0, 0.5), Hit(4.0, 1.0)],
            )
            for label in (0, 1, 2)
        ]

    def refresh(self) -> None: ...


def lm_trainer(folder: Path, training: LMTraining = LM) -> LMTrainer:
    return LMTrainer(TINY.lm, TINY.codec, training, LoudNoise(), folder, lambda line: None)  # type: ignore[arg-type]


def test_the_language_models_loss_falls(tmp_path: Path) -> None:
    trainer = lm_trainer(tmp_path)
    rng = np.random.default_rng(1)
    batch = trainer.draw(rng)
    before = float(trainer.loss(*batch).detach())
    trainer.run()
    assert float(trainer.loss(*batch).detach()) < 0.6 * before


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    unbroken, broken = lm_trainer(tmp_path / "a"), lm_trainer(tmp_path / "b")
    unbroken.run()
    broken.run(until=lambda: broken.step >= 17)
    torch.manual_seed(999)
    again = lm_trainer(tmp_path / "b")
    assert again.step == 17
    again.run()
    for one, other in zip(unbroken.lm.parameters(), again.lm.parameters(), strict=True):
        assert torch.equal(one, other)
    assert all(torch.equal(unbroken.average[name], again.average[name]) for name in unbroken.average)


def test_conditions_are_dropped_as_often_as_is_said(tmp_path: Path) -> None:
    trainer = lm_trainer(tmp_path, changed_training(LM, frames_per_step=40000))
    known = {"visual": [], "label": [], "sync": []}
    for seed in range(8):
        _, conditions = trainer.draw(np.random.default_rng(seed))
        assert conditions.labels is not None and conditions.sync_known is not None
        known["visual"] += conditions.visual_known.tolist()
        known["label"] += (conditions.labels < len(TINY.lm.labels)).tolist()
        known["sync"] += conditions.sync_known.tolist()
    assert np.mean(known["visual"]) == pytest.approx(0.9 * 0.7, abs=0.06)
    assert np.mean(known["label"]) == pytest.approx(0.9 * 0.9, abs=0.06)
    assert np.mean(known["sync"]) == pytest.approx(0.9 * 0.9, abs=0.06)


def changed_training(training: LMTraining, **changes: object) -> LMTraining:
    from dataclasses import replace

    return replace(training, **changes)  # type: ignore[arg-type]


def test_the_codec_learns_and_goes_on_bit_by_bit(tmp_path: Path, library: RecordingLibrary) -> None:
    told: list[str] = []
    whole = CodecTrainer(TINY.codec, CODEC, library, tmp_path / "a", told.append)
    whole.run()
    assert any("codebooks started" in line for line in told)
    assert any("latent std" in line for line in told)
    part = CodecTrainer(TINY.codec, CODEC, library, tmp_path / "b", lambda line: None)
    part.run(until=lambda: part.step >= 9)
    again = CodecTrainer(TINY.codec, CODEC, library, tmp_path / "b", lambda line: None)
    again.run()
    assert all(
        torch.equal(one, other)
        for one, other in zip(
            whole.codec.state_dict().values(), again.codec.state_dict().values(), strict=True
        )
    )


def test_the_decoders_training_leaves_encoder_and_codebooks_alone(
    tmp_path: Path, library: RecordingLibrary
) -> None:
    torch.manual_seed(0)
    codec = Encodec(TINY.codec)
    codec.quantizer.start_by_kmeans(torch.randn(100, TINY.codec.latent_dim), iterations=1)
    before = {name: tensor.clone() for name, tensor in codec.state_dict().items()}
    training = DecoderTraining(steps=3, batch=2, discriminator_filters=2, quiet_steps=1)
    DecoderTrainer(codec, training, library, tmp_path, lambda line: None).run()
    changed = {
        name.split(".")[0]
        for name, tensor in codec.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert changed == {"decoder"}


def test_scenes_become_shards_and_shards_tokens_and_nothing_is_made_twice(tmp_path: Path) -> None:
    library = EventLibrary.from_recordings(recordings())
    labels = library.view.labels
    config = SceneConfig(duration_s=10.0)
    write_scenes(tmp_path, library, labels, range(4), config=config, image_size=32, shard_size=2)
    paths = shard_paths(tmp_path)
    assert len(paths) == 2
    shard = read_shard(paths[0])
    assert shard.wav.shape == (2, 160000) and shard.frames.shape == (2, 20, 32, 32, 3)
    encode_scenes(tmp_path, Encodec(TINY.codec).eval(), "abc", lambda path: None)
    codes = np.load(codes_path(paths[0], "abc"))
    assert codes.shape == (2, 4, 500)
    stamps = [path.stat().st_mtime_ns for path in paths]
    write_scenes(tmp_path, library, labels, range(4), config=config, image_size=32, shard_size=2)
    assert [path.stat().st_mtime_ns for path in paths] == stamps
    assert TINY.tower is not None
    corpus = SceneCorpus(tmp_path, "abc", ImageTower(TINY.tower))
    assert len(corpus.scenes) == 4
    assert corpus.scenes[0].curve.shape == (500,) and corpus.scenes[0].features.shape == (20, TINY.tower.dim)


def test_crops_hold_sound_at_one_level(library: RecordingLibrary) -> None:
    config = CropConfig(silence_share=0.0, sparse_share=0.0, recordings_share=1.0)
    batch = draw_batch(np.random.default_rng(0), library.of_split("train"), config, 16, 0.0)
    assert batch.shape == (16, config.num_samples) and batch.dtype == np.float32
    levels = np.sqrt((batch**2).mean(axis=1))
    assert np.abs(batch).max() <= 1.0
    assert (levels > 0.01).all() and (levels < 0.11).all()


def test_a_loss_that_is_no_number_stops_the_training_in_a_sentence() -> None:
    assert refuse_nan(torch.tensor(1.5), 3) == 1.5
    with pytest.raises(TrainingDiverged, match="step 7"):
        refuse_nan(torch.tensor(float("nan")), 7)
