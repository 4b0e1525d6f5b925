"""The step in PyTorch's operators: the reference on any device, and what serves where Triton does not.

All shapes are static: attention goes over the whole cache of all places, and what a row does not see is masked.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.lm.decoding.places import Places
from engine.lm.model import Block, LanguageModel
from engine.lm.windows import ROWS_PER_UNIT


class PlainStep:
    """See `engine.lm.decoding.places.Step`."""

    def __init__(self, lm: LanguageModel, places: Places) -> None:
        self._lm, self._places = lm, places
        self._blocks = [block for block in lm.blocks if isinstance(block, Block)]
        device = places.step.device
        self._rows = torch.arange(places.rows, device=device)
        self._ranks = torch.arange(places.most, device=device)
        self._seen = torch.zeros(
            places.rows, places.num_steps, places.capacity, dtype=torch.bool, device=device
        )
        # A softmax over nothing is no number.
        self._seen[:, :, 0] = True

    def admit(self, place: int, mask: Tensor, num_features: int) -> None:
        rows, total = self._places.rows_of(place), len(mask)
        self._seen[rows] = False
        self._seen[rows, : total - num_features, :total] = mask[num_features:].to(self._seen.device)

    def __call__(self) -> None:
        self._draw()
        lm, places = self._lm, self._places
        at = torch.minimum(places.step, places.end - 1).clamp(min=0)
        before = places.delayed[self._rows[: len(at)], :, (at - 1).clamp(min=0)]
        step = at.repeat_interleave(ROWS_PER_UNIT)
        embedded = lm.embed_codes(before[:, :, None])[:, 0].float().repeat_interleave(ROWS_PER_UNIT, dim=0)
        position = places.features.repeat_interleave(ROWS_PER_UNIT) + step
        x = embedded + places.biases[self._rows, step] + places.sinusoids[position]
        x = x[:, None].to(places.dtype)
        mask = self._seen[self._rows, step][:, None, None]
        for layer, block in enumerate(self._blocks):
            query, key, value = heads(block, block.qkv(block.attention_norm(x)))
            keys, values = places.cache[layer, 0], places.cache[layer, 1]
            keys[self._rows, :, position] = key[:, :, 0]
            values[self._rows, :, position] = value[:, :, 0]
            x = rest(block, x, F.scaled_dot_product_attention(query, keys, values, attn_mask=mask))
        places.logits.copy_(lm.logits(lm.norm(x))[:, :, 0])

    def _draw(self) -> None:
        """As `engine.lm.sampling`, all places at once, where the step is a free cell."""
        places = self._places
        pairs = places.logits.reshape(-1, ROWS_PER_UNIT, *places.logits.shape[1:])
        guided = pairs[:, 1] + places.scale * (pairs[:, 0] - pairs[:, 1])
        values, indices = (guided / places.temperature).topk(places.most, dim=-1)
        values = values.masked_fill(self._ranks >= places.top_k, -torch.inf)
        cumulative = values.softmax(dim=-1).cumsum(dim=-1)
        each = self._rows[: len(places.step)]
        at = torch.minimum(places.step, places.end)
        target = places.uniforms[each, at][..., None] * cumulative[..., -1:]
        rank = torch.searchsorted(cumulative, target, right=True)
        rank = torch.minimum(rank, places.top_k - 1)
        drawn = indices.gather(-1, rank)[..., 0]
        kept = places.delayed[each, :, at]
        places.delayed[each, :, at] = torch.where(places.free[each, :, at], drawn, kept)
        places.step.copy_(torch.minimum(places.step + 1, places.end))


def heads(block: Block, qkv: Tensor) -> list[Tensor]:
    """[R, n, 3 D] -> three of [R, H, n, D / H]."""
    shape = (*qkv.shape[:2], block.num_heads, -1)
    return [part.reshape(shape).transpose(1, 2) for part in qkv.chunk(3, dim=-1)]


def rest(block: Block, x: Tensor, seen: Tensor) -> Tensor:
    """A block from what attention gave [R, H, n, D / H] onwards."""
    x = x + block.out(seen.transpose(1, 2).flatten(-2))
    grown: Tensor = x + block.down(F.gelu(block.up(block.ffn_norm(x))))
    return grown
