"""ImageBind's Transformer (arXiv 2305.05665), one class for all its towers, with the public checkpoint's names.

The towers differ in width, depth and heads; the image tower norms its tokens first, and the audio tower lets
every token attend to one learned key and value more.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import CheckpointCorrupt, CheckpointNotFound

EPS = 1e-6
LICENCE = "CC-BY-NC-SA-4.0"


class Attention(nn.Module):
    """Multi-head self-attention, its parameters named as `torch.nn.MultiheadAttention` names them."""

    def __init__(self, width: int, num_heads: int, *, has_extra_key: bool) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        self.bias_k = nn.Parameter(torch.zeros(1, 1, width)) if has_extra_key else None
        self.bias_v = nn.Parameter(torch.zeros(1, 1, width)) if has_extra_key else None
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, width] -> [B, T, width]."""
        query, key, value = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        if self.bias_k is not None and self.bias_v is not None:
            key = torch.cat([key, self.bias_k.to(key).expand(len(x), -1, -1)], dim=1)
            value = torch.cat([value, self.bias_v.to(value).expand(len(x), -1, -1)], dim=1)
        query, key, value = (
            part.reshape(*part.shape[:2], self.num_heads, -1).transpose(1, 2) for part in (query, key, value)
        )
        seen = F.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.out_proj(seen.transpose(1, 2).flatten(-2))
        return out


class Mlp(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, inner)
        self.fc2 = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


class Block(nn.Module):
    def __init__(self, width: int, num_heads: int, inner: int, *, has_extra_key: bool) -> None:
        super().__init__()
        self.attn = Attention(width, num_heads, has_extra_key=has_extra_key)
        self.norm_1 = nn.LayerNorm(width, eps=EPS)
        self.mlp = Mlp(width, inner)
        self.norm_2 = nn.LayerNorm(width, eps=EPS)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm_1(x))
        out: Tensor = x + self.mlp(self.norm_2(x))
        return out


class Trunk(nn.Module):
    """Pre-norm blocks over tokens [B, T, width]."""

    def __init__(
        self, width: int, depth: int, num_heads: int, inner: int, *, norms_first: bool, has_extra_key: bool
    ) -> None:
        super().__init__()
        self.pre_transformer_layer = nn.Sequential(
            nn.LayerNorm(width, eps=EPS) if norms_first else nn.Identity()
        )
        self.blocks = nn.Sequential(
            *(Block(width, num_heads, inner, has_extra_key=has_extra_key) for _ in range(depth))
        )

    def forward(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.blocks(self.pre_transformer_layer(tokens))
        return out


def trunk_of_shapes(tensors: dict[str, Tensor], modality: str, *, head_dim: int) -> Trunk:
    """A trunk of the size that a tower's tensors have, empty; `head_dim` is what no shape tells.

    Raises:
        CheckpointCorrupt: there is no such tower in them.
    """
    prefix = f"modality_trunks.{modality}."
    blocks = {name[len(prefix) :].split(".")[1] for name in tensors if name.startswith(prefix + "blocks.")}
    first = tensors.get(prefix + "blocks.0.mlp.fc1.weight")
    if first is None or first.dim() != 2:
        raise CheckpointCorrupt(
            f"There is no {modality} tower of ImageBind in these weights: give the public checkpoint."
        )
    inner, width = first.shape
    if width % head_dim:
        raise CheckpointCorrupt(
            f"ImageBind's {modality} tower has heads of {head_dim}, which a width of {width} is no multiple of."
        )
    return Trunk(
        width,
        len(blocks),
        width // head_dim,
        inner,
        norms_first=prefix + "pre_transformer_layer.0.weight" in tensors,
        has_extra_key=prefix + "blocks.0.attn.bias_k" in tensors,
    )


def read_tower(path: Path, modality: str) -> dict[str, Tensor]:
    """The tensors of one tower, float32, out of the public checkpoint of all six or a safetensors file.

    The checkpoint is mapped, not read: the other towers' gigabytes stay on the disk.

    Raises:
        CheckpointNotFound: there is no such file.
        CheckpointCorrupt: it is no checkpoint.
    """
    if not path.is_file():
        raise CheckpointNotFound(
            f"There are no ImageBind weights in {path}: give the path of imagebind_huge.pth."
        )
    prefixes = tuple(f"modality_{part}.{modality}." for part in ("preprocessors", "trunks", "heads"))
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                names = [name for name in file.keys() if name.startswith(prefixes)]  # noqa: SIM118
                return {name: file.get_tensor(name).float() for name in names}
        mapped = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return {name: tensor.float().clone() for name, tensor in mapped.items() if name.startswith(prefixes)}
    except Exception as error:  # whatever pickle and safetensors raise
        raise CheckpointCorrupt(
            f"The ImageBind weights {path} cannot be read: download the checkpoint again."
        ) from error
