"""The step on Triton's kernels: an idle place costs next to nothing, and a row reads only what it sees.

`engine.lm.decoding.fused.kernels` tells how. Everything is launched from here without a look at the device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.config import LMConfig
from engine.lm.attention import FEATURES_PER_S
from engine.lm.decoding.fused.drawing import draw_kernel, embed_kernel
from engine.lm.decoding.fused.kernels import attention_kernel, normed_linear_kernel, residual_kernel
from engine.lm.decoding.places import Places
from engine.lm.model import Block, LanguageModel


@dataclass(frozen=True)
class Tiles:
    """How the work is cut. The bytes of a take depend on it: one choice for all machines and loads."""

    rows: int = 16
    """Rows that a program computes at once; a block of them that is idle is passed over."""
    outputs: int = 16
    """Of a matrix, for each program."""
    splits: int = 8
    """Warps of a program, each of which adds up a stretch of the inputs."""
    positions: int = 128
    """Of attention, at once."""
    attention_warps: int = 8
    draw_warps: int = 4
    embed_warps: int = 4

    def stretch(self, inputs: int) -> dict[str, int]:
        """Kernel arguments: so many inputs as splits of pieces; a matrix unit takes 16 at once."""
        splits = min(self.splits, inputs // 16)
        return {"SPLIT": splits, "PIECE": inputs // splits}


@dataclass(frozen=True)
class _Normed:
    """A matrix with the norm before it drawn in: W diag(gamma), its sums over the inputs, W beta."""

    weight: Tensor
    sums: Tensor
    shifts: Tensor

    @classmethod
    def of(cls, norm: nn.LayerNorm, linear: nn.Linear) -> _Normed:
        wide = linear.weight.float()
        weight = (wide * norm.weight.float()).to(linear.weight.dtype)
        return cls(weight.contiguous(), weight.float().sum(dim=1), wide @ norm.bias.float())


class FusedStep:
    """See `engine.lm.decoding.places.Step`.

    Args:
        overlap: each kernel fetches its weights while the one before it runs; on Hopper and later.
    """

    def __init__(
        self, lm: LanguageModel, places: Places, *, overlap: bool = False, tiles: Tiles | None = None
    ) -> None:
        self._lm, self._places, self._overlap = lm, places, overlap
        self._tiles = tiles = tiles or Tiles()
        self._blocks = [block for block in lm.blocks if isinstance(block, Block)]
        self._qkv = [_Normed.of(block.attention_norm, block.qkv) for block in self._blocks]
        self._up = [_Normed.of(block.ffn_norm, block.up) for block in self._blocks]
        self._heads = _Normed.of(lm.norm, lm.heads)
        dim, rows, device = lm.config.dim, places.rows, places.step.device
        stats_tiles = dim // tiles.outputs

        def empty(*size: int, dtype: torch.dtype) -> Tensor:
            return torch.zeros(*size, dtype=dtype, device=device)

        self._bounds = empty(3, rows, dtype=torch.int32)
        self._positions = torch.full((rows,), -1, dtype=torch.int32, device=device)
        self._hidden = empty(rows, dim, dtype=torch.float32)
        self._narrow, self._query, self._seen = (empty(rows, dim, dtype=places.dtype) for _ in range(3))
        self._stats = empty(2, rows, stats_tiles, dtype=torch.float32)
        self._grown = empty(rows, lm.config.ffn_mult * dim, dtype=places.dtype)
        self._partial = empty(lm.config.ffn_mult, rows, dim, dtype=torch.float32)
        self._arrived = empty(stats_tiles, dtype=torch.int32)
        block_rows = tiles.rows if rows % tiles.rows == 0 else rows
        self._shape: dict[str, Any] = {"ROWS": rows, "DIM": dim}
        self._cut: dict[str, Any] = {**self._shape, "TILES": stats_tiles, "R": block_rows, "N": tiles.outputs}

    def admit(self, place: int, mask: Tensor, num_features: int) -> None:
        """Nothing: what a row sees follows from its step."""

    def __call__(self) -> None:
        self._draw()
        self._embed()
        for layer, block in enumerate(self._blocks):
            keys, values = self._places.cache[layer]
            # The first block's positions have just been written.
            self._normed_linear(self._qkv[layer], self._query, keys, values, early=layer > 0)
            self._attend(keys, values)
            self._residual(self._seen, block.out, parts=1)
            self._normed_linear(self._up[layer], self._grown, gelu=True)
            self._residual(self._grown, block.down, parts=self._lm.config.ffn_mult)
        self._normed_linear(self._heads, self._places.logits)

    def _how(self, warps: int, *, is_first: bool = False) -> dict[str, Any]:
        """Launch arguments; the first kernel has none before it to overlap with."""
        return {
            "PDL": self._overlap,
            "num_warps": warps,
            "num_stages": 1,
            "launch_pdl": self._overlap and not is_first,
        }

    def _draw(self) -> None:
        places, config = self._places, self._lm.config
        draw_kernel[(len(places.step), config.num_codebooks)](
            places.logits, places.scale, places.temperature, places.top_k, places.uniforms, places.step,
            places.end, places.free, places.delayed, places.num_steps,
            BOOKS=config.num_codebooks, CODES=config.codebook_size,
            BLOCK=1 << (config.codebook_size - 1).bit_length(),
            **self._how(self._tiles.draw_warps, is_first=True),
        )  # fmt: skip

    def _embed(self) -> None:
        places, lm = self._places, self._lm
        config = lm.config
        embed_kernel[(len(places.step),)](
            places.delayed, places.step, places.end, places.features, lm.embed.weight, places.biases,
            places.sinusoids, self._bounds, self._positions, self._hidden, self._narrow, self._stats,
            places.num_steps,
            **self._shape, TILES=self._cut["TILES"], BOOKS=config.num_codebooks, CODES=config.codebook_size,
            FRAMES_PER_FEATURE=lm.frame_rate // FEATURES_PER_S,
            FRAME_WISE=config.visual_attention == "frame-wise",
            ALL_FRAME=config.visual_attention == "all-frame",
            **self._how(self._tiles.embed_warps),
        )  # fmt: skip

    def _normed_linear(
        self,
        normed: _Normed,
        out: Tensor,
        keys: Tensor | None = None,
        values: Tensor | None = None,
        *,
        gelu: bool = False,
        early: bool = True,
    ) -> None:
        """With keys and values [ROWS, H, C, D / H] of the cache: a block's queries, keys and values."""
        config, wide = self._lm.config, len(normed.weight)
        normed_linear_kernel[(wide // self._tiles.outputs,)](
            self._narrow, self._stats, normed.weight, normed.sums, normed.shifts, self._positions, out,
            out if keys is None else keys, out if values is None else values, self._places.capacity,
            self._lm.norm.eps,
            **self._cut, **self._tiles.stretch(config.dim), WIDE=wide, HEAD=config.dim // config.num_heads,
            QKV=keys is not None, GELU=gelu, EARLY=early, **self._how(self._tiles.splits),
        )  # fmt: skip

    def _attend(self, keys: Tensor, values: Tensor) -> None:
        config, places = self._lm.config, self._places
        attention_kernel[(config.num_heads, places.rows)](
            self._query, keys, values, self._bounds, self._positions, self._seen, places.capacity,
            **self._shape, HEAD=config.dim // config.num_heads, BLOCK=self._tiles.positions,
            **self._how(self._tiles.attention_warps),
        )  # fmt: skip

    def _residual(self, x: Tensor, linear: nn.Linear, *, parts: int) -> None:
        inputs = x.shape[1]
        residual_kernel[(self._cut["TILES"], parts)](
            x, linear.weight, self._positions, self._partial, self._arrived, self._hidden, self._narrow,
            self._stats,
            **self._cut, K=inputs, PARTS=parts, **self._tiles.stretch(inputs // parts),
            **self._how(self._tiles.splits),
        )  # fmt: skip


def serves(config: LMConfig, frame_rate: int) -> bool:
    """Whether this model's shapes fit the kernels: whole tiles, powers of two."""
    tiles, head = Tiles(), config.dim // config.num_heads
    are_powers = all(size & (size - 1) == 0 for size in (config.dim, head, config.ffn_mult))
    is_cut = head % tiles.outputs == 0 and config.num_codebooks * config.codebook_size % tiles.outputs == 0
    return are_powers and is_cut and config.dim >= 32 and frame_rate % FEATURES_PER_S == 0
