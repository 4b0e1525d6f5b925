"""The default model's own image tower: small, trained to name labels on rendered scenes, then frozen."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.checkpoints import DEFAULT_MODEL, load_into, read_model_folder, read_weights, tensors_sha256
from engine.config import TowerConfig
from engine.errors import CheckpointNotFound
from engine.media.array_cache import ArrayCache
from engine.visual.encoder import FEATURES_PER_S, EncoderInfo, EncoderKind, Runtime


class ImageTower(nn.Module):
    """Five strided convolutions, mean and max over space, one feature; a head over labels for guesses."""

    def __init__(self, config: TowerConfig) -> None:
        super().__init__()
        self.config = config
        widths = (3, 32, 48, 64, 96, 128)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(low, high, 3, stride=2, padding=1) for low, high in pairwise(widths)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, high) for high in widths[1:])
        self.feature = nn.Linear(2 * widths[-1], config.dim)
        self.head = nn.Linear(config.dim, len(config.labels))

    def describe(self) -> EncoderInfo:
        return EncoderInfo(
            "foley-tower",
            self.config.dim,
            self.config.image_size,
            FEATURES_PER_S,
            "CC-BY-4.0",
            weights_sha256=tensors_sha256(self.state_dict()),
        )

    @torch.inference_mode()
    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, 1, image_size, image_size, 3] -> features [N, dim]."""
        return self.features(torch.from_numpy(frames[:, 0]).to(self.feature.weight.device)).cpu()

    def reader(self) -> None:
        """It was never taught to read."""

    def guesser(self, labels: tuple[str, ...], cache: ArrayCache | None) -> ImageTower:
        """It names the labels that it was trained on, whatever is asked for."""
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        return self.config.labels

    @torch.inference_mode()
    def label_probabilities(self, features: Tensor) -> Tensor:
        """Features [N, dim] of one clip -> probabilities [labels], evidence summed over its pictures."""
        evidence: Tensor = self.head(features).log_softmax(dim=-1).mean(dim=0)
        return evidence.softmax(dim=-1)

    def features(self, frames: Tensor) -> Tensor:
        """uint8 [N, H, W, 3] -> [N, dim], normalised."""
        x = frames.permute(0, 3, 1, 2).float() / 255.0 - 0.5
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = F.gelu(norm(convolution(x)))
        pooled = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)
        return F.layer_norm(self.feature(pooled), (self.config.dim,))

    def forward(self, frames: Tensor) -> Tensor:
        """uint8 [N, H, W, 3] -> label logits [N, labels]."""
        logits: Tensor = self.head(self.features(frames))
        return logits


def _open(config: TowerConfig, folder: Path, _runtime: Runtime) -> ImageTower:
    """Read from a model's folder, checked by sha256. It is too small for anything but a CPU's float32."""
    path = folder / config.weights
    weights = read_weights(path.parent, path.name, read_model_folder(path.parent).weights.get(path.name, ""))
    tower = ImageTower(config)
    load_into(tower, weights, what="image tower")
    tower.eval().requires_grad_(False)
    return tower


def _from_words(words: str) -> TowerConfig:
    """A model's folder, the default model's where nothing is said."""
    folder = Path(words).absolute() if words else DEFAULT_MODEL
    config = read_model_folder(folder).model.tower
    if config is None:
        raise CheckpointNotFound(f"The model in {folder} has no image tower of its own: name its encoder.")
    return msgspec.structs.replace(config, weights=str(folder / config.weights))


KIND = EncoderKind(TowerConfig, _from_words, _open)
