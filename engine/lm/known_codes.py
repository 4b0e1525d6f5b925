"""Codes that come from outside, of a cast sound or of a take: whether they mean something to this model."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.config import CodecConfig
from engine.errors import RequestError
from engine.protocol import ProtocolError, Tokens


def codes_of(tokens: Tokens, codec: CodecConfig, codec_sha256: str, *, foreign: str, damaged: str) -> Tensor:
    """Codes [K, N].

    Args:
        codec_sha256: of the weights of the codec that is to decode them.
        foreign, damaged: the sentence for tokens of another codec, and for such that cannot be read.

    Raises:
        RequestError: with one of the two sentences.
    """
    is_ours = (tokens.num_codebooks, tokens.frame_rate) == (codec.num_codebooks, codec.frame_rate)
    if not is_ours or tokens.codec_sha256 != codec_sha256:
        raise RequestError(foreign)
    try:
        codes = torch.tensor(tokens.rows, dtype=torch.long)
    except ProtocolError:
        raise RequestError(damaged) from None
    if codes.numel() and int(codes.max()) >= codec.codebook_size:
        raise RequestError(damaged)
    return codes
