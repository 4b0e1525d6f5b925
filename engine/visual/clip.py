"""CLIP through open_clip: a local checkpoint, or a tag that is already on this machine. Never downloads."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.visual.encoder import FEATURES_PER_S, EncoderInfo


class ClipEncoder:
    """The image side of an open_clip model, with the model's own mean and deviation."""

    def __init__(self, architecture: str, weights: str, *, weights_licence: str = "see the weights") -> None:
        """
        Args:
            architecture: open_clip's name, such as `ViT-B-32`.
            weights: a local file, or one of open_clip's tags for the architecture.

        Raises:
            CheckpointNotFound: neither a file nor a tag whose weights are here.
            CheckpointCorrupt: a file that is not this architecture's.
        """
        # open_clip would fetch a tag's weights; nothing here may open a connection unasked.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import open_clip

        is_file = Path(weights).is_file()
        if not is_file and weights not in open_clip.list_pretrained_tags_by_model(architecture):
            raise CheckpointNotFound(
                f"The CLIP weights {weights} are neither a file nor one of open_clip's tags for {architecture}: "
                "download them and give the file's path."
            )
        try:
            model = open_clip.create_model(architecture, pretrained=weights, require_pretrained=True)
        except Exception as error:  # open_clip raises whatever its loaders raise
            if is_file:
                raise CheckpointCorrupt(
                    f"The CLIP weights {weights} are no {architecture}: {error}"
                ) from error
            raise CheckpointNotFound(
                f"The weights of CLIP {architecture} ({weights}) are not on this machine: download the checkpoint "
                "and give the file's path."
            ) from error
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
