"""Mel filters."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def mel_bank(sample_rate: int, n_fft: int, n_mels: int, *, lowest_hz: float = 40.0) -> Tensor:
    """Triangular mel filters [n_mels, n_fft // 2 + 1], each of unit sum (O'Shaughnessy's mel scale)."""
    top = _mel(sample_rate / 2)
    corners = torch.linspace(_mel(lowest_hz), top, n_mels + 2, dtype=torch.float64)
    corners_hz = 700 * (10 ** (corners / 2595) - 1)
    bins_hz = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    rising = (bins_hz - corners_hz[:-2, None]) / (corners_hz[1:-1] - corners_hz[:-2])[:, None]
    falling = (corners_hz[2:, None] - bins_hz) / (corners_hz[2:] - corners_hz[1:-1])[:, None]
    bank = torch.minimum(rising, falling).clamp(min=0)
    return (bank / bank.sum(dim=1, keepdim=True).clamp(min=1e-6)).float()


def _mel(frequency_hz: float) -> float:
    return 2595 * math.log10(1 + frequency_hz / 700)
