"""The spectral energy distance (arXiv 2008.01160): a score that only the true distribution of sounds makes least.

A decoder that is asked for one recording's spectrum answers with the mean of all that its tokens may stand for, which
is dull. Here it reads the same tokens twice, with two noises, and is scored by

    d(one, real) + d(other, real) - d(one, other)

so that both should be near the recording and as far from each other as two recordings are. No rival is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from engine.training.spectral import mel_bank

MOST_BANDS = 96
BIN_FLOOR, BAND_FLOOR = 1e-4, 1e-8
"""80 dB under the recording's loudest bin, of magnitudes and of powers: what lies under it is not asked for."""
POWER_FLOOR = 1e-13
ROOT_FLOOR = 1e-6
"""Both under a root, so that its slope stays finite where two spectra are one."""


class Spectra(NamedTuple):
    """What is compared, by window length: magnitudes [B, T, F] over a level, their logarithms, those of mel powers."""

    magnitudes: dict[int, Tensor]
    log_magnitudes: dict[int, Tensor]
    log_bands: dict[int, Tensor]


class Levels(NamedTuple):
    """Of a recording, by window length: RMS and peak magnitude, peak mel power; [B, 1, 1] each."""

    rms: dict[int, Tensor]
    peak: dict[int, Tensor]
    peak_band: dict[int, Tensor]


class EnergyDistance(nn.Module):
    """Distances of short spectra, each a norm over a frame's bins, as a proper score needs it."""

    def __init__(
        self,
        sample_rate: int,
        linear_ffts: tuple[int, ...] = (512, 2048),
        mel_ffts: tuple[int, ...] = (256, 1024, 4096),
    ) -> None:
        super().__init__()
        self.linear_ffts, self.mel_ffts = linear_ffts, mel_ffts
        for n_fft in {*linear_ffts, *mel_ffts}:
            self.register_buffer(f"window_{n_fft}", torch.hann_window(n_fft), persistent=False)
        for n_fft in mel_ffts:
            bank = mel_bank(sample_rate, n_fft, min(MOST_BANDS, n_fft // 8))
            self.register_buffer(f"bank_{n_fft}", bank.T.contiguous(), persistent=False)

    @property
    def longest(self) -> int:
        return max(*self.linear_ffts, *self.mel_ffts)

    def forward(self, one: Tensor, other: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """wav [B, T] thrice -> (the score, half of its first two terms), scalars."""
        with torch.no_grad():
            powers = self._powers(real)
            levels = self._levels(powers)
            truth = self._spectra(powers, levels)
        first, second = (self._spectra(self._powers(wav), levels) for wav in (one, other))
        near = (self._between(first, truth) + self._between(second, truth)) / 2
        return 2 * near - self._between(first, second), near

    def _powers(self, wav: Tensor) -> dict[int, Tensor]:
        """[B, T] -> power [B, T', F] for each window length."""
        powers = {}
        for n_fft in sorted({*self.linear_ffts, *self.mel_ffts}):
            spectrum = torch.stft(
                wav,
                n_fft,
                n_fft // 2 if n_fft > 256 else n_fft // 4,
                window=getattr(self, f"window_{n_fft}"),
                pad_mode="constant",
                return_complex=True,
            )
            powers[n_fft] = torch.view_as_real(spectrum).square().sum(-1).transpose(1, 2)
        return powers

    def _bands(self, power: Tensor, n_fft: int) -> Tensor:
        bank: Tensor = getattr(self, f"bank_{n_fft}")
        return power @ bank

    def _levels(self, powers: dict[int, Tensor]) -> Levels:
        linear = {n: (powers[n] + POWER_FLOOR).sqrt() for n in self.linear_ffts}
        return Levels(
            {n: m.square().mean((1, 2), keepdim=True).sqrt().clamp(min=1e-4) for n, m in linear.items()},
            {n: m.amax((1, 2), keepdim=True).clamp(min=1e-4) for n, m in linear.items()},
            {n: self._bands(powers[n], n).amax((1, 2), keepdim=True).clamp(min=1e-8) for n in self.mel_ffts},
        )

    def _spectra(self, powers: dict[int, Tensor], levels: Levels) -> Spectra:
        linear = {n: (powers[n] + POWER_FLOOR).sqrt() for n in self.linear_ffts}
        bands = {n: self._bands(powers[n], n) for n in self.mel_ffts}
        return Spectra(
            {n: m / levels.rms[n] for n, m in linear.items()},
            {n: torch.log10(m / levels.peak[n] + BIN_FLOOR) for n, m in linear.items()},
            {n: torch.log10(b / levels.peak_band[n] + BAND_FLOOR) for n, b in bands.items()},
        )

    def _between(self, one: Spectra, other: Spectra) -> Tensor:
        parts = [(one.magnitudes[n] - other.magnitudes[n]).abs().mean() for n in self.linear_ffts]
        parts += [_norm(one.log_magnitudes[n] - other.log_magnitudes[n]) for n in self.linear_ffts]
        parts += [_norm(one.log_bands[n] - other.log_bands[n]) for n in self.mel_ffts]
        return torch.stack(parts).sum() / (len(self.linear_ffts) + len(self.mel_ffts))


def _norm(difference: Tensor) -> Tensor:
    """The root mean square over a frame's bins [B, T', F], its mean over frames."""
    return (difference.square().mean(dim=-1) + ROOT_FLOOR).sqrt().mean()
