"""The default codec's two ends: principal components of rows of sines and noise, and a network that reads them again.

Neither computes at the sample rate, so that 48 kHz costs a fraction of what SEANet's does, in training as in use, and
neither keeps phases (`engine.codec.sines_and_noise`). What tokens leave open, the decoder draws: its rows are stirred
by noise, and it is taught to spread them as real ones spread (`engine.training.row_distance`).

    wav [B, 1, T * hop] -> rows, 4 a frame -> loudness and the shape's principal components -> latents [B, D, T]
    latents -> the components' rows + blocks at the frame rate -> 4 rows a frame, stirred -> blocks -> rows -> wav

A frame is its loudness and its shape (`engine.codec.gain_shape`). The first codebook is given: its codes are steps of
1 dB.

Components and codebooks are found, not trained, and are final before any training begins: a language model can learn
tokens while the decoder still learns to read them. Until it has learnt, the blocks say nothing, and the components'
way alone is heard.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec.gain_shape import (
    ASPECTS,
    LOUDEST_DB,
    LOWEST_SEEN_DB,
    MIDDLE_DB,
    SILENT_DB,
    SPREAD_DB,
    STEP_DB,
    Frames,
    as_loud_as,
    frames_of,
    loudness_latent,
    loudness_of,
    postfiltered,
    rows_of,
    seen_of,
    seen_of_frames,
)
from engine.codec.quantizer import ResidualVectorQuantizer
from engine.codec.sines_and_noise import WINDOWS, SinesAndNoise
from engine.config import CodecConfig

KERNEL = 7


class Noise(NamedTuple):
    """What is random in a decoding, and where in the take it begins.

    `stirring` is [B, T * rows_a_frame, C], `white` [B, T * hop]. The sines' phases follow from `first_sample`.
    """

    stirring: Tensor
    white: Tensor
    first_sample: int = 0


class Coarse(NamedTuple):
    """What all readings of some latents share.

    `fine` [B, T', C] is to be stirred, `straight` [B, T', 3, bands] came the straight way; `loudness` [B, T] in dB.
    """

    fine: Tensor
    straight: Tensor
    loudness: Tensor


class BandEncoder(nn.Module):
    """wav [B, 1, T * hop] -> latents [B, D, T]; the first of them is the loudness."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        bands = config.bands
        assert bands is not None
        self.rows_a_frame, self.hop_length = bands.rows_a_frame, config.hop_length
        self.sound = sines_and_noise(config)
        width = bands.rows_a_frame * ASPECTS * bands.num_bands
        self.components = nn.Linear(width, config.latent_dim - 1)

    def forward(self, wav: Tensor) -> Tensor:
        whole = F.pad(wav[:, 0], (0, -wav.shape[-1] % self.hop_length))
        return self.latents(seen_of(self.sound.analyse(whole), self.sound.emphasis_db))

    def latents(self, seen: Tensor) -> Tensor:
        """What is seen of rows, [B, T * rows_a_frame, 3, bands] -> [B, D, T]."""
        loudness, shape = frames_of(seen, self.rows_a_frame)
        of_shape = self.components(shape).masked_fill((loudness < SILENT_DB)[..., None], 0.0)
        return torch.cat([loudness_latent(loudness)[..., None], of_shape], dim=-1).transpose(1, 2)


class BandDecoder(nn.Module):
    """Latents [B, D, T] -> wav [B, 1, T * hop]."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        bands = config.bands
        assert bands is not None
        self.config, self.hop_length = bands, config.hop_length
        self.sound = sines_and_noise(config)
        self.straight = nn.Linear(config.latent_dim - 1, bands.rows_a_frame * ASPECTS * bands.num_bands)
        self.first = nn.Conv1d(config.latent_dim, bands.dim, KERNEL, padding=KERNEL // 2)
        self.norm = nn.LayerNorm(bands.dim)
        self.trunk = _blocks(bands.dim, bands.num_blocks, bands.widening)
        self.rise = nn.Linear(bands.dim, bands.rows_a_frame * bands.fine_dim)
        self.stir = nn.Linear(bands.noise_dim, bands.fine_dim)
        self.branch = _blocks(bands.fine_dim, bands.num_fine_blocks, bands.widening)
        self.last = nn.LayerNorm(bands.fine_dim)
        self.head = nn.Linear(bands.fine_dim, ASPECTS * bands.num_bands)
        # Until it has learnt something, the straight way rules.
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    @property
    def reach_frames(self) -> int:
        """How many frames before and after its own a sample depends on, at most."""
        config, side = self.config, KERNEL // 2
        fine_rows = side * config.num_fine_blocks + 1 - (-WINDOWS[-1] // (2 * self.sound.row_length))
        return side * (1 + config.num_blocks) - (-fine_rows // config.rows_a_frame)

    def forward(self, latents: Tensor, noise: Noise | None = None) -> Tensor:
        """
        Args:
            noise: by default drawn from PyTorch's generator.
        """
        coarse = self.coarse(latents)
        noise = noise or self.fresh_noise(coarse.fine)
        rows = rows_of(self.reading(coarse, noise.stirring), self.sound.emphasis_db)
        return self.sound.synthesise(rows, noise.white, noise.first_sample)[:, None]

    def coarse(self, latents: Tensor) -> Coarse:
        """What is the same in all readings of latents [B, D, T]."""
        frames = self.trunk(self.norm(self.first(latents).transpose(1, 2)))
        fine = self.rise(frames).reshape(len(latents), -1, self.config.fine_dim)
        loudness = loudness_of(latents[:, 0])
        shape = self.straight(latents[:, 1:].transpose(1, 2))
        straight = seen_of_frames(Frames(loudness, shape), self.config.rows_a_frame)
        return Coarse(fine, postfiltered(straight, loudness), loudness)

    def reading(self, coarse: Coarse, stirring: Tensor) -> Tensor:
        """With one noise: what is seen of the drawn rows, [B, T', 3, bands]."""
        beside = self.head(self.last(self.branch(coarse.fine + self.stir(stirring))))
        told = (coarse.straight + beside.view_as(coarse.straight)).float()
        seen = as_loud_as(told, coarse.loudness)
        is_silent = (coarse.loudness < SILENT_DB - STEP_DB / 2).repeat_interleave(
            self.config.rows_a_frame, dim=1
        )
        lowest = (LOWEST_SEEN_DB - MIDDLE_DB) / SPREAD_DB
        drawn: Tensor = seen.masked_fill(is_silent[..., None, None], lowest)
        return drawn

    def fresh_noise(self, fine: Tensor) -> Noise:
        batch, count = fine.shape[:2]
        white = torch.randn(batch, count * self.sound.row_length, device=fine.device)
        return Noise(self.fresh_stirring(fine), white)

    def fresh_stirring(self, fine: Tensor) -> Tensor:
        return torch.randn(*fine.shape[:2], self.config.noise_dim, device=fine.device)

    def noise_of(self, codes: Tensor, first_frame: int = 0) -> Noise:
        """The noise of codes [B, K, T] as a function of themselves and of their place in the take.

        So a take's bytes follow from its tokens, a chunk equals the whole, and no two takes share their noise, which
        would comb where they overlap.

        Args:
            first_frame: which frame of the take the codes begin with.
        """
        stirred = self.config.rows_a_frame * self.config.noise_dim
        drawn = [
            _noise_of_frame(codes_of_frame, first_frame + number, stirred + self.hop_length)
            for row in codes.cpu().to(torch.int32)
            for number, codes_of_frame in enumerate(row.t())
        ]
        frames = torch.stack(drawn).view(len(codes), codes.shape[-1], -1).to(self.head.weight.device)
        stirring = frames[..., :stirred].reshape(len(codes), -1, self.config.noise_dim)
        return Noise(stirring, frames[..., stirred:].flatten(1), first_frame * self.hop_length)


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


@torch.no_grad()
def start_by_components(encoder: BandEncoder, decoder: BandDecoder, seen: Tensor) -> None:
    """Start the straight way with the principal components of a pool of frames' shapes.

    Args:
        seen: [B, T * rows_a_frame, 3, bands].
    """
    loudness, shapes = frames_of(seen, encoder.rows_a_frame)
    frames = shapes[loudness >= SILENT_DB]
    mean = frames.mean(dim=0)
    centred = frames - mean
    # In float32 a pool of fewer frames than a frame has values breaks LAPACK's solver.
    _, directions = torch.linalg.eigh((centred.t() @ centred / len(frames)).double())
    largest = directions.float().flip(1)[:, : encoder.components.out_features]
    encoder.components.weight.copy_(largest.t())
    encoder.components.bias.copy_(-mean @ largest)
    decoder.straight.weight.copy_(largest)
    decoder.straight.bias.copy_(mean)


def loudness_first(config: CodecConfig) -> ResidualVectorQuantizer:
    """A quantiser whose first codebook is given: it knows nothing but loudness, in steps upwards from silence."""
    heard = config.codebook_size - 1
    step_db = max(STEP_DB, (LOUDEST_DB - SILENT_DB) / heard)
    heard_db = SILENT_DB + step_db * torch.arange(heard)
    # Codes that no sound has may still be drawn, and must not be heard.
    heard_db[heard_db > LOUDEST_DB + step_db / 2] = SILENT_DB - STEP_DB
    steps = torch.cat([torch.tensor([SILENT_DB - STEP_DB]), heard_db])
    given = loudness_latent(steps)[:, None]
    return ResidualVectorQuantizer(config.num_codebooks, config.codebook_size, config.latent_dim, given=given)


def sines_and_noise(config: CodecConfig) -> SinesAndNoise:
    """What a codec's rows mean."""
    assert config.bands is not None
    row_length, rest = divmod(config.hop_length, config.bands.rows_a_frame)
    assert rest == 0, "rows tile a frame"
    return SinesAndNoise(config.sample_rate, row_length, config.bands.num_bands)


def _blocks(dim: int, count: int, widening: int) -> nn.Sequential:
    return nn.Sequential(*[Block(dim, widening, 1 / count) for _ in range(count)])


def _noise_of_frame(codes: Tensor, frame: int, count: int) -> Tensor:
    """[count], normal, from a frame's codes [K] and its number."""
    seed = zlib.crc32(codes.contiguous().numpy().tobytes() + frame.to_bytes(8, "little", signed=True))
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))
