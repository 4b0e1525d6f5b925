"""What training a SEANet codec costs, and its decoder against the discriminator; see `engine.training.cost`.

Spectrograms, losses and what starts the codebooks are left out, as all Fourier transforms and elementwise work are.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.config import CodecConfig
from engine.training.adversary import HOPS_A_WINDOW
from engine.training.codec import CodecTraining
from engine.training.cost import EDGE_KERNEL, linear_flops, seanet_flops, search_flops
from engine.training.decoder import DecoderTraining

RIVAL_KERNEL, RIVAL_EDGE_KERNEL = (3, 9), (3, 3)
RIVAL_STRIDES = (1, 2, 2, 2)
"""The discriminator's convolutions over frames and bins (EnCodec, arXiv 2210.13438, figure 2); small ones follow."""


def codec_crop_flops(config: CodecConfig, num_samples: int, *, quantizing: bool) -> int:
    """A crop of a training step, forward and backward."""
    # The wave needs no gradient, nor does what either LSTM begins with; the search in the codebooks has none.
    unneeded = linear_flops(num_samples, EDGE_KERNEL, config.num_filters) + 2 * _beginning_flops(config)
    search = search_flops(config, num_samples // config.hop_length) if quantizing else 0
    return 6 * seanet_flops(config, num_samples) - unneeded + search


def codec_run_flops(config: CodecConfig, training: CodecTraining) -> int:
    """A whole training of the codec; the quantiser comes in at `kmeans_step`."""
    plain, quantizing = (
        codec_crop_flops(config, training.crops.num_samples, quantizing=is_so) for is_so in (False, True)
    )
    before = min(training.steps, training.kmeans_step)
    return training.batch * (before * plain + (training.steps - before) * quantizing)


@dataclass(frozen=True)
class RivalFlops:
    """Operations of the discriminator on one crop: all of it, and its first and last convolutions, one a window."""

    forward: int
    first: int
    last: int

    @property
    def learning(self) -> int:
        """Telling a crop from what became of it; neither needs a gradient."""
        return 2 * (3 * self.forward - self.first)

    @property
    def speaking(self) -> int:
        """Both are judged, then verdict and features each lead back to the output; no weight needs a gradient."""
        return 2 * self.forward + self.forward + (self.forward - self.last)


def rival_flops(filters: int, n_ffts: tuple[int, ...], num_samples: int) -> RivalFlops:
    """Of the multi-scale STFT discriminator."""
    scales = [_scale_flops(filters, n_fft, num_samples) for n_fft in n_ffts]
    return RivalFlops(
        forward=sum(sum(layers) for layers in scales),
        first=sum(layers[0] for layers in scales),
        last=sum(layers[-1] for layers in scales),
    )


def decoder_crop_flops(
    config: CodecConfig, training: DecoderTraining, *, learning: bool = True, heard: bool = True
) -> int:
    """A crop of a step of the decoder's training; `learning`: there is a discriminator, `heard`: it is heard."""
    num_samples = training.crops.num_samples
    frames = num_samples // config.hop_length
    # The tokens' vectors need no gradient.
    unneeded = linear_flops(frames, EDGE_KERNEL * config.latent_dim, _width(config)) + _beginning_flops(
        config
    )
    total = 4 * seanet_flops(config, num_samples) - unneeded + search_flops(config, frames)
    rival = rival_flops(training.discriminator_filters, training.n_ffts, num_samples)
    return total + learning * rival.learning + (learning and heard) * rival.speaking


def decoder_run_flops(config: CodecConfig, training: DecoderTraining) -> int:
    """A whole training of the decoder; the discriminator is heard after `quiet_steps`."""
    quiet, heard = (
        decoder_crop_flops(config, training, learning=training.has_rival, heard=is_so)
        for is_so in (False, True)
    )
    before = min(training.steps, training.quiet_steps)
    return training.batch * (before * quiet + (training.steps - before) * heard)


def _width(config: CodecConfig) -> int:
    """Of SEANet where it is widest, where its LSTM stands."""
    return config.num_filters << len(config.strides)


def _beginning_flops(config: CodecConfig) -> int:
    """A gradient of what an LSTM's layers begin with."""
    return config.num_lstm_layers * linear_flops(1, _width(config), 4 * _width(config))


def _scale_flops(filters: int, n_fft: int, num_samples: int) -> list[int]:
    """Its convolutions' operations, in their order."""
    frames, bins = (num_samples - n_fft) // (n_fft // HOPS_A_WINDOW) + 1, n_fft // 2 + 1
    layers, channels = [], 2
    for stride in RIVAL_STRIDES:
        bins = (bins - 1) // stride + 1
        layers.append(linear_flops(frames * bins, RIVAL_KERNEL[0] * RIVAL_KERNEL[1] * channels, filters))
        channels = filters
    edge = RIVAL_EDGE_KERNEL[0] * RIVAL_EDGE_KERNEL[1] * filters
    return [*layers, linear_flops(frames * bins, edge, filters), linear_flops(frames * bins, edge, 1)]
