"""A model laid out as the run that trained it, and trainings that go on from there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.checkpoints import DEFAULT_MODEL
from engine.errors import RequestError
from engine.pipeline import load_model
from engine.training.batches import Cropping
from engine.training.corpus import EncodedClip
from engine.training.default_model import read_codec, read_tower
from engine.training.lm import LMTrainer, LMTraining
from engine.training.spotter import SpotterTraining, train_spotter
from engine.training.state import step_of, write_state
from engine.training.unpacking import unpack_model
from engine.visual.spotter import Spotter
from tests.engine.models import write_tiny_model


def test_trainings_go_on_from_the_parts_of_the_default_model(tmp_path: Path) -> None:
    model = load_model(DEFAULT_MODEL)
    unpack_model(DEFAULT_MODEL, tmp_path)
    codec, _ = read_codec(model.config, tmp_path)
    assert torch.equal(codec.quantizer.embed, model.codec.quantizer.embed)
    frames = torch.randint(0, 255, (2, 1, 64, 64, 3), dtype=torch.uint8).numpy()
    assert torch.equal(read_tower(model.config, tmp_path).encode(frames), model.encoder.encode(frames))
    for number, net in enumerate(model.spotter.net.members()):
        folder = tmp_path / (f"spotter-{number}" if number else "spotter")
        training = SpotterTraining(net=net.config, steps=0)
        (again,) = train_spotter(training, folder, is_cancelled=lambda: True).net.members()
        for name, tensor in net.state_dict().items():
            assert torch.equal(again.state_dict()[name], tensor)
    assert Spotter.read(tmp_path / "spotter" / "final").settings == model.spotter.settings
    config = model.config.lm
    silence = np.zeros((config.num_codebooks, 500), np.int16)
    clip = EncodedClip(
        silence, np.zeros((10, config.visual_dim), np.float32), 1, np.zeros(500, np.float32), 0, []
    )
    training = LMTraining(steps=1, cropping=Cropping(rows=1, max_s=1.0), bf16=False)
    trainer = LMTrainer(config, model.config.codec, training, [clip], tmp_path / "lm", lambda line: None)
    assert trainer.step == 0
    for name, tensor in model.lm.state_dict().items():
        assert torch.equal(trainer.lm.state_dict()[name], tensor)
        assert torch.equal(trainer.average.tensors[name], tensor)
    with pytest.raises(RequestError, match="already"):
        unpack_model(DEFAULT_MODEL, tmp_path)


def test_no_part_of_a_run_is_written_over(tmp_path: Path) -> None:
    """The second of the default model's motion networks is the last part that is looked for."""
    write_state(tmp_path / "spotter-1", {"step": 7})
    with pytest.raises(RequestError, match="There is a spotter-1 in"):
        unpack_model(DEFAULT_MODEL, tmp_path)
    assert step_of(tmp_path / "spotter-1") == 7
    assert [each.name for each in tmp_path.iterdir()] == ["spotter-1"]


def test_a_model_of_another_kind_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "model", encodes=True)
    with pytest.raises(RequestError, match="not the default model's kind"):
        unpack_model(tmp_path / "model", tmp_path / "run")
    assert not (tmp_path / "run").exists()
