"""A preset with random weights, to be timed where no trained ones are: its shapes are what costs, not its numbers."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import torch
from msgspec.structs import replace
from safetensors.torch import save_file

from engine.checkpoints import ModelFolder
from engine.codec.encodec import Encodec, preserve_variance
from engine.config import PRESETS, ClipConfig, ModelConfig
from engine.errors import RequestError
from engine.lm.decoding.narrowing import WeightType, computes_in_bfloat16
from engine.lm.decoding.opening import decoder_of
from engine.lm.model import LanguageModel
from engine.pipeline import Model
from engine.visual.encoder import Runtime
from engine.visual.encoders import open_encoder
from engine.visual.motion import MotionNets
from engine.visual.spotter import Spotter


def preset_of(name: str) -> ModelConfig:
    """
    Raises:
        RequestError: there is no such preset.
    """
    if name not in PRESETS:
        raise RequestError(f"There is no preset {name}: choose {', '.join(PRESETS)}.")
    return PRESETS[name]


def random_model(config: ModelConfig, folder: Path, *, dtype: WeightType = "float32", seed: int = 0) -> Model:
    """
    Args:
        folder: an empty one, where CLIP's random weights are written to be loaded as real ones are.

    Raises:
        RequestError: the model sees through something else than CLIP.
    """
    if not isinstance(config.encoder, ClipConfig):
        raise RequestError(
            f"The preset {config.name} does not see through CLIP: give a model folder by --model instead."
        )
    torch.manual_seed(seed)
    clip = ClipConfig(config.encoder.architecture, "clip.safetensors")
    _write_random_clip(clip.architecture, folder / clip.weights)
    lm, codec = LanguageModel(config.lm, config.codec), Encodec(config.codec)
    preserve_variance(codec.decoder)
    for part in (lm, codec):
        part.eval().requires_grad_(False)
    is_narrow = computes_in_bfloat16(dtype)
    codec.keep_for_decoding(may_narrow=is_narrow)
    decoder = decoder_of(lm, dtype)
    return Model(
        ModelFolder(model=replace(config, encoder=clip), weights={}),
        codec,
        decoder.conditions,
        open_encoder(clip, folder, Runtime(precision="bfloat16" if is_narrow else "float32")),
        Spotter(MotionNets(config.spotter)),
        decoder,
    )


def _write_random_clip(architecture: str, path: Path) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import open_clip

    logging.disable(logging.WARNING)  # open_clip warns that the weights are random
    try:
        network = open_clip.create_model(architecture, pretrained=None)
    finally:
        logging.disable(logging.NOTSET)
    save_file({name: tensor.half() for name, tensor in network.state_dict().items()}, path)
