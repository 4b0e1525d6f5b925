"""Weights as the kernels want them, brought there tensor by tensor, so that no second copy is ever whole."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import LMConfig
from engine.lm.decoding.narrowing import ReadTensor, WeightType, quantised
from engine.lm.decoding.native.buffers import Weights
from engine.lm.decoding.native.machine import instructions
from engine.lm.decoding.native.tiles import GROUP, LANES

Numbers = type[np.generic]

STORED: dict[str, Numbers] = {"float32": np.float32, "bfloat16": np.uint16, "int8": np.uint8}
CACHED: dict[str, Numbers] = {**STORED, "bfloat16": np.uint8}
"""Keys and values, by the type of the weights. Bytes beside bfloat16 too: they move no logit more than its own rounding
does, and a step late in a window reads half as much."""
MULTIPLIED: dict[Numbers, Numbers] = {
    np.float32: np.float32,
    np.uint16: np.uint16 if "bf16" in instructions() else np.float32,
    np.uint8: np.int8 if "vnni" in instructions() else np.int16,
}
"""What meets what is stored (see `tiles`)."""
SUMMED: dict[Numbers, Numbers] = {np.float32: np.float32, np.uint16: np.float32, np.uint8: np.int32}
"""What their products are summed in."""

LINE_BYTES = 64
PACKED_AT_ONCE = GROUP * LANES


def aligned(count: int, dtype: type[np.generic]) -> NDArray[np.generic]:
    """Zeros [count], not touched yet, that begin on a cache line: no 64-byte load crosses two."""
    size = np.dtype(dtype).itemsize
    raw = np.zeros(count * size + LINE_BYTES, np.uint8)
    start = -raw.ctypes.data % LINE_BYTES
    return raw[start : start + count * size].view(dtype)


def in_tiles(matrix: Tensor, dtype: WeightType) -> tuple[Tensor, Tensor]:
    """A group's weights [N, K] -> flat, in blocks (see `tiles`), and the scale of each output [N]."""
    matrix = matrix.float()
    scale = torch.ones(len(matrix))
    if dtype == "int8":
        narrow, scale = quantised(matrix)
        # Stored with 128 added: the processor multiplies unsigned bytes with signed ones.
        words, together = narrow.view(torch.uint8) ^ 128, 4
    elif dtype == "bfloat16":
        words, together = matrix.to(torch.bfloat16).view(torch.uint16), 2
    else:
        words, together = matrix, 1
    outputs, inputs = matrix.shape
    blocks = words.reshape(outputs // LANES, LANES, inputs // together, together)
    return blocks.permute((2, 0, 1, 3) if "wide" in instructions() else (0, 2, 1, 3)).flatten(), scale


def _pack(matrix: Tensor, dtype: WeightType, flat: NDArray[np.generic], scales: NDArray[np.float32]) -> None:
    """A matrix [N, K] in tiles into `flat`, a few outputs at a time: what is between is small."""
    inputs = matrix.shape[1]
    for start in range(0, len(matrix), PACKED_AT_ONCE):
        tiles, scale = in_tiles(matrix[start : start + PACKED_AT_ONCE], dtype)
        flat[start * inputs : start * inputs + len(tiles)] = tiles.numpy()
        scales[start : start + len(scale)] = scale.numpy()


def packed(config: LMConfig, read: ReadTensor, dtype: WeightType) -> Weights:
    """All that the blocks and the heads need."""
    layers, dim, wide = config.num_layers, config.dim, config.ffn_mult * config.dim
    codes = config.num_codebooks * config.codebook_size
    shapes = {"qkv": (3 * dim, dim), "out": (dim, dim), "up": (wide, dim), "down": (dim, wide)}
    flat = {name: aligned(layers * n * k, STORED[dtype]) for name, (n, k) in shapes.items()}
    scales = {name: np.empty((layers, n), np.float32) for name, (n, _) in shapes.items()}
    norms = np.empty((layers, 4, dim), np.float32)
    for layer in range(layers):
        for name, (n, k) in shapes.items():
            matrix = read(f"blocks.{layer}.{name}.weight")
            _pack(matrix, dtype, flat[name][layer * n * k : (layer + 1) * n * k], scales[name][layer])
        for row, norm in enumerate(("attention_norm", "ffn_norm")):
            norms[layer, 2 * row] = read(f"blocks.{layer}.{norm}.weight").float().numpy()
            norms[layer, 2 * row + 1] = read(f"blocks.{layer}.{norm}.bias").float().numpy()
    heads = aligned(codes * dim, STORED[dtype])
    heads_scale = np.empty(codes, np.float32)
    _pack(read("heads.weight"), dtype, heads, heads_scale)
    last = np.stack([read("norm.weight").float().numpy(), read("norm.bias").float().numpy()])
    return Weights(
        **flat, heads=heads, **{f"{name}_scale": scale for name, scale in scales.items()},
        heads_scale=heads_scale, norms=norms, last_norm=last,
    )  # fmt: skip
