"""The default codec's two ends: principal components of rows of sines and noise, and the way back.

Neither computes at the sample rate, so that 48 kHz costs a fraction of what SEANet's do, and neither keeps phases
(`engine.codec.sines_and_noise`).

    wav [B, 1, T * hop] -> rows, 4 a frame -> loudness and the shape's principal components -> latents [B, D, T]
    latents -> the components' rows, postfiltered, as loud as is told -> wav

A frame is its loudness and its shape (`engine.codec.gain_shape`). The first codebook is given: its codes are steps of
1 dB. Components and codebooks are found (`engine.training.band_codec`), not trained. What few codes lose of a
shape a small network gives back (`engine.codec.detail`), of which no token knows.
"""

from __future__ import annotations

import zlib

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codec.detail import CHANCES, Detail
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
        self.rows_a_frame, self.hop_length = bands.rows_a_frame, config.hop_length
        self.sound = sines_and_noise(config)
        width = bands.rows_a_frame * ASPECTS * bands.num_bands
        self.components = nn.Linear(config.latent_dim - 1, width)
        self.detail = Detail(bands) if bands.detail_width else None

    @property
    def reach_frames(self) -> int:
        """How many frames before and after its own a sample depends on, at most."""
        rows = 1 - (-WINDOWS[-1] // (2 * self.sound.row_length))
        rows += self.detail.reach_rows if self.detail is not None else 0
        return -(-rows // self.rows_a_frame)

    def forward(self, latents: Tensor, white: Tensor, first_sample: int) -> Tensor:
        """
        Args:
            white: the noise [B, T * hop].
            first_sample: where in the take the latents begin; the sines' phases follow from it.
        """
        rows = rows_of(self.seen(latents, white), self.sound.emphasis_db)
        return self.sound.synthesise(rows, white, first_sample)[:, None]

    def seen(self, latents: Tensor, white: Tensor) -> Tensor:
        """Latents [B, D, T] -> what is seen of their rows, [B, T * rows_a_frame, 3, bands]; `white` as in `forward`."""
        loudness = loudness_of(latents[:, 0])
        shape = self.components(latents[:, 1:].transpose(1, 2))
        told = postfiltered(seen_of_frames(Frames(loudness, shape), self.rows_a_frame), loudness)
        if self.detail is not None:
            chance = white.reshape(*told.shape[:2], -1)[..., :CHANCES]
            told = self.detail(told, loudness, chance)
        is_silent = (loudness < SILENT_DB - STEP_DB / 2).repeat_interleave(self.rows_a_frame, dim=1)
        lowest = (LOWEST_SEEN_DB - MIDDLE_DB) / SPREAD_DB
        heard: Tensor = as_loud_as(told.float(), loudness).masked_fill(is_silent[..., None, None], lowest)
        return heard

    def noise_of(self, codes: Tensor, first_frame: int = 0) -> Tensor:
        """The noise [B, T * hop] of codes [B, K, T] as a function of themselves and of their place in the take.

        So a take's bytes follow from its tokens, a chunk equals the whole, and no two takes share their noise, which
        would comb where they overlap.

        Args:
            first_frame: which frame of the take the codes begin with.
        """
        drawn = [
            _noise_of_frame(codes_of_frame, first_frame + number, self.hop_length)
            for row in codes.cpu().to(torch.int32)
            for number, codes_of_frame in enumerate(row.t())
        ]
        return torch.stack(drawn).view(len(codes), -1).to(self.components.weight.device)


@torch.no_grad()
def set_components(encoder: BandEncoder, decoder: BandDecoder, seen: Tensor) -> None:
    """Give both ends the principal components of a pool of frames' shapes.

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
    decoder.components.weight.copy_(largest)
    decoder.components.bias.copy_(mean)


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


def _noise_of_frame(codes: Tensor, frame: int, count: int) -> Tensor:
    """[count], normal, from a frame's codes [K] and its number."""
    seed = zlib.crc32(codes.contiguous().numpy().tobytes() + frame.to_bytes(8, "little", signed=True))
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))
