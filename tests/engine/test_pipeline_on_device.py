"""A model that draws on a device: the same tokens through the same pipeline. The device here is this processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.errors import RequestError
from engine.lm.on_device import OnDevice
from engine.pipeline import Pipeline, load_model
from engine.protocol import Generate, Hit, Picture, Sampling
from engine.visual.sight import Sight
from tests.engine.models import TINY, write_tiny_model

REQUEST = Generate(
    id=0,
    picture=Picture("film.mp4", []),
    wav_paths=[],
    num_samples=3 * 48000,
    label="knock",
    sampling=Sampling(top_k=8),
)


def test_a_model_on_a_device_draws_what_the_reference_draws(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    model = load_model(tmp_path)
    lm = model.lm
    on_device = OnDevice.open(lm.config, TINY.codec, lm.state_dict().__getitem__, "cpu", "float32")
    features = torch.randn(3, TINY.lm.visual_dim, generator=torch.Generator().manual_seed(1))
    hits = [Hit(0.5), Hit(1.75, 0.4)]
    shares: list[float] = []

    def codes(pipeline: Pipeline) -> torch.Tensor:
        sight = Sight(hits, torch.zeros(150).numpy(), features, [])
        return pipeline.codes(REQUEST, sight, hits, "knock", 7, lambda stage, share: shares.append(share))

    ours = Pipeline(replace(model, on_device=on_device))
    assert torch.equal(codes(ours), codes(Pipeline(model)))
    assert shares[-1] == 1.0
    assert (ours.dtype, ours.backend) == ("float32", "device step, 16 places")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has one")
def test_a_model_is_not_opened_on_a_device_that_is_not_there(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    with pytest.raises(RequestError, match="no device cuda"):
        load_model(tmp_path, device="cuda")
