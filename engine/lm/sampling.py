"""Guidance and top-k sampling, in fp32, each row by its own uniform number."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.protocol import Sampling

LEAST_TEMPERATURE = 1e-5


def guide(with_conditions: Tensor, without: Tensor, cfg_scale: float) -> Tensor:
    """Classifier-free guidance (arXiv 2207.12598): l_null + g (l_all - l_null)."""
    return without + cfg_scale * (with_conditions - without)


def sample_top_k(logits: Tensor, sampling: Sampling, uniforms: Tensor) -> Tensor:
    """Logits [..., V] -> codes [...], each drawn among the k most likely by a number of uniforms [...] in [0, 1)."""
    scaled = logits.float() / max(sampling.temperature, LEAST_TEMPERATURE)
    values, indices = scaled.topk(min(sampling.top_k, scaled.shape[-1]), dim=-1)
    cumulative = values.softmax(dim=-1).cumsum(dim=-1)
    place = torch.searchsorted(cumulative, uniforms[..., None] * cumulative[..., -1:], right=True)
    return indices.gather(-1, place.clamp(max=values.shape[-1] - 1))[..., 0]
