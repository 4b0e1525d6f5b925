"""What a take goes on from: a cast sound, read as if it had come just before the picture.

    cast      |=== 2 s of Anna's boots ===|
    take                                  |--- picture, handles included ---|
    hits       |      |      |      |         |         |
    features   0      0                   0      1      2     the first picture is held

The language model has learned to go on mid-sound as it began, so what it draws is made by the same shoes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import ModelConfig
from engine.errors import RequestError
from engine.lm.known_codes import codes_of
from engine.protocol import Cast, Hit


def opening_codes(cast: Cast, config: ModelConfig, codec_sha256: str) -> Tensor:
    """The cast's codes [K, N], N whole seconds of frames.

    Raises:
        RequestError: they are of another codec, damaged, or no whole seconds that a window can begin with.
    """
    codec, damaged = config.codec, "This cast sound is damaged: save it anew from its take."
    foreign = (
        "This cast sound was made by another model, whose tokens mean nothing to this one: save the cast anew from "
        "a take of this model."
    )
    codes = codes_of(cast.tokens, codec, codec_sha256, foreign=foreign, damaged=damaged)
    count = codes.shape[-1]
    if not 0 < count <= config.windows.prime_frames or count % codec.frame_rate:
        longest_s = config.windows.prime_frames // codec.frame_rate
        raise RequestError(
            f"A cast sound is of whole seconds, up to {longest_s}: save it anew from its take."
        )
    return codes


def hits_after(cast: Cast, hits: Sequence[Hit], opening_s: float) -> list[Hit]:
    """The cast's hits and then the take's, counted from the cast's start."""
    own = [hit for hit in cast.hits if 0 <= hit.time_s < opening_s]
    return own + [Hit(hit.time_s + opening_s, hit.strength) for hit in hits if hit.time_s >= 0]


def curve_after(curve: NDArray[np.float32], opening_frames: int) -> NDArray[np.float32]:
    """The cast's own intensity is not kept: the take's mean stands for it. Empty where unknown."""
    if not curve.size:
        return curve
    return np.concatenate([np.full(opening_frames, curve.mean(), np.float32), curve])


def features_after(features: Tensor, opening_s: int) -> Tensor:
    """Features [N, D] of the picture, its first one held over the cast's seconds."""
    return torch.cat([features[:1].expand(opening_s, -1), features])
