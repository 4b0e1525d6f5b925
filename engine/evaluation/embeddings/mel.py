"""Mel filters that all front ends here share: triangles that are straight lines over mel, as HTK has them."""

from __future__ import annotations

import torch
from torch import Tensor


def mel_triangles(
    num_bands: int, n_fft: int, sample_rate: int, lowest_hz: float, highest_hz: float
) -> Tensor:
    """Filters [num_bands, n_fft // 2 + 1], each with a peak of 1, float32.

    VGGish, Kaldi and PaSST agree on this bank but for their ranges: mel = 1127 ln(1 + f / 700), corners evenly
    spaced in mel, slopes straight in mel rather than in Hz. Neither 0 Hz nor half the sample rate counts.
    """
    low, high = _mel(torch.tensor([lowest_hz, highest_hz], dtype=torch.float64))
    corners = low + (high - low) * torch.arange(num_bands + 2, dtype=torch.float64) / (num_bands + 1)
    bins = _mel(torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64))
    rising = (bins - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    falling = (corners[2:, None] - bins) / (corners[2:] - corners[1:-1])[:, None]
    triangles = torch.minimum(rising, falling).clamp(min=0)
    triangles[:, [0, -1]] = 0
    return triangles.float()


def _mel(frequency_hz: Tensor) -> Tensor:
    return 1127 * torch.log1p(frequency_hz / 700)
