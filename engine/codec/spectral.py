"""A decoder that draws spectra instead of samples: as Vocos (arXiv 2306.00814), with a noise of its own.

SEANet computes at the sample rate; this one works at the codec's frame rate and at a few steps a frame, and an
inverse Fourier transform makes the samples. So 48 kHz costs it a fraction, in training as in use. Much of foley is
noise: beside the spectrum that it draws whole, magnitude and phase, it shapes white noise band by band, and does not
have to learn to be random.

    latents [B, D, T] -> blocks at the frame rate -> `steps_a_frame` rows a frame, stirred by noise -> blocks
        -> magnitude and phase -> inverse STFT ---+
        -> gains of bands of white noise ---------+-> wav [B, 1, T * hop]
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import SpectralConfig

KERNEL = 7
LOUDEST = 4.0
"""Of a bin's log magnitude: what an untrained decoder may ask for stays finite."""


class Noise(NamedTuple):
    """What is random in a decoding.

    `stirring` is [B, T * steps, C]. `white` is [B, T * hop + step_length], the last step's frame reaching past the
    others'.
    """

    stirring: Tensor
    white: Tensor


class SpectralDecoder(nn.Module):
    """Latents [B, D, T] -> wav [B, 1, T * hop]."""

    window: Tensor
    short_window: Tensor

    def __init__(self, config: SpectralConfig, latent_dim: int, hop_length: int) -> None:
        super().__init__()
        self.config = config
        self.step_length, rest = divmod(hop_length, config.steps_a_frame)
        assert rest == 0 and config.n_fft >= 2 * self.step_length, "steps tile a frame, and windows overlap"
        dim, fine_dim = config.dim, config.fine_dim
        self.first = nn.Conv1d(latent_dim, dim, KERNEL, padding=KERNEL // 2)
        self.norm = nn.LayerNorm(dim)
        self.trunk = _blocks(dim, config.num_blocks, config.widening)
        self.rise = nn.Linear(dim, config.steps_a_frame * fine_dim)
        self.stir = nn.Linear(config.noise_dim, fine_dim)
        self.branch = _blocks(fine_dim, config.num_fine_blocks, config.widening)
        self.last = nn.LayerNorm(fine_dim)
        self.num_bins, self.num_bands = config.n_fft // 2 + 1, self.step_length + 1
        self.head = nn.Linear(fine_dim, 3 * self.num_bins)
        self.hiss = nn.Linear(fine_dim, self.num_bands)
        self._start_quiet()
        self.register_buffer("window", torch.hann_window(config.n_fft), persistent=False)
        self.register_buffer("short_window", torch.hann_window(2 * self.step_length).sqrt(), persistent=False)

    @property
    def reach_frames(self) -> int:
        """How many frames before and after its own a sample depends on, at most."""
        config, side = self.config, KERNEL // 2
        coarse = side * (1 + config.num_blocks)
        fine = side * config.num_fine_blocks + -(-config.n_fft // (2 * self.step_length))
        return coarse - (-fine // config.steps_a_frame)

    def forward(self, latents: Tensor, noise: Noise | None = None) -> Tensor:
        """
        Args:
            noise: by default drawn from PyTorch's generator.
        """
        return self.reading(self.rows(latents), noise)

    def rows(self, latents: Tensor) -> Tensor:
        """What is the same in all readings of latents [B, D, T]: [B, T * steps, C]."""
        coarse = self.trunk(self.norm(self.first(latents).transpose(1, 2)))
        fine: Tensor = self.rise(coarse)
        return fine.reshape(len(latents), -1, self.config.fine_dim)

    def reading(self, rows: Tensor, noise: Noise | None = None) -> Tensor:
        """Rows [B, T * steps, C] with one noise -> wav [B, 1, T * hop]."""
        stirring, white = noise or self.fresh_noise(rows)
        seen = self.last(self.branch(rows + self.stir(stirring)))
        wav = self._drawn(self.head(seen)) + self._shaped(self.hiss(seen), white)
        return wav[:, None]

    def fresh_noise(self, rows: Tensor) -> Noise:
        batch, steps = rows.shape[:2]
        return Noise(
            torch.randn(batch, steps, self.config.noise_dim, device=rows.device),
            torch.randn(batch, (steps + 1) * self.step_length, device=rows.device),
        )

    def noise_of(self, codes: Tensor, first_frame: int = 0) -> Noise:
        """The noise of codes [B, K, T] as a function of themselves and of their place in the take.

        So a take's bytes follow from its tokens, a chunk equals the whole, and no two takes share their noise, which
        would comb where they overlap.

        Args:
            first_frame: which frame of the take the codes begin with.
        """
        count = codes.shape[-1]
        steps, width = self.config.steps_a_frame, self.config.noise_dim
        stirred, hop = steps * width, steps * self.step_length
        frames = torch.stack(
            [
                torch.stack(
                    [_noise_of_frame(row[:, t], first_frame + t, stirred + hop) for t in range(count)]
                )
                for row in codes.cpu().to(torch.int32)
            ]
        )  # [B, T, steps * C + hop]
        after = torch.stack(
            [_noise_of_frame(row[:, -1], -1 - first_frame - count, self.step_length) for row in codes.cpu()]
        )
        stirring = frames[..., :stirred].reshape(len(codes), count * steps, width)
        white = torch.cat([frames[..., stirred:].flatten(1), after], dim=1)
        device = self.window.device
        return Noise(stirring.to(device), white.to(device))

    def _drawn(self, head: Tensor) -> Tensor:
        """Log magnitudes and directions [B, T', 3 F] -> [B, T' * step_length]."""
        level, across, along = head.float().chunk(3, dim=-1)
        # A direction is two numbers: an angle would jump where it wraps.
        size = level.clamp(max=LOUDEST).exp() * torch.rsqrt(across.square() + along.square() + 1e-6)
        spectrum = torch.complex(size * across, size * along)
        overlap = self.config.n_fft / self.step_length
        return self._overlapped(torch.fft.irfft(spectrum), self.window) * (8 / 3 / overlap)

    def _shaped(self, levels: Tensor, white: Tensor) -> Tensor:
        """White noise [B, T' * step_length + step_length] under log gains [B, T', bands]."""
        frames = white.unfold(1, 2 * self.step_length, self.step_length) * self.short_window
        spectrum = torch.fft.rfft(frames) * levels.float().clamp(max=LOUDEST).exp()
        return self._overlapped(torch.fft.irfft(spectrum), self.short_window)

    def _overlapped(self, frames: Tensor, window: Tensor) -> Tensor:
        """Add frames [B, T', N] up, each centred on its step: [B, T' * step_length]."""
        count, length = frames.shape[1:]
        whole = F.fold(
            (frames * window).transpose(1, 2),
            (1, (count - 1) * self.step_length + length),
            (1, length),
            stride=(1, self.step_length),
        )[:, 0, 0]
        before = (length - self.step_length) // 2
        return whole[:, before : before + count * self.step_length]

    @torch.no_grad()
    def _start_quiet(self) -> None:
        for layer, level in ((self.head, -3.0), (self.hiss, -4.0)):
            layer.weight.normal_(0, 0.02)
            layer.bias.zero_()
            layer.bias[: self.num_bins if layer is self.head else None] = level


class Block(nn.Module):
    """A ConvNeXt block (arXiv 2201.03545) over rows [B, T, C]."""

    def __init__(self, dim: int, widening: int, scale: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(dim, dim, KERNEL, padding=KERNEL // 2, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.widen = nn.Linear(dim, widening * dim)
        self.narrow = nn.Linear(widening * dim, dim)
        self.scale = nn.Parameter(torch.full((dim,), scale))

    def forward(self, rows: Tensor) -> Tensor:
        mixed = self.depthwise(rows.transpose(1, 2)).transpose(1, 2)
        wide = F.gelu(self.widen(self.norm(mixed)), approximate="tanh")
        out: Tensor = rows + self.scale * self.narrow(wide)
        return out


def _blocks(dim: int, count: int, widening: int) -> nn.Sequential:
    return nn.Sequential(*[Block(dim, widening, 1 / count) for _ in range(count)])


def _noise_of_frame(codes: Tensor, frame: int, count: int) -> Tensor:
    """[count], normal, from a frame's codes [K] and its number."""
    seed = zlib.crc32(
        codes.to(torch.int32).contiguous().numpy().tobytes() + frame.to_bytes(8, "little", signed=True)
    )
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))
