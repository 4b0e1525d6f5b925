"""A whole model with random weights, small enough to load and run in a moment."""

from __future__ import annotations

from pathlib import Path

import torch
from msgspec.structs import replace

from engine.checkpoints import ModelFolder, write_model_folder
from engine.codec.encodec import Encodec, preserve_variance
from engine.config import (
    BandsConfig,
    CodecConfig,
    LMConfig,
    ModelConfig,
    MotionConfig,
    SpotterConfig,
    TowerConfig,
)
from engine.lm.model import LanguageModel
from engine.visual.motion import MotionNets
from engine.visual.tower import ImageTower

LABELS = ("knock", "rain", "whoosh")

TINY = ModelConfig(
    name="tiny",
    codec=CodecConfig(
        num_filters=2,
        num_lstm_layers=0,
        latent_dim=8,
        codebook_size=32,
        pad_mode="constant",
        activation="SiLU",
    ),
    lm=LMConfig(num_layers=2, num_heads=2, dim=32, codebook_size=32, visual_dim=16, labels=LABELS),
    spotter=SpotterConfig(nets=(MotionConfig(channels=8),)),
    encoder=TowerConfig(image_size=32, dim=16, labels=LABELS),
)


OF_BANDS = CodecConfig(
    sample_rate=48_000,
    strides=(4, 5, 6, 8),
    codebook_size=32,
    latent_dim=8,
    num_lstm_layers=0,
    bands=BandsConfig(num_bands=16),
)
"""A small codec of the default model's kind, found and not trained."""
WITH_DETAIL = replace(OF_BANDS, bands=BandsConfig(num_bands=16, detail_width=8))
"""The same with a detail to teach."""


def write_tiny_model(
    folder: Path, *, seed: int = 0, codec: CodecConfig = TINY.codec, encodes: bool = False, **lm_shape: int
) -> ModelFolder:
    """`lm_shape` replaces fields of the language model's config; `encodes` keeps the codec's encoder."""
    model = replace(TINY, codec=codec, lm=replace(TINY.lm, **lm_shape))
    torch.manual_seed(seed)
    net = Encodec(codec)
    preserve_variance(net, gain=2.2)
    net.quantizer.start_by_kmeans(torch.randn(200, codec.latent_dim) * 0.1, iterations=2)
    assert TINY.tower is not None
    parts = {
        "codec.safetensors": {
            name: tensor
            for name, tensor in net.state_dict().items()
            if encodes or name.startswith("decoder.") or name == "quantizer.embed"
        },
        "lm.safetensors": LanguageModel(model.lm, model.codec).state_dict(),
        "tower.safetensors": ImageTower(TINY.tower).state_dict(),
        "spotter.safetensors": MotionNets(TINY.spotter).state_dict(),
    }
    return write_model_folder(folder, model, parts, settings={})
