"""The one interface of all visual encoders, and the registry of those that a model can name."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from torch import Tensor

FEATURES_PER_S = 1
"""Visual feature i is the picture at window start + i seconds."""


class EncoderInfo(Struct, frozen=True):
    """What a model needs to know of its eyes. `image_size` is the square they look through, in pixels."""

    name: str
    width: int
    image_size: int
    features_per_s: int
    weights_licence: str


class VisualEncoder(Protocol):
    """Frozen: looks at pictures, never learns."""

    def describe(self) -> EncoderInfo: ...

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, image_size, image_size, 3] -> features [N, width], float32."""
        ...
