"""What a training and a take cost: floating-point operations from the configs alone, and what follows from them.

Operations are those of matrix products and convolutions, a multiplication and an addition counted as two, as
PyTorch's FlopCounterMode counts them (the tests hold the two equal). Attention is counted as the whole square; a
causal flash kernel does about half of that part. Elementwise work, Fourier transforms and the losses are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.codec.bands import sines_and_noise
from engine.codec.detail import CHANCES, KERNEL_ROWS, NUM_LAYERS
from engine.codec.gain_shape import ASPECTS
from engine.codec.settling import GROUP
from engine.codec.sines_and_noise import PLACES, WINDOWS
from engine.config import BandsConfig, CodecConfig, LMConfig, WindowConfig
from engine.lm.windows import ROWS_PER_UNIT, plan_windows
from engine.training.batches import Cropping
from engine.training.lm import LMTraining

RESIDUAL_KERNEL = 3
EDGE_KERNEL = 7
"""Kernels of SEANet's residual units and of its first and last convolution."""
STATE_BYTES = 20
"""A parameter in fp32, its gradient, AdamW's two moments, the average."""
BLOCK_BYTES = 36
"""What a block keeps of each position for the backward pass under bf16 autocast, in bytes a channel."""
LOGIT_BYTES = 10
"""A logit in bf16, its float32 copy, its logarithmic softmax."""


def linear_flops(rows: int, inputs: int, outputs: int) -> int:
    return 2 * rows * inputs * outputs


@dataclass(frozen=True)
class PassFlops:
    """Operations of one pass. `unneeded` is what a backward pass spares: gradients of data."""

    forward: int
    unneeded: int
    blocks: int

    @property
    def backward(self) -> int:
        return 2 * self.forward - self.unneeded

    def step(self, *, recompute: bool = False) -> int:
        """Forward and backward; with activation checkpointing the blocks' forward twice."""
        return self.forward + self.backward + (self.blocks if recompute else 0)


def lm_pass(config: LMConfig, frame_rate: int, *, rows: int, num_frames: int) -> PassFlops:
    """One teacher-forced pass over `rows` windows of `num_frames` codec frames."""
    steps = num_frames + config.num_codebooks - 1
    features = math.ceil(num_frames / frame_rate)
    visual, added, entered = _condition_flops(config, rows, num_frames, features)
    positions = features + steps
    blocks = _blocks_flops(config, rows * positions, rows * positions * positions)
    heads = linear_flops(rows * steps, config.dim, config.num_codebooks * config.codebook_size)
    return PassFlops(visual + added + blocks + heads, visual + entered, blocks)


def take_flops(config: LMConfig, frame_rate: int, num_frames: int, windows: WindowConfig) -> int:
    """Generating one take with guidance and a cache of keys and values."""
    return sum(
        _window_flops(config, frame_rate, window.length, window.prime)
        for window in plan_windows(num_frames, windows)
    )


def lm_parameters(config: LMConfig) -> int:
    """How many numbers a language model learns."""
    dim, books = config.dim, config.num_codebooks
    total = books * (config.codebook_size + 1) * dim + books * config.codebook_size * dim
    total += config.visual_dim * dim + 2 * dim
    total += (len(config.labels) + 1) * dim if config.labels else 0
    total += (config.prompt_dim + 2) * dim if config.prompt_dim else 0
    if config.sync is not None:
        kernel = 2 * config.sync.kernel_radius_frames + 1
        total += (config.sync.num_channels * kernel + 1) * dim + (dim + 1) * dim + dim
    return total + config.num_layers * ((4 + 2 * config.ffn_mult) * dim * dim + 4 * dim) + 2 * dim


def lm_memory_bytes(
    config: LMConfig, frame_rate: int, *, rows: int, num_frames: int, recompute: bool = False
) -> tuple[int, int]:
    """(state, activations) of a step on one device; activations within a fifth (see the tests)."""
    steps = num_frames + config.num_codebooks - 1
    positions = rows * (math.ceil(num_frames / frame_rate) + steps)
    block = BLOCK_BYTES * config.dim * positions
    kept = 4 * config.dim * positions * config.num_layers + block if recompute else block * config.num_layers
    logits = LOGIT_BYTES * rows * steps * config.num_codebooks * config.codebook_size
    return STATE_BYTES * lm_parameters(config), kept + logits


def encode_flops(config: CodecConfig, num_samples: int) -> int:
    """Wave of a whole number of frames to tokens, the search in the codebooks included."""
    frames = num_samples // config.hop_length
    if config.bands is None:
        return seanet_flops(config, num_samples) + search_flops(config, frames)
    return _analysis_flops(config, frames) + _band_encoder(config, config.bands, frames)


def seanet_flops(config: CodecConfig, num_samples: int) -> int:
    """SEANet's encoder; its own decoder takes as many operations."""
    length, width = num_samples, config.num_filters
    total = linear_flops(length, EDGE_KERNEL, width)
    for stride in config.strides:
        unit = RESIDUAL_KERNEL * width * (width // 2) + (width // 2) * width + width * width
        total += 2 * length * unit * config.num_residual_layers
        length //= stride
        total += linear_flops(length, 2 * stride * width, 2 * width)
        width *= 2
    total += config.num_lstm_layers * 2 * linear_flops(length, width, 4 * width)
    return total + linear_flops(length, EDGE_KERNEL * width, config.latent_dim)


def decoder_flops(config: CodecConfig, num_samples: int) -> int:
    """Latents to wave."""
    if config.bands is None:
        return seanet_flops(config, num_samples)
    frames = num_samples // config.hop_length
    width = config.bands.rows_a_frame * ASPECTS * config.bands.num_bands
    components = linear_flops(frames, config.latent_dim - 1, width)
    return components + _detail_flops(config.bands, frames) + _synthesis_flops(config, frames)


def _band_encoder(config: CodecConfig, bands: BandsConfig, frames: int) -> int:
    """Rows to components to codes."""
    width = bands.rows_a_frame * ASPECTS * bands.num_bands
    return linear_flops(frames, width, config.latent_dim - 1) + search_flops(config, frames)


def _detail_flops(bands: BandsConfig, frames: int) -> int:
    """Convolutions over rows."""
    if not bands.detail_width:
        return 0
    rows, width = frames * bands.rows_a_frame, bands.detail_width
    inputs = ASPECTS * bands.num_bands + 1 + CHANCES + (NUM_LAYERS - 1) * width
    return linear_flops(rows, KERNEL_ROWS * inputs, width) + linear_flops(rows, width, 2 * bands.num_bands)


def search_flops(config: CodecConfig, frames: int) -> int:
    """For the nearest code of each codebook."""
    return config.num_codebooks * linear_flops(frames, config.latent_dim, config.codebook_size)


def _analysis_flops(config: CodecConfig, frames: int) -> int:
    """Powers to bands, once a window, the shortest's to groups of them, and twice to the bands of sines."""
    assert config.bands is not None
    rows, bands = frames * config.bands.rows_a_frame, config.bands.num_bands
    bins = sum(n // 2 + 1 for n in WINDOWS) + 2 * sines_and_noise(config).num_sine_bins
    return linear_flops(rows, bins, bands) + linear_flops(rows, WINDOWS[0] // 2 + 1, bands // GROUP)


def _synthesis_flops(config: CodecConfig, frames: int) -> int:
    """Sines: each stretch between rows' middles, and one at either end, is four products. Noise: its lows' envelope."""
    assert config.bands is not None
    sound, rows = sines_and_noise(config), frames * config.bands.rows_a_frame
    envelope = linear_flops(rows, 2 * (WINDOWS[-1] // (2 * sound.row_length)) + 1, 1)
    return 4 * linear_flops(rows + 1, sound.num_sines * PLACES, sound.row_length) + envelope


def vit_flops(image_size: int, patch: int, *, layers: int, width: int, output: int, mlp: int = 4) -> int:
    """One picture through a vision Transformer with a class token, projected at the end."""
    patches = (image_size // patch) ** 2
    tokens = patches + 1
    block = linear_flops(tokens, width, (4 + 2 * mlp) * width) + 4 * tokens * tokens * width
    return linear_flops(patches, 3 * patch * patch, width) + layers * block + linear_flops(1, width, output)


VITS = {
    "ViT-B-32": vit_flops(224, 32, layers=12, width=768, output=512),
    "ViT-B-16": vit_flops(224, 16, layers=12, width=768, output=512),
    "ViT-L-14": vit_flops(224, 14, layers=24, width=1024, output=768),
    "ViT-H-14": vit_flops(224, 14, layers=32, width=1280, output=1024),
}
"""Operations a picture of the usual image encoders (ImageBind's image tower is of the shape of ViT-H-14)."""


def run_flops(config: LMConfig, frame_rate: int, training: LMTraining) -> int:
    """A whole training: the mean over the lengths that crops are drawn with, times the steps."""
    shortest, longest = _lengths(training.cropping, frame_rate)
    total = 0
    for length in range(shortest, longest + 1):
        rows = training.cropping.rows or max(1, training.cropping.frames_per_step // length)
        one = lm_pass(config, frame_rate, rows=rows, num_frames=length)
        total += one.step(recompute=training.recompute)
    return total * training.steps // (longest - shortest + 1)


def _lengths(cropping: Cropping, frame_rate: int) -> tuple[int, int]:
    return round(cropping.min_s * frame_rate), round(cropping.max_s * frame_rate)


def _condition_flops(config: LMConfig, rows: int, num_frames: int, features: int) -> tuple[int, int, int]:
    """(the prefix's, what is added to the steps, the part of that whose input is data)."""
    visual = linear_flops(rows * features, config.visual_dim, config.dim)
    added = entered = 0
    if config.prompt_dim:
        entered += linear_flops(rows, config.prompt_dim, config.dim)
    if config.sync is not None:
        kernel = 2 * config.sync.kernel_radius_frames + 1
        entered += linear_flops(rows * num_frames, config.sync.num_channels * kernel, config.dim)
        added += linear_flops(rows * num_frames, config.dim, config.dim)
    return visual, added + entered, entered


def _blocks_flops(config: LMConfig, positions: int, pairs: int) -> int:
    """All blocks over so many positions, attention over so many pairs of query and key."""
    block = linear_flops(positions, config.dim, (4 + 2 * config.ffn_mult) * config.dim)
    return config.num_layers * (block + 4 * pairs * config.dim)


def _window_flops(config: LMConfig, frame_rate: int, length: int, prime: int) -> int:
    rows = ROWS_PER_UNIT
    steps = length + config.num_codebooks - 1
    features = math.ceil(length / frame_rate)
    visual, added, _ = _condition_flops(config, rows, length, features)
    first = features + prime + 1
    last = features + steps
    # The first positions together, then one after the other, each over all before it.
    pairs = first * first + sum(range(first + 1, last + 1))
    blocks = _blocks_flops(config, rows * last, rows * pairs)
    heads = linear_flops(rows * (steps - prime), config.dim, config.num_codebooks * config.codebook_size)
    return visual + added + blocks + heads
