"""ImageBind's image tower (arXiv 2305.05665): OpenCLIP's ViT-H with a patch embedding over time and a head of its own.

A still is shown to it as a film of two equal pictures, as the authors do.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.checkpoints import load_into, tensors_sha256
from engine.config import ImageBindConfig
from engine.errors import CheckpointCorrupt, UnknownEncoder
from engine.visual.encoder import FEATURES_PER_S, EncoderInfo, EncoderKind, Runtime, VisualEncoder, in_batches
from engine.visual.imagebind_trunk import EPS, LICENCE, read_tower, trunk_of_shapes

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
HEAD_DIM = 80
"""16 heads at the public width of 1280."""

PATCH = "modality_preprocessors.vision.rgbt_stem.proj.1.weight"
POSITIONS = "modality_preprocessors.vision.pos_embedding_helper.pos_embed"
HEAD = "modality_heads.vision.2.weight"


class _Positions(nn.Module):
    def __init__(self, num_tokens: int, width: int) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, num_tokens, width))


class _Stem(nn.Module):
    def __init__(self, width: int, patch: tuple[int, int, int]) -> None:
        super().__init__()
        # Place 0 of the public checkpoint repeats a still; it has no weights.
        self.proj = nn.Sequential(nn.Identity(), nn.Conv3d(3, width, patch, stride=patch, bias=False))


class _Tokens(nn.Module):
    """Pictures [B, 3, F, S, S] -> tokens [B, 1 + patches, width], a learned token first."""

    def __init__(self, width: int, patch: tuple[int, int, int], num_tokens: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.rgbt_stem = _Stem(width, patch)
        self.pos_embedding_helper = _Positions(num_tokens, width)

    def forward(self, pictures: Tensor) -> Tensor:
        patches = self.rgbt_stem.proj(pictures).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.to(patches).expand(len(patches), -1, -1), patches], dim=1)
        return tokens + self.pos_embedding_helper.pos_embed


class ImageTowerOfImageBind(nn.Module):
    """All sizes come from the tensors, so that any file with the public names loads."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        width, _, num_frames, patch_size, _ = tensors[PATCH].shape
        num_tokens = tensors[POSITIONS].shape[1]
        self.num_frames = num_frames
        self.image_size = round((num_tokens - 1) ** 0.5) * patch_size
        self.width = tensors[HEAD].shape[0]
        tokens = _Tokens(width, (num_frames, patch_size, patch_size), num_tokens)
        trunk = trunk_of_shapes(tensors, "vision", head_dim=HEAD_DIM)
        head = nn.Sequential(
            nn.LayerNorm(width, eps=EPS), nn.Identity(), nn.Linear(width, self.width, bias=False)
        )
        self.modality_preprocessors = nn.ModuleDict({"vision": tokens})
        self.modality_trunks = nn.ModuleDict({"vision": trunk})
        self.modality_heads = nn.ModuleDict({"vision": head})

    def forward(self, pictures: Tensor) -> Tensor:
        """Stills [B, 3, S, S], normalised -> embeddings [B, width], of unit length."""
        film = pictures[:, :, None].expand(-1, -1, self.num_frames, -1, -1)
        seen = self.modality_trunks["vision"](self.modality_preprocessors["vision"](film))
        return F.normalize(self.modality_heads["vision"](seen[:, 0]).float(), dim=-1)


class ImageBindEncoder(VisualEncoder):
    def __init__(
        self, config: ImageBindConfig, folder: Path = Path(), runtime: Runtime | None = None
    ) -> None:
        """
        Raises:
            CheckpointNotFound: no such file.
            CheckpointCorrupt: a file without ImageBind's image tower.
        """
        self._runtime = runtime or Runtime()
        path = folder / config.weights
        self._tower = _loaded(path).to(self._runtime.device)
        self._mean = torch.tensor(MEAN, device=self._runtime.device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(DEVIATION, device=self._runtime.device).view(1, 3, 1, 1)
        self._info = EncoderInfo(
            name="imagebind",
            width=self._tower.width,
            image_size=self._tower.image_size,
            features_per_s=FEATURES_PER_S,
            weights_licence=LICENCE,
            fit="crop",
            weights_sha256=tensors_sha256(self._tower.state_dict()),
            precision=self._runtime.precision,
        )

    def describe(self) -> EncoderInfo:
        return self._info

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, 1, image_size, image_size, 3] -> features [N, width], of unit length."""
        return in_batches(frames, self._features, self._runtime)

    def _features(self, pixels: Tensor) -> Tensor:
        features: Tensor = self._tower((pixels[:, 0] - self._mean) / self._deviation)
        return features


def _loaded(path: Path) -> ImageTowerOfImageBind:
    tensors = read_tower(path, "vision")
    if not {PATCH, POSITIONS, HEAD} <= tensors.keys() or tensors[PATCH].dim() != 5:
        raise CheckpointCorrupt(
            f"There is no image tower of ImageBind in {path}: give the public checkpoint, imagebind_huge.pth."
        )
    with torch.device("meta"):
        tower = ImageTowerOfImageBind(tensors)
    tower = tower.to_empty(device="cpu")
    load_into(tower, tensors, what="ImageBind image tower")
    return tower.eval().requires_grad_(False)


def _from_words(words: str) -> ImageBindConfig:
    if not words:
        raise UnknownEncoder("ImageBind needs its weights: say imagebind:FILE, with imagebind_huge.pth.")
    return ImageBindConfig(words)


KIND = EncoderKind(ImageBindConfig, _from_words, ImageBindEncoder)
