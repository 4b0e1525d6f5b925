"""A whole model with random weights, small enough to load and run in a moment."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import torch
from msgspec.structs import replace
from safetensors.torch import save_file

from engine.checkpoints import CONFIG_FILE, ModelFolder, read_model_folder, write_model_folder
from engine.codec.encodec import Encodec, preserve_variance
from engine.config import (
    BandsConfig,
    ClipConfig,
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
    folder: Path, *, seed: int = 0, codec: CodecConfig = TINY.codec, encodes: bool = False, **lm_shape: object
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


CLIP_NAME = "foley-words-clip"
CLIP = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


def write_clip(folder: Path) -> Path:
    """Weights of a small CLIP in a folder, and the architecture's file, which this process knows from now on."""
    import open_clip

    described = folder / f"{CLIP_NAME}.json"
    described.write_text(json.dumps(CLIP), encoding="utf-8")
    open_clip.add_model_config(described)
    torch.manual_seed(0)
    save_file(open_clip.create_model(CLIP_NAME).state_dict(), folder / "clip.safetensors")
    return described


def write_reading_model(folder: Path) -> ModelFolder:
    """A model that looks and reads through a small CLIP."""
    write_tiny_model(folder, prompt_dim=16)
    write_clip(folder)
    record = read_model_folder(folder)
    config = replace(record.model, encoder=ClipConfig(CLIP_NAME, "clip.safetensors"))
    record = replace(record, model=config)
    (folder / CONFIG_FILE).write_bytes(msgspec.json.encode(record))
    return record
