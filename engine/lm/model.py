"""The Transformer: prefix of visual features, then audio steps; pre-norm, GELU, sinusoidal positions.

Shapes: B rows, K codebooks, S steps, N visual features, D width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import CodecConfig, LMConfig
from engine.lm.attention import feature_of_step, visual_mask
from engine.lm.sync import SyncEncoder

DEVIATION = 0.02
"""Of weights at the start."""
FEW_ROWS = 4
"""Up to so many rows a linear layer is applied the other way round."""


@dataclass(frozen=True)
class Conditions:
    """What the sound should follow. Each row may lack any of them: a learned null stands in.

    visual [B, N, visual_dim] with visual_known [B]; labels [B] (`null_label` where unknown);
    sync [B, C, T + 2 * radius] with sync_known [B]; prompts [B, prompt_dim] with prompts_known [B].
    """

    visual: Tensor
    visual_known: Tensor
    labels: Tensor | None = None
    sync: Tensor | None = None
    sync_known: Tensor | None = None
    prompts: Tensor | None = None
    prompts_known: Tensor | None = None


class KVCache:
    """Keys and values [L, 2, B, H, N + S, D / H] of all layers, filled from the left."""

    def __init__(self, config: LMConfig, rows: int, capacity: int, dtype: torch.dtype) -> None:
        head_dim = config.dim // config.num_heads
        self.store = torch.zeros(
            config.num_layers, 2, rows, config.num_heads, capacity, head_dim, dtype=dtype
        )
        self.length = 0

    def extend(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Put [B, H, n, D / H] behind what is there and return all of it; `length` moves after the last layer."""
        end = self.length + key.shape[2]
        self.store[layer, 0, :, :, self.length : end] = key
        self.store[layer, 1, :, :, self.length : end] = value
        return self.store[layer, 0, :, :, :end], self.store[layer, 1, :, :, :end]


class Block(nn.Module):
    def __init__(self, config: LMConfig, layer: int) -> None:
        super().__init__()
        self.layer, self.num_heads = layer, config.num_heads
        self.attention_norm = nn.LayerNorm(config.dim)
        self.qkv = nn.Linear(config.dim, 3 * config.dim, bias=False)
        self.out = nn.Linear(config.dim, config.dim, bias=False)
        self.ffn_norm = nn.LayerNorm(config.dim)
        self.up = nn.Linear(config.dim, config.ffn_mult * config.dim, bias=False)
        self.down = nn.Linear(config.ffn_mult * config.dim, config.dim, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None, cache: KVCache | None) -> Tensor:
        """Without a mask: causal where there is no cache, everything that is cached where there is one."""
        query, key, value = (
            part.reshape(*x.shape[:2], self.num_heads, -1).transpose(1, 2)
            for part in apply_linear(self.qkv, self.attention_norm(x)).chunk(3, dim=-1)
        )
        if cache is not None:
            key, value = cache.extend(self.layer, key, value)
        is_causal = mask is None and cache is None
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=is_causal)
        x = x + apply_linear(self.out, seen.transpose(1, 2).flatten(-2))
        return x + apply_linear(self.down, F.gelu(apply_linear(self.up, self.ffn_norm(x))))


class LanguageModel(nn.Module):
    """FoleyGen's decoder-only Transformer, with a sound label and a sync track added to every step."""

    def __init__(self, config: LMConfig, codec: CodecConfig) -> None:
        super().__init__()
        self.config, self.frame_rate = config, codec.frame_rate
        dim = config.dim
        self.embed = nn.Embedding(config.num_codebooks * (config.codebook_size + 1), dim)
        self.visual = nn.Linear(config.visual_dim, dim)
        self.visual_null = nn.Parameter(torch.zeros(dim))
        self.label = nn.Embedding(len(config.labels) + 1, dim) if config.labels else None
        self.prompt = nn.Linear(config.prompt_dim, dim) if config.prompt_dim else None
        self.prompt_null = nn.Parameter(torch.zeros(dim)) if config.prompt_dim else None
        self.sync = SyncEncoder(config.sync, dim) if config.sync else None
        self.sync_null = nn.Parameter(torch.zeros(dim)) if config.sync else None
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.num_layers))
        self.norm = nn.LayerNorm(dim)
        self.heads = nn.Linear(dim, config.num_codebooks * config.codebook_size, bias=False)
        self._start()

    @property
    def null_label(self) -> int:
        return len(self.config.labels)

    @property
    def sync_radius(self) -> int:
        return self.config.sync.kernel_radius_frames if self.config.sync else 0

    def forward(self, delayed_codes: Tensor, conditions: Conditions) -> Tensor:
        """Teacher-forced logits [B, K, S, V] of delayed codes [B, K, S] (pad id where there is no cell)."""
        steps = delayed_codes.shape[-1]
        prefix, biases = self.encode_conditions(conditions, steps)
        shifted = F.pad(delayed_codes, (1, 0), value=self.config.pad_id)[..., :-1]
        x = torch.cat([prefix, self.embed_codes(shifted) + biases], dim=1)
        # All-frame attention is causal over prefix and audio as one: without a mask, flash attention can serve it.
        is_plain = self.config.visual_attention == "all-frame"
        mask = None if is_plain else self.mask(prefix.shape[1], steps).to(x.device)
        return self.logits(self.transform(x, 0, mask, None)[:, prefix.shape[1] :])

    def encode_conditions(self, conditions: Conditions, num_steps: int) -> tuple[Tensor, Tensor]:
        """-> prefix [B, N, D] and what is added to each step [B, S, D]."""
        visual = self.visual(conditions.visual)
        prefix = torch.where(conditions.visual_known[:, None, None], visual, self.visual_null.to(visual))
        biases = visual.new_zeros(visual.shape[0], num_steps, self.config.dim)
        if self.label is not None:
            assert conditions.labels is not None
            biases = biases + self.label(conditions.labels)[:, None].to(biases)
        if self.prompt is not None and self.prompt_null is not None:
            assert conditions.prompts is not None and conditions.prompts_known is not None
            asked = self.prompt(conditions.prompts)
            asked = torch.where(conditions.prompts_known[:, None], asked, self.prompt_null.to(asked))
            biases = biases + asked[:, None].to(biases)
        if self.sync is not None:
            assert (
                conditions.sync is not None
                and conditions.sync_known is not None
                and self.sync_null is not None
            )
            track = self.sync(conditions.sync)
            # The delay's tail steps belong to the last frame.
            track = torch.cat([track, track[:, -1:].expand(-1, num_steps - track.shape[1], -1)], dim=1)
            biases = biases + torch.where(
                conditions.sync_known[:, None, None], track, self.sync_null.to(track)
            )
        return prefix, biases

    def embed_codes(self, codes: Tensor) -> Tensor:
        """codes [B, K, S], pad ids included -> [B, S, D], summed over codebooks. The table may be a narrow one."""
        first_row = torch.arange(self.config.num_codebooks, device=codes.device) * (
            self.config.codebook_size + 1
        )
        embedded = self.embed(codes + first_row[:, None]).to(self.visual.weight.dtype)
        summed: Tensor = embedded.sum(dim=1)
        return summed

    def mask(self, num_features: int, num_steps: int) -> Tensor:
        num_frames = num_steps - self.config.num_codebooks + 1
        feature_at = feature_of_step(num_steps, num_frames, self.frame_rate)
        return visual_mask(self.config.visual_attention, num_features, feature_at)

    def transform(self, x: Tensor, position: int, mask: Tensor | None, cache: KVCache | None) -> Tensor:
        """Rows [B, n, D] at `position` onwards through all blocks; a cache, if given, moves on by n."""
        x = x + sinusoid(position, x.shape[1], self.config.dim).to(x)
        for block in self.blocks:
            x = block(x, mask, cache)
        if cache is not None:
            cache.length += x.shape[1]
        normed: Tensor = self.norm(x)
        return normed

    def logits(self, x: Tensor) -> Tensor:
        """[B, S, D] -> [B, K, S, V]."""
        rows, steps = x.shape[:2]
        out = apply_linear(self.heads, x).reshape(rows, steps, self.config.num_codebooks, -1)
        return out.transpose(1, 2)

    def _start(self) -> None:
        # Positions have a mean square of 1/2. Tokens and label start with as much: under weaker ones a short training
        # hardly learns to repeat a token.
        told = math.sqrt(0.5 / self.config.num_codebooks)
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2 or name.startswith("sync."):
                continue
            if name in ("embed.weight", "label.weight"):
                deviation = told
            elif name.endswith(("out.weight", "down.weight")):
                deviation = DEVIATION / math.sqrt(2 * self.config.num_layers)
            else:
                deviation = DEVIATION
            nn.init.normal_(parameter, std=deviation)


def apply_linear(layer: nn.Linear, x: Tensor) -> Tensor:
    """A linear layer without bias on x [B, S, in] -> [B, S, out].

    With the few rows of a decoding step, W x^T is two to five times as fast on a CPU as x W^T.
    """
    rows = x.shape[0] * x.shape[1]
    if rows > FEW_ROWS:
        applied: Tensor = layer(x)
        return applied
    return (layer.weight @ x.reshape(rows, -1).t()).t().reshape(*x.shape[:-1], -1)


def sinusoid(position: int, length: int, dim: int) -> Tensor:
    """Sinusoidal positions [length, dim] of `position` onwards (arXiv 1706.03762)."""
    place = torch.arange(position, position + length, dtype=torch.float64)[:, None]
    angle = place / 10000 ** (torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    return torch.cat([angle.sin(), angle.cos()], dim=1)
