"""Types of weights, and how a matrix is made one of bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor

from engine.errors import RequestError

WeightType = Literal["float32", "bfloat16", "int8"]
WEIGHT_TYPES: tuple[WeightType, ...] = get_args(WeightType)
DEFAULT_DTYPE: WeightType = "int8"
"""Of the own kernels, where nobody says: three times as fast as float32, and hits fall as well."""

ReadTensor = Callable[[str], Tensor]
"""A tensor of the model by its name in `LanguageModel.state_dict()`."""


def weight_type(name: str) -> WeightType:
    """
    Raises:
        RequestError: there is no such type.
    """
    for known in WEIGHT_TYPES:
        if name == known:
            return known
    raise RequestError(f"There are no weights of type {name}: choose {', '.join(WEIGHT_TYPES)}.")


def computes_in_bfloat16(weights: WeightType | None) -> bool:
    """Whether codec and visual encoder do so on this processor beside a language model with weights of this type.

    A processor that multiplies bfloat16 takes half the time for them, any other takes longer. A take in float32, or
    of no type, as in a measurement, is float32 all through.
    """
    return weights not in (None, "float32") and multiplies_bfloat16()


def multiplies_bfloat16() -> bool:
    """Whether this processor does; where not, PyTorch's operators widen it first."""
    return torch.cpu._is_avx512_bf16_supported()


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """[N, K] -> int8 [N, K], symmetric in each output, and the size of a unit [N]."""
    unit = matrix.abs().amax(dim=1).clamp(min=1e-12) / 127
    return (matrix / unit[:, None]).round().to(torch.int8), unit
