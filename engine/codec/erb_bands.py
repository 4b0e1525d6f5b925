"""Bands as wide as the ear's, what a bin of a spectrum has of each, and how much each is heard."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


def erb(hz: Tensor) -> Tensor:
    """The scale of equivalent rectangular bandwidths (Glasberg and Moore, 1990)."""
    return 21.4 * torch.log10(1 + 0.00437 * hz)


def band_edges(count: int, low_hz: float, high_hz: float) -> Array:
    low, high = (21.4 * math.log10(1 + 0.00437 * hz) for hz in (low_hz, high_hz))
    edges: Array = (10 ** (np.linspace(low, high, count + 1) / 21.4) - 1) / 0.00437
    return edges


def emphasis_db(edges_hz: Array) -> Array:
    """[bands], 0 at 1 kHz: the band's width, and half of A-weighting (IEC 61672-1), which is meant for faint sounds.

    Without it, a thud's lows, dense in narrow bands, rule over the click by which it is heard to hit.
    """
    width = np.diff(edges_hz)
    square = ((edges_hz[1:] + edges_hz[:-1]) / 2) ** 2
    weighting = (12194.0**2 * square**2) / (
        (square + 20.6**2) * np.sqrt((square + 107.7**2) * (square + 737.9**2)) * (square + 12194.0**2)
    )
    emphasis = 10 * np.log10(width) + 10 * np.log10(weighting)
    reference: Array = emphasis - np.interp(1e6, square, emphasis)
    return reference


def rectangles(edges_hz: Array, n: int, sample_rate: int) -> NDArray[np.float32]:
    """[bins, bands]: which part of a bin lies in a band."""
    bins_hz, half_hz = np.fft.rfftfreq(n, 1 / sample_rate), sample_rate / n / 2
    low, high = edges_hz[:-1], edges_hz[1:]
    common = np.minimum(bins_hz[:, None] + half_hz, high) - np.maximum(bins_hz[:, None] - half_hz, low)
    shares: NDArray[np.float32] = np.clip(common / (2 * half_hz), 0, 1).astype(np.float32)
    return shares
