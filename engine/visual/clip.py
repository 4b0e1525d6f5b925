"""CLIP through open_clip: any tag that is already on this machine, or a local checkpoint. Never downloads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import CheckpointNotFound
from engine.visual.encoder import FEATURES_PER_S, EncoderInfo


class ClipEncoder:
    """The image side of an open_clip model, with the model's own mean and deviation."""

    def __init__(
        self, architecture: str, checkpoint: Path, *, weights_licence: str = "see the checkpoint"
    ) -> None:
        """
        Args:
            architecture: open_clip's name, such as `ViT-B-32`.
            checkpoint: a local safetensors or OpenCLIP file.

        Raises:
            CheckpointNotFound: no such file.
        """
        if not checkpoint.is_file():
            raise CheckpointNotFound(
                f"The CLIP checkpoint {checkpoint} does not exist: download the weights for {architecture} "
                "and give the file's path."
            )
        model = open_clip.create_model(architecture, pretrained=str(checkpoint), require_pretrained=True)
        self._visual = model.visual.eval().requires_grad_(False)
        size = model.visual.image_size
        self._info = EncoderInfo(
            name=f"clip/{architecture}",
            width=int(model.visual.output_dim),
            image_size=int(size[0] if isinstance(size, tuple) else size),
            features_per_s=FEATURES_PER_S,
            weights_licence=weights_licence,
        )
        config = model.visual.preprocess_cfg
        self._mean = torch.tensor(config["mean"]).view(1, 3, 1, 1)
        self._deviation = torch.tensor(config["std"]).view(1, 3, 1, 1)

    def describe(self) -> EncoderInfo:
        return self._info

    @torch.inference_mode()
    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, image_size, image_size, 3] -> features [N, width], of unit length."""
        pixels = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255.0
        features: Tensor = self._visual((pixels - self._mean) / self._deviation)
        return torch.nn.functional.normalize(features.float(), dim=-1)
