"""VideoMAE (arXiv 2203.12602) through transformers: 16 pictures spread over a second, one feature.

Its feature of second i has seen all of second i: under causal or frame-wise attention it looks up to a second
ahead, where the encoders of single pictures look at the second's first moment alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoints import tensors_sha256
from engine.config import VideoMaeConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound, UnknownEncoder
from engine.visual.encoder import FEATURES_PER_S, EncoderInfo, EncoderKind, Runtime, VisualEncoder, in_batches

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LICENCE = "CC-BY-NC-4.0"
FILES = ("config.json", "model.safetensors")


class _Look(Struct, frozen=True):
    """What `preprocessor_config.json` says; the public models' own where it is not there."""

    image_mean: tuple[float, float, float] = IMAGENET_MEAN
    image_std: tuple[float, float, float] = IMAGENET_DEVIATION


class VideoMaeEncoder(VisualEncoder):
    """The mean of the last layer's tokens; a classifier or decoder in the checkpoint is left away."""

    def __init__(self, config: VideoMaeConfig, folder: Path = Path(), runtime: Runtime | None = None) -> None:
        """
        Raises:
            CheckpointNotFound: no such folder, a file of it is missing, or transformers is not installed.
            CheckpointCorrupt: the files are no VideoMAE.
        """
        self._runtime = runtime or Runtime()
        path = folder / config.weights
        self._network = _loaded(path).to(self._runtime.device).eval().requires_grad_(False)
        look = _look(path)
        self._mean = torch.tensor(look.image_mean, device=self._runtime.device).view(1, 1, 3, 1, 1)
        self._deviation = torch.tensor(look.image_std, device=self._runtime.device).view(1, 1, 3, 1, 1)
        shape = self._network.config
        self._info = EncoderInfo(
            name=f"videomae/{path.name}",
            width=int(shape.hidden_size),
            image_size=int(shape.image_size),
            features_per_s=FEATURES_PER_S,
            weights_licence=LICENCE,
            frames_per_feature=int(shape.num_frames),
            fit="crop",
            weights_sha256=tensors_sha256(self._network.state_dict()),
            precision=self._runtime.precision,
        )

    def describe(self) -> EncoderInfo:
        return self._info

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, frames_per_feature, image_size, image_size, 3] -> features [N, width]."""
        return in_batches(frames, self._features, self._runtime)

    def _features(self, pixels: Tensor) -> Tensor:
        seen = self._network(pixel_values=(pixels - self._mean) / self._deviation)
        features: Tensor = seen.last_hidden_state.float().mean(dim=1)
        return features


def _loaded(path: Path) -> Any:
    missing = [name for name in FILES if not (path / name).is_file()]
    if missing:
        raise CheckpointNotFound(
            f"The VideoMAE folder {path} lacks {' and '.join(missing)}: give a folder with both files of the model."
        )
    _, model = transformers_classes()
    try:
        network, report = model.from_pretrained(
            path, local_files_only=True, use_safetensors=True, output_loading_info=True, dtype=torch.float32
        )
    except Exception as error:  # transformers raises whatever its loaders raise
        raise CheckpointCorrupt(
            f"The files in {path} are no VideoMAE ({(str(error).splitlines() or ['?'])[0]}): download them again."
        ) from error
    absent = sorted(report["missing_keys"])
    if absent or report["mismatched_keys"]:
        raise CheckpointCorrupt(
            f"The files in {path} are no VideoMAE: its config asks for weights that are not there "
            f"({', '.join(absent[:3]) or 'of this shape'})."
        )
    return network


def transformers_classes() -> tuple[Any, Any]:
    """VideoMAE's config and model.

    Raises:
        CheckpointNotFound: transformers is not installed.
    """
    try:
        from transformers import VideoMAEConfig, VideoMAEModel
    except ImportError as error:
        raise CheckpointNotFound(
            "VideoMAE needs transformers, which is not installed: run pip install 'foley[videomae]'."
        ) from error
    return VideoMAEConfig, VideoMAEModel


def _look(path: Path) -> _Look:
    beside = path / "preprocessor_config.json"
    if not beside.is_file():
        return _Look()
    try:
        return msgspec.json.decode(beside.read_bytes(), type=_Look)
    except msgspec.MsgspecError as error:
        raise CheckpointCorrupt(f"The file {beside} cannot be read ({error}): download it again.") from error


def _from_words(words: str) -> VideoMaeConfig:
    if not words:
        raise UnknownEncoder("VideoMAE needs the folder of its model: say videomae:FOLDER.")
    return VideoMaeConfig(words)


KIND = EncoderKind(VideoMaeConfig, _from_words, VideoMaeEncoder)
