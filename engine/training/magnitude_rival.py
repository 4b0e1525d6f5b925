"""A discriminator of log magnitudes: what a codec without phases can be asked for.

The one that EnCodec was trained against sees complex spectra, which a codec of bands gets wrong by design.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

N_FFTS = (2048, 512)
LAYERS = ((1, (2, 1)), (2, (2, 2)), (2, (2, 1)), (2, (2, 2)))
"""Filters, in multiples, and strides over bins and frames."""
KERNEL = (5, 3)
LEAST_POWER = 1e-8
"""Beside a crop's loudest frame."""
QUIETEST = 1e-7


class Verdict(NamedTuple):
    """`marks`, above 0 for what is taken for real, and the `features` of each layer."""

    marks: Tensor
    features: list[Tensor]


class MagnitudeDiscriminator(nn.Module):
    """One window length. A bin is seen with its place: what is natural differs from lows to highs."""

    window: Tensor

    def __init__(self, n_fft: int, filters: int) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        widths = [2] + [filters * times for times, _ in LAYERS]
        self.layers = nn.ModuleList(
            nn.Conv2d(before, after, KERNEL, stride, padding=(KERNEL[0] // 2, KERNEL[1] // 2))
            for before, after, (_, stride) in zip(widths[:-1], widths[1:], LAYERS, strict=True)
        )
        self.out = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def power(self, wav: Tensor) -> Tensor:
        """wav [B, N] -> [B, bins, frames]."""
        spectrum = torch.stft(
            wav, self.n_fft, self.n_fft // 4, window=self.window, pad_mode="constant", return_complex=True
        )
        power: Tensor = torch.view_as_real(spectrum).square().sum(-1)
        return power

    def forward(self, power: Tensor, loudest: Tensor) -> Verdict:
        """
        Args:
            loudest: mean power of each crop's loudest frame, [B, 1, 1]: the real one's, for both of a pair.
        """
        logs = (power / loudest + LEAST_POWER).log10() / 2 + 1.5
        place = torch.linspace(-1, 1, power.shape[1], device=power.device)[None, :, None].expand_as(logs)
        x, features = torch.stack([logs, place], dim=1), []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        return Verdict(self.out(x), features)


class MagnitudeRivals(nn.Module):
    """One discriminator a window length."""

    def __init__(self, filters: int, n_ffts: Sequence[int] = N_FFTS) -> None:
        super().__init__()
        self.each = nn.ModuleList(MagnitudeDiscriminator(n_fft, filters) for n_fft in n_ffts)

    def loss(self, output: Tensor, wav: Tensor) -> Tensor:
        """Hinge loss of telling wav [B, N] from output, the sum over window lengths."""
        total = output.new_zeros(())
        for rival in self.each:
            assert isinstance(rival, MagnitudeDiscriminator)
            real = rival.power(wav)
            loudest = _loudest(real)
            good, bad = rival(real, loudest).marks, rival(rival.power(output), loudest).marks
            total = total + (1 - good).clamp(min=0).mean() + (1 + bad).clamp(min=0).mean()
        return total

    def says(self, output: Tensor, wav: Tensor) -> tuple[Tensor, Tensor]:
        """(adversarial loss, relative distance of features), means over window lengths."""
        marks, distances = [], []
        for rival in self.each:
            assert isinstance(rival, MagnitudeDiscriminator)
            with torch.no_grad():
                real = rival.power(wav)
                loudest = _loudest(real)
                theirs = rival(real, loudest).features
            verdict = rival(rival.power(output), loudest)
            marks.append(-verdict.marks.mean())
            distances += [
                (made - told).abs().mean() / told.abs().mean().clamp(min=1e-3)
                for made, told in zip(verdict.features, theirs, strict=True)
            ]
        return torch.stack(marks).mean(), torch.stack(distances).mean()


def _loudest(power: Tensor) -> Tensor:
    return power.mean(dim=1).amax(dim=1)[:, None, None].clamp(min=QUIETEST)
