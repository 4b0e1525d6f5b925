"""Guidance and top-k sampling, in fp32, each row from its own generator."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.protocol import Sampling


def guide(with_conditions: Tensor, without: Tensor, cfg_scale: float) -> Tensor:
    """Classifier-free guidance (arXiv 2207.12598): l_null + g (l_all - l_null)."""
    return without + cfg_scale * (with_conditions - without)


def sample_top_k(logits: Tensor, sampling: Sampling, generator: torch.Generator) -> Tensor:
    """One code a row: logits [R, V] -> codes [R], drawn among the k most likely."""
    scaled = logits.float() / max(sampling.temperature, 1e-5)
    values, indices = scaled.topk(min(sampling.top_k, scaled.shape[-1]), dim=-1)
    cumulative = values.softmax(dim=-1).cumsum(dim=-1)
    drawn = torch.rand(len(logits), 1, generator=generator) * cumulative[:, -1:]
    place = torch.searchsorted(cumulative, drawn, right=True).clamp(max=values.shape[-1] - 1)
    return indices.gather(1, place)[:, 0]
