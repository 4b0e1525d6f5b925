"""Spectral losses for the codec. Each crop is measured against its own peak, so that quiet and loud teach alike."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.prints.mel import mel_bank

RELATIVE_FLOOR = 1e-6
"""Power under the crop's own spectral peak (-60 dB) below which nothing is asked."""
WINDOW_S, HOP_S = 0.032, 0.008
LOWEST_HZ = 60.0
HIGHEST_SHARE = 0.42
"""Of the sample rate: 20 kHz at 48 kHz, where a recording at 44.1 kHz ends."""
SOUNDING_DB = 40.0
FLOOR = 1e-8
"""Of the loudest frame's mean power: what lies further under it does not count as flat or dull."""


class MelDistance(nn.Module):
    """Mean absolute difference of log10 mel power over one or several resolutions."""

    def __init__(
        self, sample_rate: int, n_ffts: tuple[int, ...] | None = None, n_mels: int | None = None
    ) -> None:
        """By default windows of 32 to 128 ms; above 24 kHz 11 to 85 ms and more bands, for there is more to hear."""
        super().__init__()
        is_wide = sample_rate > 24000
        self.n_ffts = n_ffts or ((512, 1024, 2048, 4096) if is_wide else (512, 1024, 2048))
        n_mels = n_mels or (96 if is_wide else 64)
        for n_fft in self.n_ffts:
            bands = min(n_mels, n_fft // 16)
            self.register_buffer(f"bank_{n_fft}", mel_bank(sample_rate, n_fft, bands), persistent=False)
            self.register_buffer(f"window_{n_fft}", torch.hann_window(n_fft), persistent=False)

    def forward(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """wav [B, T] twice -> (log-mel distance, linear spectral distance), both scalars."""
        log_distance = output.new_zeros(())
        linear_distance = output.new_zeros(())
        for n_fft in self.n_ffts:
            bank = getattr(self, f"bank_{n_fft}")
            window = getattr(self, f"window_{n_fft}")
            made = _magnitude(output, n_fft, window)
            real = _magnitude(target, n_fft, window)
            made_mel = torch.einsum("mf,bft->bmt", bank, made.square())
            real_mel = torch.einsum("mf,bft->bmt", bank, real.square())
            peak = real_mel.amax(dim=(1, 2), keepdim=True).clamp(min=1e-8)
            floor = RELATIVE_FLOOR
            difference = torch.log10(made_mel / peak + floor) - torch.log10(real_mel / peak + floor)
            log_distance = log_distance + difference.abs().mean()
            scale = real.square().mean(dim=(1, 2), keepdim=True).sqrt().clamp(min=1e-4)
            linear_distance = linear_distance + ((made - real) / scale).abs().mean()
        return log_distance / len(self.n_ffts), linear_distance / len(self.n_ffts)


def excess_in_silence(output: Tensor, target: Tensor, sample_rate: int, *, floor_db: float = -62.0) -> Tensor:
    """How far, in tens of dB, frames of the output (10 ms) stand above quiet frames of the target."""
    frame = sample_rate // 100
    count = output.shape[-1] // frame
    made, real = (wav[..., : count * frame].reshape(-1, count, frame) for wav in (output, target))
    floor = 10 ** (floor_db / 10)
    made_db = torch.log10(made.square().mean(-1) + floor * 0.1)
    real_db = torch.log10(real.square().mean(-1) + floor)
    quiet = (real_db < math.log10(floor) + 1.0).to(made_db)
    return ((made_db - real_db).clamp(min=0) * quiet).mean()


def _magnitude(wav: Tensor, n_fft: int, window: Tensor) -> Tensor:
    spectrum = torch.stft(
        wav, n_fft, n_fft // 4, window=window, center=True, pad_mode="constant", return_complex=True
    )
    return torch.view_as_real(spectrum).square().sum(-1).clamp(min=1e-10).sqrt()


class Balance(nn.Module):
    """How much flatter and how much brighter each crop is than its target: natural logarithms of ratios.

    Flatness is that of frames which sound, brightness the energy of the upper half of the band; the same by which
    `foley evaluate codec` measures a codec (`engine.evaluation.quality.spectra`), in a form that has slopes.
    """

    window: Tensor
    band: Tensor
    upper: Tensor

    def __init__(self, sample_rate: int) -> None:
        super().__init__()
        self.n_fft, self.hop = round(WINDOW_S * sample_rate), round(HOP_S * sample_rate)
        hz = torch.fft.rfftfreq(self.n_fft, 1 / sample_rate)
        band = (hz >= LOWEST_HZ) & (hz <= HIGHEST_SHARE * sample_rate)
        self.register_buffer("window", torch.hann_window(self.n_fft), persistent=False)
        self.register_buffer("band", band, persistent=False)
        self.register_buffer("upper", band & (hz >= sample_rate / 4), persistent=False)

    def forward(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """wav [B, N] twice -> (of flatness, of brightness), [B] each."""
        made, real = self._power(output), self._power(target)
        level = real.mean(dim=1)
        sounding = (level >= level.amax(dim=1, keepdim=True) * 10 ** (-SOUNDING_DB / 10)).float()
        flatter = self._flatness(made, sounding) - self._flatness(real, sounding)
        least = 1e-9 * real.sum(dim=(1, 2)) + 1e-12
        upper_made, upper_real = (power[:, self.upper].sum(dim=(1, 2)) + least for power in (made, real))
        return flatter, upper_made.log() - upper_real.log()

    def _power(self, wav: Tensor) -> Tensor:
        spectrum = torch.stft(
            wav, self.n_fft, self.hop, window=self.window, pad_mode="constant", return_complex=True
        )
        power: Tensor = torch.view_as_real(spectrum).square().sum(-1)
        return power

    def _flatness(self, power: Tensor, sounding: Tensor) -> Tensor:
        """[B, bins, frames] -> the logarithm of the mean flatness of sounding frames, [B]."""
        band = power[:, self.band]
        floor = FLOOR * (band.mean(dim=1) * sounding).amax(dim=1)
        band = band + floor[:, None, None] + 1e-14
        flatness = band.log().mean(dim=1).exp() / band.mean(dim=1)
        mean: Tensor = (flatness * sounding).sum(dim=1) / sounding.sum(dim=1).clamp(min=1)
        return mean.clamp(min=1e-8).log()
