"""Which decoder a machine gets for a type of weights, and its weights read straight into that type."""

from __future__ import annotations

import os

import msgspec
from torch import nn

from engine.config import CodecConfig, LMConfig
from engine.errors import CheckpointCorrupt
from engine.lm.decoding.decoder import Decoder, TorchDecoder
from engine.lm.decoding.fallback import narrow_blocks
from engine.lm.decoding.narrowing import (
    DEFAULT_DTYPE,
    ReadTensor,
    WeightType,
    multiplies_bfloat16,
    weight_type,
)
from engine.lm.model import LanguageModel

BLOCK_PREFIXES = ("blocks.", "norm.", "heads.")
"""What a decoder packs for itself; the rest are embeddings and condition encoders."""


def has_kernels(config: LMConfig) -> bool:
    """Whether this machine compiles the own kernels, and this model's matrices fit them."""
    from engine.lm.decoding.native.machine import can_compile

    head = config.dim // config.num_heads
    fits = head % 16 == 0 and config.num_codebooks * config.codebook_size % 16 == 0
    return fits and can_compile()


def dtype_for(config: LMConfig, said: str | None = None, *, device: str = "cpu") -> WeightType:
    """The type of weights that somebody said, else FOLEY_DTYPE, else the quickest that this machine has.

    Without own kernels that is not int8, whose matrices PyTorch's operators widen at each use.

    Raises:
        RequestError: there is no such type.
    """
    said = said or os.environ.get("FOLEY_DTYPE")
    if said:
        return weight_type(said)
    if device != "cpu" or has_kernels(config):
        return DEFAULT_DTYPE
    return "bfloat16" if multiplies_bfloat16() else "float32"


def open_decoder(
    config: LMConfig,
    codec: CodecConfig,
    read: ReadTensor,
    dtype: WeightType,
    *,
    num_threads: int | None = None,
    own_kernels: bool | None = None,
) -> Decoder:
    """A decoder whose blocks hold weights of `dtype` alone; tensors are read one at a time.

    Args:
        num_threads: of the own kernels; None takes PyTorch's number.
        own_kernels: None takes them where there are any.
    """
    conditions = conditions_alone(config, codec, read)
    if own_kernels if own_kernels is not None else has_kernels(config):
        from engine.lm.decoding.native.decoder import NativeDecoder

        return NativeDecoder(conditions, read, dtype, num_threads=num_threads)
    return TorchDecoder(narrow_blocks(conditions, read, dtype), conditions=conditions, dtype=dtype)


def decoder_of(
    lm: LanguageModel,
    dtype: WeightType = "float32",
    *,
    num_threads: int | None = None,
    own_kernels: bool | None = None,
) -> Decoder:
    """A decoder with the weights of a model in memory."""
    tensors = lm.state_dict()
    codec = CodecConfig(sample_rate=lm.frame_rate, strides=(1,))  # the frame rate is all that counts here
    return open_decoder(
        lm.config, codec, tensors.__getitem__, dtype, num_threads=num_threads, own_kernels=own_kernels
    )


def conditions_alone(config: LMConfig, codec: CodecConfig, read: ReadTensor) -> LanguageModel:
    """The model's embeddings and condition encoders, without blocks and heads.

    In float32, but for the codes' embeddings, which stay as they are stored: a step takes few rows of many.
    """
    # Not on the meta device: its first use loads a hundred megabytes of PyTorch that nothing else here needs.
    lm = LanguageModel(msgspec.structs.replace(config, num_layers=0, codebook_size=1), codec)
    rows = config.num_codebooks * (config.codebook_size + 1)
    lm.config = config
    del lm.heads
    table = read("embed.weight")
    if table.shape != (rows, config.dim):
        raise CheckpointCorrupt(
            f"The model's embeddings of codes are {tuple(table.shape)}, not {(rows, config.dim)} as its config says: "
            "install the model again."
        )
    lm.embed = nn.Embedding(rows, config.dim, _weight=table.detach())
    names = [name for name in lm.state_dict() if not name.startswith((*BLOCK_PREFIXES, "embed."))]
    lm.load_state_dict({name: read(name).float() for name in names}, strict=False, assign=True)
    return lm.eval().requires_grad_(False)
