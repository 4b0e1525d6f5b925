"""Spectral figures of one sound, and distances of two of the same length."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.prints.mel import mel_bank
from engine.training.spectral import (
    FLOOR,
    HIGHEST_SHARE,
    HOP_S,
    LOWEST_HZ,
    SOUNDING_DB,
    WINDOW_S,
    MelDistance,
)

STFT_SIZES = (512, 1024, 2048)
BAND_RANGE_DB = 80.0
BANDS = 64

Wav = NDArray[np.float32]


def flatness(wav: Wav, sample_rate: int, like: Wav | None = None) -> float:
    """Geometric over arithmetic mean of the power spectrum, 60 Hz up, the mean over frames that sound (in `like`)."""
    power = _power(wav, sample_rate)
    frames = power[_sounding(power if like is None else _power(like, sample_rate))]
    band = frames[:, _band(sample_rate, LOWEST_HZ)]
    band = band + FLOOR * band.mean(dim=1).max()
    return float((band.log().mean(dim=1).exp() / band.mean(dim=1)).mean())


def high_band_share(wav: Wav, sample_rate: int) -> float:
    """Energy in the upper half of the band, above a quarter of the sample rate, as a share of all."""
    power = _power(wav, sample_rate).sum(dim=0)
    total = float(power.sum())
    return float(power[_band(sample_rate, sample_rate / 4)].sum()) / total if total > 0 else 0.0


def high_band_energy(wav: Wav, sample_rate: int) -> float:
    return float(_power(wav, sample_rate).sum(dim=0)[_band(sample_rate, sample_rate / 4)].sum())


def mel_distance(made: Wav, real: Wav, mel: MelDistance) -> float:
    """Mean absolute difference of log10 mel power, over three resolutions (`engine.training.spectral`)."""
    return float(mel(_row(made), _row(real))[0])


def stft_distance(made: Wav, real: Wav) -> float:
    """Multi-resolution STFT distance (arXiv 1910.11480): spectral convergence and log magnitude, a mean over sizes."""
    total = 0.0
    for n_fft in STFT_SIZES:
        window = torch.hann_window(n_fft)
        ours, theirs = (
            torch.stft(
                _row(wav), n_fft, n_fft // 4, window=window, pad_mode="constant", return_complex=True
            ).abs()
            for wav in (made, real)
        )
        floor = 1e-4 * theirs.max().clamp(min=1e-6)
        convergence = (theirs - ours).norm() / theirs.norm().clamp(min=1e-9)
        log_magnitude = ((theirs + floor).log() - (ours + floor).log()).abs().mean()
        total += float(convergence + log_magnitude)
    return total / len(STFT_SIZES)


def distance_above(made: Wav, real: Wav, sample_rate: int, lowest_hz: float) -> float:
    """Mean absolute difference in dB of mel bands above a frequency, down to 80 dB under the real one's loudest."""
    n_fft = round(WINDOW_S * sample_rate)
    bank = mel_bank(sample_rate, n_fft, BANDS, lowest_hz=lowest_hz)
    theirs = _power(real, sample_rate)
    peak = float(theirs.max().clamp(min=1e-12))
    sounding = _sounding(theirs)
    levels = [
        (10 * torch.log10((_power(wav, sample_rate)[sounding] @ bank.T) / peak + 1e-12)).clamp(
            min=-BAND_RANGE_DB
        )
        for wav in (made, real)
    ]
    return float((levels[0] - levels[1]).abs().mean())


def _row(wav: Wav) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(wav))[None]


def _power(wav: Wav, sample_rate: int) -> Tensor:
    """[frames, bins]."""
    n_fft = round(WINDOW_S * sample_rate)
    spectrum = torch.stft(
        _row(wav)[0],
        n_fft,
        round(HOP_S * sample_rate),
        window=torch.hann_window(n_fft),
        pad_mode="constant",
        return_complex=True,
    )
    power: Tensor = torch.view_as_real(spectrum).square().sum(-1)
    return power.T


def _sounding(power: Tensor) -> Tensor:
    """Frames within 40 dB of the loudest, bool [frames]."""
    level = power.mean(dim=1)
    sounding: Tensor = level >= level.max() * 10 ** (-SOUNDING_DB / 10)
    return sounding


def _band(sample_rate: int, lowest_hz: float) -> Tensor:
    frequency_hz = torch.fft.rfftfreq(round(WINDOW_S * sample_rate), 1 / sample_rate)
    inside: Tensor = (frequency_hz >= lowest_hz) & (frequency_hz <= HIGHEST_SHARE * sample_rate)
    return inside
