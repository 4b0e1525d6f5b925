"""Model folders: written, read back, and refused when they are not what they say."""

import json
from pathlib import Path

import msgspec
import pytest
import torch

from engine.checkpoints import (
    CONFIG_FILE,
    DEFAULT_MODEL,
    WeightsFile,
    load_into,
    read_model_folder,
    read_weights,
)
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.pipeline import load_model
from engine.protocol import Sampling
from tests.engine.models import LABELS, write_tiny_model


def test_a_model_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    written = write_tiny_model(tmp_path)
    model = load_model(tmp_path)
    assert model.record == written
    assert model.record.sha256 == written.sha256
    assert model.config.lm.labels == LABELS
    assert all(not p.requires_grad and p.dtype == torch.float32 for p in model.lm.parameters())


def test_a_folder_that_says_nothing_of_sampling_draws_as_the_default_model_does(tmp_path: Path) -> None:
    own = Sampling(cfg_scale=3.0, top_k=7)
    record = write_tiny_model(tmp_path)
    config = json.loads((tmp_path / CONFIG_FILE).read_bytes())
    assert config.pop("sampling") == msgspec.to_builtins(Sampling())
    (tmp_path / CONFIG_FILE).write_text(json.dumps(config), encoding="utf-8")
    assert read_model_folder(tmp_path) == record
    (tmp_path / CONFIG_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(record, sampling=own)))
    assert load_model(tmp_path).record.sampling == own
    shipped = json.loads((DEFAULT_MODEL / CONFIG_FILE).read_bytes())
    assert "sampling" not in shipped and read_model_folder(DEFAULT_MODEL).sampling == Sampling(
        cfg_scale=2.0, top_k=64, temperature=0.85, steady_cooling=0.7, guide_against="null", drafts=4
    )


def test_another_weight_gives_another_hash(tmp_path: Path) -> None:
    assert write_tiny_model(tmp_path / "a").sha256 != write_tiny_model(tmp_path / "b", seed=1).sha256


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="no model in"):
        load_model(tmp_path / "nowhere")


def test_a_missing_weights_file_is_named(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    (tmp_path / "lm.safetensors").unlink()
    with pytest.raises(CheckpointNotFound, match=r"lm\.safetensors"):
        load_model(tmp_path)


def test_one_flipped_bit_is_noticed(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    path = tmp_path / "lm.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointCorrupt, match="sha256"):
        load_model(tmp_path)


def test_a_config_that_is_no_config_is_refused_in_a_sentence(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    (tmp_path / CONFIG_FILE).write_text('{"model": 3}', encoding="utf-8")
    with pytest.raises(CheckpointCorrupt, match="cannot be read"):
        read_model_folder(tmp_path)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    record = write_tiny_model(tmp_path)
    tensors = read_weights(tmp_path, "tower.safetensors", record.weights["tower.safetensors"])
    with pytest.raises(CheckpointCorrupt, match="do not fit"):
        load_into(torch.nn.Linear(2, 2), tensors, what="test")


def test_a_weights_file_is_read_a_tensor_at_a_time(tmp_path: Path) -> None:
    record = write_tiny_model(tmp_path)
    name = "lm.safetensors"
    whole = read_weights(tmp_path, name, record.weights[name])
    file = WeightsFile(tmp_path, name, record.weights[name])
    for key, tensor in whole.items():
        assert torch.equal(file.read(key).float(), tensor)
    with pytest.raises(CheckpointCorrupt, match=r"has no blocks\.9\.qkv\.weight"):
        file.read("blocks.9.qkv.weight")
    with pytest.raises(CheckpointCorrupt, match="damaged"):
        WeightsFile(tmp_path, name, "0" * 64)
    with pytest.raises(CheckpointNotFound):
        WeightsFile(tmp_path, "other.safetensors", "0" * 64)
