"""How loud is a seam? Its change of sound beside the changes that the same take has anyway.

Around a seam and around many other moments of the take, the greatest step of energy and the greatest spectral flux are
found; the seam's percentile among the others says whether it stands out. A seam that nobody can hear lies anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.prints.mel import mel_bank

HOP_S, WINDOW_S = 0.0025, 0.01
NUM_BANDS = 20
RANGE_DB = 60.0
"""What lies further under the take's loudest band is not heard."""
LAG_FRAMES = 2
"""A step is a change over 5 ms. Of five resolutions tried, these tell another sound cut in best from a seam."""
REACH_S = 0.05
"""Before and after a seam."""
AWAY_S = 0.15
"""Other moments lie this far from every seam."""
MOMENTS = 400

Wav = NDArray[np.float32]


class SeamPercentiles(NamedTuple):
    """0 to 100, how many of the take's other moments change less."""

    flux: float
    energy: float


def seam_percentiles(
    wav: Wav, sample_rate: int, seams_s: Sequence[float], *, seed: int = 0
) -> list[SeamPercentiles]:
    """Of each seam of wav [N], among random moments of the same take."""
    flux, energy = _changes(wav, sample_rate)
    at = np.round(np.asarray(seams_s) / HOP_S).astype(int)
    reach = round(REACH_S / HOP_S)
    moments = _other_moments(len(flux), at, reach, seed)
    return [
        SeamPercentiles(*(_percentile(change, seam, moments, reach) for change in (flux, energy)))
        for seam in at
    ]


def _percentile(change: NDArray[np.float64], seam: int, moments: NDArray[np.int64], reach: int) -> float:
    own = _greatest(change, seam, reach)
    others = np.array([_greatest(change, moment, reach) for moment in moments])
    if not others.size:
        return 50.0
    return float(100 * ((others < own).mean() + (others == own).mean() / 2))


def _greatest(change: NDArray[np.float64], at: int, reach: int) -> float:
    return float(change[max(0, at - reach) : at + reach + 1].max(initial=0.0))


def _other_moments(num_frames: int, seams: NDArray[np.int64], reach: int, seed: int) -> NDArray[np.int64]:
    inside = np.arange(reach, num_frames - reach)
    away = np.abs(inside[:, None] - seams[None]).min(axis=1, initial=num_frames) >= round(AWAY_S / HOP_S)
    found = inside[away]
    drawn: NDArray[np.int64] = np.random.default_rng(seed).permutation(found)[:MOMENTS]
    return drawn


def _changes(wav: Wav, sample_rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean change of the bands' levels, and change of the whole level, in dB a step; [frames] each."""
    n_fft = round(WINDOW_S * sample_rate)
    window, bank = _window_and_bank(sample_rate, n_fft)
    spectrum = torch.stft(
        torch.from_numpy(np.ascontiguousarray(wav)),
        n_fft,
        round(HOP_S * sample_rate),
        window=window,
        pad_mode="constant",
        return_complex=True,
    )
    power = torch.view_as_real(spectrum).square().sum(-1)
    bands = _levels(bank @ power)
    whole = _levels(power.sum(dim=0, keepdim=True))
    return _steps(bands), _steps(whole)


def _levels(power: Tensor) -> Tensor:
    level = 10 * torch.log10(power + 1e-12)
    return level.clamp(min=float(level.max()) - RANGE_DB)


def _steps(levels: Tensor) -> NDArray[np.float64]:
    step = (levels[:, LAG_FRAMES:] - levels[:, :-LAG_FRAMES]).abs().mean(dim=0)
    before = LAG_FRAMES // 2
    padded = torch.nn.functional.pad(step, (before, LAG_FRAMES - before))
    found: NDArray[np.float64] = padded.double().numpy()
    return found


@cache
def _window_and_bank(sample_rate: int, n_fft: int) -> tuple[Tensor, Tensor]:
    return torch.hann_window(n_fft), mel_bank(sample_rate, n_fft, NUM_BANDS)
