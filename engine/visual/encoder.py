"""The one interface of all visual encoders: pictures in, one vector a second out, and what each says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.media.array_cache import ArrayCache
from engine.media.scaling import Fit

FEATURES_PER_S = 1
"""Visual feature i is the picture at window start + i seconds."""


class EncoderInfo(Struct, frozen=True):
    """What a model needs to know of its eyes.

    `image_size` is the square that they are shown, in pixels; `fit` how a picture is brought to it. A feature is
    made of `frames_per_feature` pictures, spread over its second. `weights_licence` is the usual weights': a file
    of one's own may have another. `weights_sha256` is of the tensors in use, so equal hashes mean equal features.
    """

    name: str
    width: int
    image_size: int
    features_per_s: int
    weights_licence: str
    frames_per_feature: int = 1
    fit: Fit = "stretch"
    weights_sha256: str = ""
    precision: Literal["float32", "bfloat16"] = "float32"

    def picture_times(self, duration_s: Fraction | float) -> NDArray[np.float64]:
        """When the pictures [N, F] of the features of so many seconds are seen, in seconds from the start."""
        features = np.arange(math.ceil(duration_s * self.features_per_s))[:, None]
        within = np.arange(self.frames_per_feature) / self.frames_per_feature
        return np.asarray((features + within) / self.features_per_s, np.float64)


@dataclass(frozen=True)
class Runtime:
    """Where and how finely an encoder computes. `batch` features at a time."""

    device: str = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    batch: int = 16


class TextReader(Protocol):
    """The text side of an encoder that was trained on pictures and words together."""

    @property
    def text_width(self) -> int: ...

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """Texts -> [len(texts), text_width], float32, on the CPU, of unit length, in the pictures' own space."""
        ...


class LabelGuesser(Protocol):
    """Ranks labels by what a clip's features show."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def label_probabilities(self, features: Tensor) -> Tensor:
        """Features [N, width] of one clip -> probabilities [len(labels)]."""
        ...


class VisualEncoder(Protocol):
    """Frozen: looks at pictures, never learns. Most kinds neither read nor guess."""

    def describe(self) -> EncoderInfo: ...

    def reader(self) -> TextReader | None:
        """Its text side, where it has one and its tokenizer is on this machine."""
        return None

    def guesser(self, labels: tuple[str, ...], cache: ArrayCache | None) -> LabelGuesser | None:
        """Something that ranks these labels, or the labels that it was trained to name."""
        return None

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, frames_per_feature, image_size, image_size, 3] -> features [N, width], float32, on the CPU."""
        ...


Config = TypeVar("Config")


@dataclass(frozen=True)
class EncoderKind(Generic[Config]):
    """One kind of encoder, as the registry knows it.

    Attributes:
        config: the type of its config.
        from_words: what follows its name on a command line, to a config.
        open: a config, and the folder that its paths count from, to the encoder.
    """

    config: type[Config]
    from_words: Callable[[str], Config]
    open: Callable[[Config, Path, Runtime], VisualEncoder]


def label_words(label: str) -> str:
    """A label as a person would say it: "footstep_grass" is "footstep grass"."""
    return " ".join(label.replace("_", " ").split())


def narrowed(network: nn.Module, runtime: Runtime) -> nn.Module:
    """The network, its matrices kept in the type that `in_batches` multiplies in: else a CPU narrows them each time."""
    if runtime.precision == "bfloat16" and runtime.device == "cpu":
        for part in network.modules():
            if isinstance(part, nn.Linear | nn.Conv2d | nn.MultiheadAttention):
                for tensor in part.parameters(recurse=False):
                    tensor.data = tensor.data.bfloat16()
    return network


@torch.inference_mode()
def in_batches(frames: NDArray[np.uint8], network: Callable[[Tensor], Tensor], runtime: Runtime) -> Tensor:
    """Frames uint8 [N, F, H, W, 3] through a network [n, F, 3, H, W] in 0..1 -> [n, D], a few at a time."""
    made = []
    for start in range(0, len(frames), runtime.batch):
        some = torch.from_numpy(np.ascontiguousarray(frames[start : start + runtime.batch]))
        pixels = some.to(runtime.device).permute(0, 1, 4, 2, 3).float() / 255.0
        with torch.autocast(
            torch.device(runtime.device).type, torch.bfloat16, enabled=runtime.precision == "bfloat16"
        ):
            made.append(network(pixels).float().cpu())
    return torch.cat(made)
