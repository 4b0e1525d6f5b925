"""EnCodec (arXiv 2210.13438) at 16 kHz from the encodec package's modules.

What a language model needs of a codec is `encode`, `decode`, `frame_rate`, `num_codebooks`; nothing more is
public.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from encodec.modules.seanet import SEANetDecoder, SEANetEncoder
from torch import Tensor, nn

from engine.codec.bands import BandDecoder, BandEncoder, loudness_first
from engine.codec.quantizer import ResidualVectorQuantizer
from engine.codec.rows import RowDecoder
from engine.config import CodecConfig

SEANET_REACH_FRAMES = 8
"""Without an LSTM 4 frames of context make a chunk equal to the whole; twice that is cheap."""
TRAINING_ONLY = ("quantizer.cluster_size", "quantizer.embed_sum")
"""Tensors that neither encoding nor decoding needs."""
ENCODING_ONLY = ("encoder.", "quantizer.switch_cost")
"""How the names of tensors begin that decoding does not need."""
WIDE_FILTERS = 64
"""A narrower codec, such as the default model's, gains too little by bfloat16 to give up its exactness."""


def shapes_tokens(name: str) -> bool:
    """Whether tokens depend on the tensor of this name: what makes a codec another one."""
    return name.startswith(ENCODING_ONLY) or name == "quantizer.embed"


class Encodec(nn.Module):
    """SEANet's encoder and decoder, or those of bands, and a residual vector quantiser between them; mono."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        seanet: dict[str, Any] = {
            "channels": 1,
            "dimension": config.latent_dim,
            "n_filters": config.num_filters,
            "n_residual_layers": config.num_residual_layers,
            "pad_mode": config.pad_mode,
            "activation": config.activation,
            "activation_params": {"alpha": 1.0} if config.activation == "ELU" else {},
            # The package's encoder reverses the ratios itself: both sides take the decoder's order.
            "ratios": list(reversed(config.strides)),
            "lstm": config.num_lstm_layers,
            # Weight norm only shapes training; ours starts from a variance-preserving init without it.
            "norm": "weight_norm" if config.num_lstm_layers else "none",
        }
        with warnings.catch_warnings():
            # The package's weight norm is torch's deprecated one; real checkpoints have its names.
            warnings.simplefilter("ignore", FutureWarning)
            self.encoder: nn.Module = SEANetEncoder(**seanet) if config.bands is None else BandEncoder(config)
            self.decoder: nn.Module = SEANetDecoder(**seanet) if config.bands is None else BandDecoder(config)
        self.quantizer = (
            ResidualVectorQuantizer(config.num_codebooks, config.codebook_size, config.latent_dim)
            if config.bands is None
            else loudness_first(config)
        )
        self._by_rows: RowDecoder | None = None

    @property
    def frame_rate(self) -> int:
        return self.config.frame_rate

    @property
    def num_codebooks(self) -> int:
        return self.config.num_codebooks

    def encode(self, wav: Tensor) -> Tensor:
        """wav [B, 1, T_samples] -> codes [B, K, ceil(T_samples / hop)]."""
        return self.quantizer.encode(self.encoder(wav))

    @property
    def reach_frames(self) -> int:
        """Frames of context on both sides that make a chunk equal to the whole; of no use with an LSTM."""
        decoder = self.decoder
        return decoder.reach_frames if isinstance(decoder, BandDecoder) else SEANET_REACH_FRAMES

    def decode(self, codes: Tensor, first_frame: int = 0) -> Tensor:
        """codes [B, K, T] -> wav [B, 1, T * hop], on the codes' device wherever the codec computes.

        Args:
            first_frame: which frame of the take the codes begin with; its noise, where there is any, follows from it.
        """
        here = codes.to(self.quantizer.embed.device)
        latents = self.quantizer.decode(here)
        if isinstance(self.decoder, BandDecoder):
            noise = self.decoder.noise_of(codes, first_frame)
            drawn: Tensor = self.decoder(latents, noise, first_frame * self.decoder.hop_length)
            return drawn.to(codes.device)
        if self._by_rows is not None:
            # One after the other: side by side they are slower on a CPU.
            return torch.stack([self._by_rows(each)[None] for each in latents.transpose(1, 2)])
        wav: Tensor = self.decoder(latents)
        return wav.to(codes.device)

    def decode_as(self, other: Encodec) -> None:
        """Take the codebooks and the decoder of another codec of this shape, however it keeps them."""
        self.quantizer.embed.copy_(other.quantizer.embed)
        self.decoder, self._by_rows = other.decoder, other._by_rows

    def keep_for_decoding(self, *, may_narrow: bool = False) -> None:
        """From now on decode only: the weights are final, and the encoder's are let go.

        SEANet's decoder then works by `RowDecoder`, on a CPU; one of bands stays as it is.

        Args:
            may_narrow: whether a wide codec should compute in bfloat16.
        """
        self.encoder = nn.Identity()
        if isinstance(self.decoder, BandDecoder):
            return
        assert isinstance(self.decoder, SEANetDecoder), "kept once"
        is_narrow = may_narrow and self.config.num_filters >= WIDE_FILTERS
        self._by_rows = RowDecoder(self.decoder, torch.bfloat16 if is_narrow else torch.float32)
        self.decoder = nn.Identity()

    @property
    def decoding_dtype(self) -> str:
        """What the waveform is computed in."""
        return "float32" if self._by_rows is None else str(self._by_rows.dtype).removeprefix("torch.")


@torch.no_grad()
def preserve_variance(module: nn.Module, *, gain: float = 1.6) -> None:
    """Start every convolution so that a signal neither grows nor dies on its way through.

    PyTorch's default shrinks it layer by layer until the biases rule and the latent no longer depends on the
    input. Weights are normal with variance gain / fan-in; a transposed convolution of stride s sees
    kernel / s taps an output sample.
    """
    for part in module.modules():
        if not isinstance(part, nn.Conv1d | nn.ConvTranspose1d) or part.groups > 1:
            continue
        taps = part.kernel_size[0] / (part.stride[0] if isinstance(part, nn.ConvTranspose1d) else 1)
        deviation = math.sqrt(gain / (part.in_channels * taps))
        tensors = dict(part.named_parameters(recurse=False))
        if "weight_v" in tensors:
            direction = tensors["weight_v"].normal_(0, deviation)
            tensors["weight_g"].copy_(direction.norm(dim=tuple(range(1, direction.dim())), keepdim=True))
        else:
            part.weight.normal_(0, deviation)
        if part.bias is not None:
            part.bias.zero_()
