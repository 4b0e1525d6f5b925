"""The trainings in miniature: a loss that falls, and a stop that leaves no trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.codec.encodec import Encodec
from engine.config import BandsConfig, CodecConfig
from engine.errors import CheckpointCorrupt, RequestError, TrainingDiverged
from engine.training import default_model
from engine.training.band_codec import BandCodecTrainer, BandCodecTraining
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.codec_run import train_codec
from engine.training.crops import CropConfig, draw_batch
from engine.training.decoder import DecoderTrainer, DecoderTraining
from engine.training.journal import read_journal
from engine.training.prepare.tools import open_codec
from engine.training.recordings import RecordingLibrary
from engine.training.scene_corpus import SceneCorpus
from engine.training.scene_set import codes_path, encode_scenes, read_shard, shard_paths, write_scenes
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.spec import SceneConfig
from engine.training.state import refuse_nan, step_of
from engine.visual.tower import ImageTower
from tests.engine.models import TINY
from tests.engine.training.synthetic import at_rate, changed, recordings

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

OF_BANDS = CodecConfig(
    sample_rate=48_000,
    strides=(4, 5, 6, 8),
    codebook_size=32,
    latent_dim=8,
    num_lstm_layers=0,
    bands=BandsConfig(num_bands=16, dim=12, fine_dim=8, num_blocks=1, num_fine_blocks=1, noise_dim=4),
)
BANDS = BandCodecTraining(
    steps=9,
    batch=2,
    crops=CropConfig(num_samples=23_040),
    distinct_batches=3,
    warmup_steps=2,
    apart_steps=4,
    log_every=4,
    validate_every=6,
    checkpoint_every=4,
)


@pytest.fixture
def library() -> RecordingLibrary:
    """Some to train on and, by another split, some to hear whether it helps."""
    made = recordings()
    held_out = [changed(recording, split="held_out") for recording in made[:2]]
    return RecordingLibrary([*made, *held_out])


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


@pytest.fixture
def wide_library() -> RecordingLibrary:
    made = at_rate(recordings(), OF_BANDS.sample_rate)
    return RecordingLibrary([*made, changed(made[0], split="held_out")])


def test_a_codec_of_bands_goes_on_bit_by_bit(tmp_path: Path, wide_library: RecordingLibrary) -> None:
    told: list[str] = []
    whole = BandCodecTrainer(OF_BANDS, BANDS, wide_library, tmp_path / "a", told.append)
    whole.run()
    assert any("codebooks found" in line for line in told)
    assert any("held-out distance" in line for line in told)
    part = BandCodecTrainer(OF_BANDS, BANDS, wide_library, tmp_path / "b", lambda line: None)
    part.run(until=lambda: part.step >= 5)
    again = BandCodecTrainer(OF_BANDS, BANDS, wide_library, tmp_path / "b", lambda line: None)
    assert again.step == 5
    again.run()
    for name, tensor in whole.codec.state_dict().items():
        assert torch.equal(tensor, again.codec.state_dict()[name]), name
        assert torch.equal(whole.average.tensors[name], again.average.tensors[name]), name
    assert read_journal(tmp_path / "a") == read_journal(tmp_path / "b")


def test_a_codec_of_bands_can_be_found_without_being_trained_and_is_found_once(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    told: list[str] = []
    for _ in range(2):
        found = BandCodecTrainer(OF_BANDS, replace(BANDS, steps=0), wide_library, tmp_path, told.append)
        found.run()
    assert [line for line in told if "found" in line] == ["components and codebooks found"]
    codec = found.codec
    codes = codec.encode(0.1 * torch.randn(1, 1, 4 * OF_BANDS.hop_length))
    assert bool(torch.isfinite(codec.decode(codes)).all()) and step_of(tmp_path) == 0
    assert not codec.decoder.get_parameter("head.weight").any(), "what is not trained says nothing"


def test_what_tokens_say_is_settled_before_the_first_step(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    trainer = BandCodecTrainer(OF_BANDS, BANDS, wide_library, tmp_path, lambda line: None)
    states = []
    for step in (1, 9):
        trainer.run(until=lambda step=step: trainer.step >= step)
        states.append({name: tensor.clone() for name, tensor in trainer.codec.state_dict().items()})
    differing = {
        name.split(".")[0] for name in states[0] if not torch.equal(states[0][name], states[1][name])
    }
    assert differing == {"decoder"}
    wav = torch.from_numpy(wide_library.recordings[0].wav)[None, None]
    num_codes = [len(codes.unique()) for codes in trainer.codec.encode(wav)[0]]
    assert min(num_codes) > 3, "all codebooks are of use"


def test_a_codec_of_bands_hears_its_crops_again_and_never_quite_the_same(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    still = replace(BANDS, gain_jitter_db=0.0)
    trainer = BandCodecTrainer(OF_BANDS, still, wide_library, tmp_path, lambda line: None)
    drawn = [trainer.draw(step) for step in range(12)]
    assert drawn[0].shape == (2, trainer.rows_per_crop, 3, 16)
    # From another row on: rows of the one lie in the other, elsewhere.
    middle = drawn[0][:, 8:-8]
    assert all(lies_in(middle, drawn[step]) == (step % 3 == 0) for step in range(12))
    assert not all(torch.equal(drawn[0], drawn[step]) for step in (3, 6, 9))
    louder = BandCodecTrainer(OF_BANDS, BANDS, wide_library, tmp_path, lambda line: None)
    assert not lies_in(middle, louder.draw(3)) and torch.equal(louder.draw(3), louder.draw(3))


def lies_in(part: torch.Tensor, whole: torch.Tensor) -> bool:
    count = part.shape[1]
    return any(
        torch.equal(part, whole[:, first : first + count]) for first in range(whole.shape[1] - count + 1)
    )


def test_the_loss_of_a_codec_of_bands_falls_beside_one_that_stays_as_it_was_started(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    losses = {}
    for rate in (0.0, 1e-2):
        # Readings are not driven apart, which alone would lower the loss.
        training = replace(BANDS, steps=150, learning_rate=rate, apart_weight=0.0, validate_every=1000)
        folder = tmp_path / str(rate)
        BandCodecTrainer(OF_BANDS, training, wide_library, folder, lambda line: None).run()
        lines = read_journal(folder)
        assert [line["step"] for line in lines] == list(range(1, 151))
        losses[rate] = np.array([line["loss"] for line in lines])
    assert losses[1e-2][0] == losses[0.0][0]
    assert losses[1e-2][-9:].mean() < 0.95 * losses[0.0][-9:].mean()
    assert losses[1e-2][-9:].mean() < losses[1e-2][:9].mean()


def test_a_codec_of_bands_has_no_decoder_to_go_on_with(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    with pytest.raises(RequestError, match="codec of bands has no decoder to go on with"):
        DecoderTrainer(Encodec(OF_BANDS), DecoderTraining(), wide_library, tmp_path, lambda line: None)
    done = BandCodecTrainer(
        OF_BANDS, replace(BANDS, steps=1), wide_library, tmp_path / "codec", lambda line: None
    )
    done.run()
    assert default_model.codec_config(tmp_path) == OF_BANDS
    with pytest.raises(RequestError, match="train it further as a whole"):
        default_model.train_decoder(wide_library, tmp_path, lambda line: None)


def test_a_seanet_codecs_decoder_is_gone_on_with_from_its_run(
    tmp_path: Path, library: RecordingLibrary
) -> None:
    CodecTrainer(TINY.codec, CODEC, library, tmp_path / "codec", lambda line: None).run()
    settings = {"steps": 2, "batch": 2, "discriminator_filters": 2, "quiet_steps": 1}
    default_model.train_decoder(library, tmp_path, lambda line: None, settings)
    assert step_of(tmp_path / "decoder") == 2
    before, after = (open_codec(tmp_path / name).state_dict() for name in ("codec", "decoder"))
    differing = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert differing == {"decoder"}


def test_a_run_of_another_kind_of_codec_is_left_alone(
    tmp_path: Path, library: RecordingLibrary, wide_library: RecordingLibrary
) -> None:
    CodecTrainer(TINY.codec, replace(CODEC, steps=1), library, tmp_path / "codec", lambda line: None).run()
    with pytest.raises(CheckpointCorrupt, match="another kind of codec"):
        BandCodecTrainer(OF_BANDS, BANDS, wide_library, tmp_path / "codec", lambda line: None)
    with pytest.raises(CheckpointCorrupt, match="not the default model's"):
        default_model.read_codec(default_model.default_config(wide_library), tmp_path)
    with pytest.raises(RequestError, match="different loops"):
        train_codec(library, TINY.codec, BANDS, {}, tmp_path / "other", lambda line: None)


def test_scenes_become_shards_and_shards_tokens_and_nothing_is_made_twice(tmp_path: Path) -> None:
    library = EventLibrary.from_recordings(recordings())
    labels = library.view.labels
    config = SceneConfig(duration_s=10.0)
    write_scenes(
        tmp_path, library, labels, range(4), sample_rate=16000, config=config, image_size=32, shard_size=2
    )
    paths = shard_paths(tmp_path)
    assert len(paths) == 2
    shard = read_shard(paths[0])
    assert shard.wav.shape == (2, 160000) and shard.frames.shape == (2, 20, 32, 32, 3)
    encode_scenes(tmp_path, Encodec(TINY.codec).eval(), "abc", lambda path: None)
    codes = np.load(codes_path(paths[0], "abc"))
    assert codes.shape == (2, 4, 500)
    stamps = [path.stat().st_mtime_ns for path in paths]
    write_scenes(
        tmp_path, library, labels, range(4), sample_rate=16000, config=config, image_size=32, shard_size=2
    )
    assert [path.stat().st_mtime_ns for path in paths] == stamps
    assert TINY.tower is not None
    corpus = SceneCorpus(tmp_path, "abc", ImageTower(TINY.tower))
    assert len(corpus) == 4
    curve, features = corpus[0].curve, corpus[0].features
    assert curve is not None and curve.shape == (500,) and features.shape == (20, TINY.tower.dim)


def test_shards_are_the_same_whoever_renders_them(tmp_path: Path) -> None:
    library = EventLibrary.from_recordings(recordings())
    for workers in (1, 2):
        write_scenes(
            tmp_path / str(workers),
            library,
            library.view.labels,
            range(4),
            sample_rate=48000,
            config=SceneConfig(duration_s=2.0),
            image_size=32,
            shard_size=2,
            workers=workers,
        )
    alone, shared = ([read_shard(path) for path in shard_paths(tmp_path / name)] for name in ("1", "2"))
    assert [shard.wav.shape for shard in alone] == [(2, 96000), (2, 96000)]
    for one, other in zip(alone, shared, strict=True):
        assert np.array_equal(one.wav, other.wav) and np.array_equal(one.frames, other.frames)


def test_a_codec_refuses_recordings_that_were_read_at_another_rate(
    tmp_path: Path, library: RecordingLibrary
) -> None:
    wide = msgspec.structs.replace(TINY.codec, sample_rate=48000, strides=(4, 5, 6, 8))
    with pytest.raises(RequestError, match="read at 16000 Hz, and this codec hears 48000 Hz"):
        CodecTrainer(wide, CODEC, library, tmp_path, lambda line: None)


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
