"""The rival of the codec's decoder: a multi-scale STFT discriminator (EnCodec, arXiv 2210.13438, section 3.4).

It hears each pair at one level, so that loudness tells it nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import torch
from encodec.msstftd import MultiScaleSTFTDiscriminator
from torch import Tensor

HOPS_A_WINDOW = 4


def discriminator(filters: int, n_ffts: tuple[int, ...]) -> MultiScaleSTFTDiscriminator:
    """One judge a window length, each overlapping by three quarters."""
    with warnings.catch_warnings():
        # The package's weight norm is torch's deprecated one.
        warnings.simplefilter("ignore", FutureWarning)
        return MultiScaleSTFTDiscriminator(
            filters,
            n_ffts=list(n_ffts),
            hop_lengths=[n_fft // HOPS_A_WINDOW for n_fft in n_ffts],
            win_lengths=list(n_ffts),
        )


def rival_loss(rival: MultiScaleSTFTDiscriminator, output: Tensor, wav: Tensor) -> Tensor:
    """Hinge loss of telling wav [B, 1, T] from output, a scalar."""
    scale = _level(wav)
    made, _ = rival(output / scale)
    real, _ = rival(wav / scale)
    losses = [
        (1 - good.float()).clamp(min=0).mean() + (1 + bad.float()).clamp(min=0).mean()
        for good, bad in zip(real, made, strict=True)
    ]
    return torch.stack(losses).mean()


def rival_says(rival: MultiScaleSTFTDiscriminator, output: Tensor, wav: Tensor) -> tuple[Tensor, Tensor]:
    """(adversarial loss, relative distance of the rival's features), scalars."""
    scale = _level(wav)
    made, made_features = rival(output / scale)
    with torch.no_grad():
        _, real_features = rival(wav / scale)
    adversarial = torch.stack([-verdict.float().mean() for verdict in made]).mean()
    distances = [
        (one.float() - other.float()).abs().mean() / other.float().abs().mean().clamp(min=1e-4)
        for ones, others in zip(made_features, real_features, strict=True)
        for one, other in zip(ones, others, strict=True)
    ]
    return adversarial, torch.stack(distances).mean()


class Balancer:
    """Weighs losses by what their gradients do to the output, whatever their scales (EnCodec, equation 4).

    Each loss's gradient is divided by a running mean of its norm; a loss then has its weight's share of the whole.
    """

    def __init__(self, weights: Mapping[str, float], *, decay: float = 0.99) -> None:
        self.weights, self.decay = dict(weights), decay
        self.norms: dict[str, float] = {}

    def gradient(self, losses: Mapping[str, Tensor], output: Tensor) -> Tensor:
        """The weighed gradient of scalars with respect to output [B, 1, T], to go on backward with."""
        total = sum(self.weights[name] for name in losses)
        mixed = torch.zeros_like(output)
        for name, loss in losses.items():
            (gradient,) = torch.autograd.grad(loss, output, retain_graph=True)
            norm = float(gradient.flatten(1).norm(dim=1).mean())
            known = self.norms.get(name, norm)
            self.norms[name] = self.decay * known + (1 - self.decay) * norm
            mixed += self.weights[name] / total / max(self.norms[name], 1e-12) * gradient
        return mixed


def _level(wav: Tensor) -> Tensor:
    """Ten times the RMS of each row of wav [B, 1, T], never zero: [B, 1, 1]."""
    return wav.square().mean(dim=-1, keepdim=True).sqrt().clamp(min=1e-3) * 10
