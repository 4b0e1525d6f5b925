"""A vision Transformer, or any other image network of timm's: the pooled feature, its classifier left away."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoints import load_into, tensors_sha256
from engine.config import VitConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound, UnknownEncoder
from engine.media.scaling import Fit
from engine.visual.encoder import (
    FEATURES_PER_S,
    EncoderInfo,
    EncoderKind,
    Runtime,
    VisualEncoder,
    in_batches,
    narrowed,
)

FITS: dict[str, Fit] = {"center": "crop", "squash": "squash"}
"""timm's ways to a square that are offered: its third has bars of a colour of its own."""


class VitEncoder(VisualEncoder):
    """Looks as timm says that its architecture was trained to look: size, crop, mean and deviation."""

    def __init__(self, config: VitConfig, folder: Path = Path(), runtime: Runtime | None = None) -> None:
        """
        Raises:
            CheckpointNotFound: no such file, or no such architecture.
            CheckpointCorrupt: a file that is not this architecture's.
            UnknownEncoder: pictures are brought to it in a way that is not offered.
        """
        self._runtime = runtime or Runtime()
        path = folder / config.weights
        if not path.is_file():
            raise CheckpointNotFound(f"There are no ViT weights in {path}: give the path of a checkpoint.")
        self._network = _built(config, path).to(self._runtime.device).eval().requires_grad_(False)
        look = _look(self._network)
        self._seen_size = int(look["input_size"][-1])
        self._mean = torch.tensor(look["mean"], device=self._runtime.device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(look["std"], device=self._runtime.device).view(1, 3, 1, 1)
        licence = self._network.pretrained_cfg.get("license") or "as its publisher says"
        self._info = EncoderInfo(
            name=f"vit/{config.architecture}",
            width=int(self._network.num_features),
            image_size=math.floor(self._seen_size / look["crop_pct"]),
            features_per_s=FEATURES_PER_S,
            weights_licence=str(licence),
            fit=_fit(config, look["crop_mode"]),
            weights_sha256=tensors_sha256(self._network.state_dict()),
            precision=self._runtime.precision,
        )
        narrowed(self._network, self._runtime)

    def describe(self) -> EncoderInfo:
        """`image_size` is larger than what the network sees: it looks at the centre of the square."""
        return self._info

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, 1, image_size, image_size, 3] -> features [N, width]."""
        return in_batches(frames, self._features, self._runtime)

    def _features(self, pixels: Tensor) -> Tensor:
        edge = round((pixels.shape[-1] - self._seen_size) / 2)
        centre = pixels[:, 0, :, edge : edge + self._seen_size, edge : edge + self._seen_size]
        features: Tensor = self._network((centre - self._mean) / self._deviation)
        return features


def _built(config: VitConfig, path: Path) -> Any:
    """The timm network without its classifier, its weights loaded exactly."""
    import timm
    from timm.models import load_state_dict

    if not timm.is_model(config.architecture):
        raise CheckpointNotFound(
            f"timm knows no architecture called {config.architecture}: choose one of its names, "
            "such as vit_base_patch16_224."
        )
    network: Any = timm.create_model(config.architecture, pretrained=False, num_classes=0)
    try:
        tensors = load_state_dict(str(path))
    except Exception as error:  # whatever pickle and safetensors raise
        raise CheckpointCorrupt(
            f"The ViT weights {path} cannot be read as a safetensors or PyTorch checkpoint: download them again."
        ) from error
    named = network.pretrained_cfg.get("classifier") or "head"
    classifiers = (named,) if isinstance(named, str) else tuple(named)
    dropped = tuple(f"{name}." for name in classifiers)
    kept = {name: tensor.float() for name, tensor in tensors.items() if not name.startswith(dropped)}
    load_into(network, kept, what=f"ViT {config.architecture}")
    return network


def _look(network: Any) -> dict[str, Any]:
    """timm's word for how pictures are brought to a network."""
    from timm.data.config import resolve_model_data_config

    look: dict[str, Any] = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    return look


def _fit(config: VitConfig, crop_mode: str) -> Fit:
    if crop_mode not in FITS:
        raise UnknownEncoder(
            f"The architecture {config.architecture} is shown pictures in a way that foley does not offer "
            f"(timm calls it {crop_mode}): choose another, such as vit_base_patch16_224."
        )
    return FITS[crop_mode]


def _from_words(words: str) -> VitConfig:
    architecture, _, weights = words.partition(":")
    if not architecture or not weights:
        raise UnknownEncoder(
            "ViT needs an architecture and its weights: say vit:ARCHITECTURE:FILE, such as "
            "vit:vit_base_patch16_224:/models/vit.safetensors."
        )
    return VitConfig(architecture, weights)


KIND = EncoderKind(VitConfig, _from_words, VitEncoder)
