"""The delay pattern of MusicGen (arXiv 2306.05284): codebook k is shifted by k steps.

    frames     0  1  2  3            steps      0  1  2  3  4  5  6
    book 0     a0 a1 a2 a3           book 0     a0 a1 a2 a3 .  .  .
    book 1     b0 b1 b2 b3    ->     book 1     .  b0 b1 b2 b3 .  .
    book 2     c0 c1 c2 c3           book 2     .  .  c0 c1 c2 c3 .
    book 3     d0 d1 d2 d3           book 3     .  .  .  d0 d1 d2 d3     (. is the pad id)

Step s predicts codebook k of frame s - k, and belongs to t = s / frame_rate of the window.
"""

from __future__ import annotations

import torch
from torch import Tensor


def delay(codes: Tensor, pad_id: int) -> Tensor:
    """codes [B, K, T] -> delayed_codes [B, K, T + K - 1]."""
    batch, books, frames = codes.shape
    delayed = codes.new_full((batch, books, frames + books - 1), pad_id)
    for k in range(books):
        delayed[:, k, k : k + frames] = codes[:, k]
    return delayed


def undelay(delayed_codes: Tensor) -> Tensor:
    """delayed_codes [B, K, S] -> codes [B, K, S - K + 1]."""
    books, steps = delayed_codes.shape[1:]
    frames = steps - books + 1
    return torch.stack([delayed_codes[:, k, k : k + frames] for k in range(books)], dim=1)


def real_cells(num_codebooks: int, num_frames: int) -> Tensor:
    """Which cells [K, S] of a delayed window hold a code of some frame: the ones that are learned and sampled."""
    step = torch.arange(num_frames + num_codebooks - 1)
    frame = step[None] - torch.arange(num_codebooks)[:, None]
    return (frame >= 0) & (frame < num_frames)
