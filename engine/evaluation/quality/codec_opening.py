"""The codec as it ships, able to encode: a training run's encoder before the shipped codebooks and decoder."""

from __future__ import annotations

from pathlib import Path

from engine.codec.encodec import Encodec
from engine.errors import CheckpointCorrupt
from engine.training.prepare.tools import open_codec

CODEBOOK_TOLERANCE = 2e-3
"""Of the codebooks' deviation: the shipped ones are rounded to 16 bits."""


def codec_as_shipped(folder: Path, shipped: Encodec | None) -> Encodec:
    """
    Args:
        folder: a codec's training run, or a model folder whose codec holds its encoder too.
        shipped: the model's codec, whose codebooks and decoder are taken; None for the folder's own.

    Raises:
        CheckpointNotFound: there is no codec in the folder that can encode.
        CheckpointCorrupt: it is not the one that the model's tokens were made with.
        DataError: it makes tokens at another rate than the intensity curve has.
    """
    codec = open_codec(folder)
    if shipped is None:
        return codec
    ours, theirs = codec.quantizer.embed, shipped.quantizer.embed
    if ours.shape != theirs.shape or codec.config.hop_length != shipped.config.hop_length:
        raise CheckpointCorrupt(
            f"The codec in {folder} has another shape than the model's: give the one it has."
        )
    if float((ours - theirs).abs().mean()) > CODEBOOK_TOLERANCE * float(ours.std()):
        raise CheckpointCorrupt(
            f"The codec in {folder} has other codebooks than the model: give the one that made its tokens."
        )
    codec.decode_as(shipped)
    return codec
