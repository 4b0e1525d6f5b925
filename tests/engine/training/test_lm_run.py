"""From a prepared set to a model folder: what is trained, what it says of itself, what is refused."""

from __future__ import annotations

import hashlib
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import torch

from engine.checkpoints import read_model_folder
from engine.codec.encodec import Encodec, preserve_variance
from engine.config import TowerConfig
from engine.errors import CheckpointCorrupt, RequestError
from engine.lm.model import LanguageModel
from engine.pipeline import load_model
from engine.protocol import AS_PUBLISHED, Sampling
from engine.training.batches import Batches, Cropping
from engine.training.distributed import ALONE
from engine.training.journal import read_journal
from engine.training.lm_example import DRAWN_S, Example
from engine.training.lm_run import read_about, train_on_set
from engine.training.packing import pack_run
from engine.training.prepare.manifest import (
    MANIFEST_FILE,
    CodecIdentity,
    EncoderIdentity,
    Manifest,
    Plan,
    ShardEntry,
    ShardRecord,
    record_path,
    shard_file,
    write_record,
)
from engine.training.prepare.shard import shard_bytes
from engine.training.prepare.tools import Tools
from engine.training.presets import LMPreset, lm_preset
from engine.training.settings import changed, read_settings
from engine.training.state import read_state, write_state
from engine.visual.encoders import parse_encoder
from tests.engine.models import LABELS, TINY, write_tiny_model
from tests.engine.training.clips import encoded_clips
from tests.engine.training.test_lm_training import TRAINING

PRESET = LMPreset(TINY, TRAINING)
SHORT: dict[str, object] = {"steps": 4, "checkpoint_every": 2, "log_every": 1, "example_every": 2}


@dataclass(frozen=True)
class Place:
    """A tiny codec's run, a tiny model for its eyes, and a set that both have made."""

    codec: Path
    eyes: TowerConfig
    data: Path


def write_codec(folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    codec = Encodec(TINY.codec)
    preserve_variance(codec, gain=2.2)
    codec.quantizer.start_by_kmeans(torch.randn(200, TINY.codec.latent_dim) * 0.1, iterations=2)
    write_state(folder, {"step": 1, "codec": codec.state_dict(), "config": TINY.codec})
    return folder


def write_set(folder: Path, codec: CodecIdentity, encoder: EncoderIdentity) -> Path:
    """Three made-up clips in one shard, as `foley data prepare` leaves them."""
    folder.mkdir()
    clips = encoded_clips(features_per_s=1, prompt_dim=encoder.prompt_dim)
    plan = Plan(codec, encoder, 1, "d", "c", len(clips), LABELS, "train", 8, "cpu")
    shard = folder / shard_file(0)
    data = shard_bytes(clips, plan)
    shard.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    record = ShardRecord(digest, len(data), len(clips), 500 * len(clips), (), ())
    written = write_record(record_path(shard), record)
    entry = ShardEntry(
        shard.name, digest, len(data), hashlib.sha256(written).hexdigest(), len(clips), len(clips), 1500
    )
    manifest = Manifest(plan, (entry,), len(clips), len(clips), 30.0, {}, {}, None, ())
    write_record(folder / MANIFEST_FILE, manifest)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("place")
    write_tiny_model(root / "model")
    eyes = parse_encoder(f"tower:{root / 'model'}")
    assert isinstance(eyes, TowerConfig)
    codec = write_codec(root / "codec", 0)
    tools = Tools.open(codec, eyes, "cpu")
    return Place(codec, eyes, write_set(root / "set", tools.codec_identity(), tools.encoder_identity(None)))


def test_a_run_on_a_set_becomes_a_model_that_opens(place: Place, tmp_path: Path) -> None:
    out, target = tmp_path / "run", tmp_path / "packed"
    trainer = train_on_set(place.data, PRESET, SHORT, out, lambda line: None, ranks=ALONE, tensorboard=False)
    assert [line["step"] for line in read_journal(out / "lm")] == [1, 2, 3, 4]
    about = read_about(out / "lm")
    assert about.model.lm.labels == LABELS and about.model.lm.visual_dim == TINY.lm.visual_dim
    pack_run(out, target, codec=place.codec, encoder=place.eyes)
    model = load_model(target)
    for name, tensor in trainer.average.tensors.items():
        assert torch.allclose(model.lm.state_dict()[name], tensor, atol=2e-3)
    assert model.config.continuous_labels == ("rain",)
    assert model.encoder.describe().width == TINY.lm.visual_dim
    assert model.record.sampling == Sampling()
    other = write_codec(tmp_path / "other", 1)
    with pytest.raises(CheckpointCorrupt, match="not the one that made the tokens"):
        pack_run(out, target, codec=other, encoder=place.eyes)


@pytest.mark.parametrize("preset", ["foleygen", "foleygen-sync"])
def test_what_is_packed_draws_as_its_preset_was_published(preset: str, place: Place, tmp_path: Path) -> None:
    named = LMPreset(msgspec.structs.replace(TINY, name=preset), TRAINING)
    out, target = tmp_path / "run", tmp_path / "packed"
    train_on_set(place.data, named, SHORT, out, lambda line: None, ranks=ALONE, tensorboard=False)
    assert pack_run(out, target, codec=place.codec, encoder=place.eyes).sampling == AS_PUBLISHED
    assert read_model_folder(target).sampling == AS_PUBLISHED
    assert (AS_PUBLISHED.cfg_scale, AS_PUBLISHED.top_k, AS_PUBLISHED.drafts) == (3.0, 256, 1)


def test_a_run_goes_on_only_with_the_model_that_it_was_begun_with(place: Place, tmp_path: Path) -> None:
    def run(**settings: object) -> None:
        train_on_set(
            place.data,
            PRESET,
            {**SHORT, **settings},
            tmp_path,
            lambda line: None,
            ranks=ALONE,
            tensorboard=False,
        )

    run()
    run(steps=6)
    state = read_state(tmp_path / "lm")
    assert state is not None and state["step"] == 6
    with pytest.raises(CheckpointCorrupt, match="another model"):
        run(**{"lm.visual_attention": "causal"})


def test_the_board_shows_each_step_once_with_sounds_and_spectrograms(place: Place, tmp_path: Path) -> None:
    def run(steps: int) -> None:
        train_on_set(
            place.data,
            PRESET,
            {**SHORT, "steps": steps},
            tmp_path,
            lambda line: None,
            ranks=ALONE,
            codec=place.codec,
            tensorboard=True,
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorBoard's own
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        run(3)
        # As after a kill: the checkpoint is older than what the board was told.
        state = read_state(tmp_path / "lm")
        assert state is not None
        run(4)
        shown = EventAccumulator(str(tmp_path / "lm" / "tensorboard"), size_guidance={"scalars": 0}).Reload()
    assert [event.step for event in shown.Scalars("loss")] == [1, 2, 3, 4]
    assert {"true", "teacher_forced", "drawn"} <= set(shown.Tags()["audio"])
    assert {"true/spectrogram", "teacher_forced/spectrogram"} <= set(shown.Tags()["images"])
    lasts_s = {name: shown.Audio(name)[-1].length_frames / 16000 for name in ("true", "drawn")}
    assert 0 < lasts_s["drawn"] == min(lasts_s["true"], DRAWN_S)
    assert [event.step for event in shown.Audio("drawn")] == [2, 4]


def test_the_board_finds_the_codec_that_made_the_tokens_and_no_other(place: Place, tmp_path: Path) -> None:
    def heard(out: Path, codec: Path | None = None) -> list[str]:
        told: list[str] = []
        settings = {**SHORT, "steps": 1}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorBoard's own
            train_on_set(
                place.data, PRESET, settings, out, told.append, ranks=ALONE, codec=codec, tensorboard=True
            )
        return [line for line in told if "codec" in line]

    beside_set = place.codec
    assert heard(tmp_path / "a") == [f"examples are heard by the codec in {beside_set}"]
    write_codec(tmp_path / "b" / "codec", 1)  # another one
    assert heard(tmp_path / "b") == [f"examples are heard by the codec in {beside_set}"]
    shutil.copytree(place.codec, tmp_path / "c" / "decoder")
    assert heard(tmp_path / "c") == [f"examples are heard by the codec in {tmp_path / 'c' / 'decoder'}"]
    with pytest.raises(RequestError, match="did not make the set's tokens"):
        heard(tmp_path / "d", tmp_path / "b" / "codec")


def test_a_drawn_example_is_what_generation_draws_and_leaves_the_generators_alone(place: Place) -> None:
    batches = Batches(encoded_clips(features_per_s=1), TINY.lm, 50, Cropping(rows=4, max_s=6), 5)
    example = Example.of(batches, TINY.codec)
    torch.manual_seed(7)
    lm = LanguageModel(TINY.lm, TINY.codec)
    before = torch.get_rng_state()
    codes = example.drawn(lm.state_dict())
    assert torch.equal(torch.get_rng_state(), before)
    assert bool(example.batch.conditions.visual_known[0])
    assert codes.shape == (4, min(example.num_frames, 200))
    assert torch.equal(codes, example.drawn(lm.state_dict()))
    other = LanguageModel(TINY.lm, TINY.codec)
    assert not torch.equal(codes, example.drawn(other.state_dict()))


def test_settings_come_from_a_file_and_the_command_line_over_it(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text('steps = 7\n[cropping]\nrows = 2\n[lm]\nvisual_attention = "causal"\n')
    settings = read_settings(file, ["steps=9", "lm.sync=none", "bf16=false"])
    preset = lm_preset("foleygen")
    training = changed(preset.training, {k: v for k, v in settings.items() if not k.startswith("lm.")})
    assert (training.steps, training.cropping.rows, training.bf16) == (9, 2, False)
    assert training.learning_rate == 1e-4 and training.warmup_steps == 4000
    model = changed(preset.model, {k: v for k, v in settings.items() if k.startswith("lm.")})
    assert model.lm.visual_attention == "causal" and model.lm.sync is None
    for wrong, told in ({"lm.layers": "2"}, "num_layers"), ({"lm.num_layers": "two"}, "int"):
        with pytest.raises(RequestError, match=told):
            changed(preset.model, wrong)
    with pytest.raises(RequestError, match="NAME=VALUE"):
        read_settings(None, ["steps"])
    assert msgspec.to_builtins(changed(preset.model, {})) == msgspec.to_builtins(preset.model)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", "nan"),
        ("learning_rate", "-1"),
        ("max_norm", "inf"),
        ("seed", "-1"),
        ("accumulate", "0"),
        ("steps", "0"),
        ("checkpoint_every", "0"),
        ("cropping.rows", "0"),
        ("cropping.max_s", "0.5"),
    ],
)
def test_numbers_that_no_training_can_use_are_refused_in_a_sentence(name: str, value: str) -> None:
    with pytest.raises(RequestError, match=rf"{name}|finite"):
        changed(lm_preset("foleygen").training, {name: value})


def test_shapes_that_no_model_can_have_are_refused_in_a_sentence() -> None:
    for wrong, told in (
        ({"lm.num_heads": "3"}, "3 heads cannot share a dim of 1024"),
        ({"lm.num_heads": "0"}, "num_heads"),
        ({"lm.num_layers": "-1"}, "num_layers"),
    ):
        with pytest.raises(RequestError, match=told):
            changed(lm_preset("foleygen").model, wrong)


def test_a_start_that_failed_stands_in_nobodys_way(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(**settings: object) -> None:
        given = {**SHORT, **settings}
        train_on_set(place.data, PRESET, given, tmp_path, lambda line: None, ranks=ALONE, tensorboard=False)

    with monkeypatch.context() as broken:
        broken.setattr("engine.training.lm_run.LMTrainer", _Fails)
        with pytest.raises(MemoryError):
            run(**{"lm.num_layers": 3})
    run()
    assert read_about(tmp_path / "lm").model.lm.num_layers == TINY.lm.num_layers


class _Fails:
    def __init__(self, *_: object, **__: object) -> None:
        raise MemoryError
