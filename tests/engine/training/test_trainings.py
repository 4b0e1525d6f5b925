"""The trainings in miniature: a loss that falls, and a stop that leaves no trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.codec.encodec import Encodec
from engine.errors import CheckpointCorrupt, RequestError, TrainingDiverged
from engine.training import default_model
from engine.training.band_codec import BandCodecSearch, find_codec
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.codec_run import train_codec
from engine.training.crops import CropConfig, draw_batch, pooled
from engine.training.decoder import DecoderTrainer, DecoderTraining
from engine.training.prepare.tools import open_codec
from engine.training.recordings import RecordingLibrary
from engine.training.scene_corpus import SceneCorpus
from engine.training.scene_set import codes_path, encode_scenes, read_shard, shard_paths, write_scenes
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.spec import SceneConfig
from engine.training.state import peek_state, refuse_nan, step_of, write_state
from engine.visual.tower import ImageTower
from tests.engine.models import OF_BANDS, TINY
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

SEARCH = BandCodecSearch(num_crops=8, batch=4, crops=CropConfig(num_samples=23_040))


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
    assert all(
        torch.equal(tensor, again.average.tensors[name]) for name, tensor in whole.average.tensors.items()
    )


def test_the_codecs_average_is_what_makes_the_tokens(tmp_path: Path, library: RecordingLibrary) -> None:
    trainer = CodecTrainer(TINY.codec, CODEC, library, tmp_path / "codec", lambda line: None)
    trainer.run(until=lambda: trainer.step >= CODEC.kmeans_step)
    last = {name: tensor.clone() for name, tensor in trainer.average.tensors.items()}
    assert torch.equal(last["quantizer.embed"], trainer.codec.quantizer.embed)
    trainer.run(until=lambda: trainer.step >= CODEC.kmeans_step + 1)
    step = CODEC.kmeans_step
    for name, tensor in trainer.codec.state_dict().items():
        expected = torch.lerp(last[name], tensor, 1 - (1 + step) / (10 + step))
        assert torch.allclose(trainer.average.tensors[name], expected, atol=1e-6), name
    opened = open_codec(tmp_path / "codec").state_dict()
    assert all(torch.equal(opened[name], tensor) for name, tensor in trainer.average.tensors.items())
    assert not torch.equal(opened["quantizer.embed"], trainer.codec.quantizer.embed)


def test_a_codec_from_before_there_was_an_average_begins_one_and_says_so(
    tmp_path: Path, library: RecordingLibrary
) -> None:
    trainer = CodecTrainer(TINY.codec, CODEC, library, tmp_path, lambda line: None)
    trainer.run(until=lambda: trainer.step >= 2)
    state = dict(peek_state(tmp_path) or {})
    del state["average"]
    write_state(tmp_path, state)
    told: list[str] = []
    again = CodecTrainer(TINY.codec, CODEC, library, tmp_path, told.append)
    assert told == ["resumed at step 2; its state has no average: it begins with these weights"]
    assert all(torch.equal(again.average.tensors[name], tensor) for name, tensor in state["codec"].items())


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


def test_a_codec_of_bands_is_found_once_and_the_same_wherever_it_is_found(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    told: list[str] = []
    folders = [tmp_path / "a", tmp_path / "a", tmp_path / "b"]
    codecs = [find_codec(OF_BANDS, SEARCH, wide_library, folder, told.append) for folder in folders]
    assert [line.endswith("before") for line in told] == [False, True, False]
    for name, tensor in codecs[0].state_dict().items():
        assert all(torch.equal(tensor, other.state_dict()[name]) for other in codecs[1:]), name
    assert step_of(tmp_path / "a") == 0
    wav = torch.from_numpy(wide_library.recordings[0].wav)[None, None]
    codes = codecs[0].encode(wav)
    assert min(len(each.unique()) for each in codes[0]) > 3, "all codebooks are of use"
    assert bool(torch.isfinite(codecs[0].decode(codes)).all())


def test_recordings_that_are_held_out_say_nothing_of_a_codec(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    alone = RecordingLibrary(wide_library.of_split("train"))
    found = [
        find_codec(OF_BANDS, SEARCH, library, tmp_path / str(number), lambda line: None).quantizer.embed
        for number, library in enumerate((wide_library, alone))
    ]
    assert torch.equal(*found)


def test_a_codec_of_bands_has_no_decoder_to_go_on_with(
    tmp_path: Path, wide_library: RecordingLibrary
) -> None:
    with pytest.raises(RequestError, match="the detail alone is taught"):
        DecoderTrainer(Encodec(OF_BANDS), DecoderTraining(), wide_library, tmp_path, lambda line: None)
    find_codec(OF_BANDS, SEARCH, wide_library, tmp_path / "codec", lambda line: None)
    assert default_model.codec_config(tmp_path) == OF_BANDS
    with pytest.raises(RequestError, match="found, not trained"):
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
        find_codec(OF_BANDS, SEARCH, wide_library, tmp_path / "codec", lambda line: None)
    with pytest.raises(CheckpointCorrupt, match="not the default model's"):
        default_model.read_codec(default_model.default_config(wide_library), tmp_path)
    with pytest.raises(RequestError, match="is found and SEANet's is trained"):
        train_codec(library, TINY.codec, SEARCH, {}, tmp_path / "other", lambda line: None)


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
    batch = draw_batch(np.random.default_rng(0), pooled(library.of_split("train")), config, 16, 0.0)
    assert batch.shape == (16, config.num_samples) and batch.dtype == np.float32
    levels = np.sqrt((batch**2).mean(axis=1))
    assert np.abs(batch).max() <= 1.0
    assert (levels > 0.01).all() and (levels < 0.11).all()


def test_a_loss_that_is_no_number_stops_the_training_in_a_sentence() -> None:
    assert refuse_nan(torch.tensor(1.5), 3) == 1.5
    with pytest.raises(TrainingDiverged, match="step 7"):
        refuse_nan(torch.tensor(float("nan")), 7)
