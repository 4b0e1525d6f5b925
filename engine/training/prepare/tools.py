"""The frozen networks that prepare clips, opened once a process, and how they are told apart."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from engine.checkpoints import CONFIG_FILE, load_into, read_model_folder, read_weights, tensors_sha256
from engine.codec.encodec import ENCODING_ONLY, TRAINING_ONLY, Encodec, shapes_tokens
from engine.config import PRESETS, CodecConfig, EncoderConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.media import onsets
from engine.media.intensity import CURVE_RATE
from engine.media.scaling import FRAMED
from engine.training.prepare.manifest import CodecIdentity, DataError, EncoderIdentity
from engine.training.state import STATE_FILE, peek_state
from engine.visual.encoder import Runtime, VisualEncoder
from engine.visual.encoders import open_encoder

DECODING_ONLY = (*ENCODING_ONLY, *TRAINING_ONLY)
"""What a shipped model's codec lacks: generation never encodes."""


@dataclass(frozen=True)
class Tools:
    """A codec that encodes and a visual encoder, both frozen."""

    codec: Encodec
    encoder: VisualEncoder
    device: str

    @classmethod
    def open(cls, codec: Path, encoder: EncoderConfig, device: str) -> Tools:
        """
        Args:
            codec: a codec's training run, or a model folder whose codec holds its encoder too.

        Raises:
            CheckpointNotFound, CheckpointCorrupt, DataError.
        """
        if device != "cpu" and not torch.cuda.is_available():
            raise DataError(f"There is no device {device!r} on this machine: leave --device out.")
        eyes = open_encoder(encoder, runtime=Runtime(device=device))
        return cls(open_codec(codec).to(device), eyes, device)

    def codec_identity(self) -> CodecIdentity:
        return identity_of(self.codec)

    def encoder_identity(self, prompt_dim: int | None) -> EncoderIdentity:
        info = self.encoder.describe()
        framing = None if info.fit == "stretch" else f"{info.fit}, {FRAMED}"
        return EncoderIdentity(
            info.name, info.weights_sha256, info.width, info.precision, prompt_dim, framing=framing
        )


def identity_of(codec: Encodec) -> CodecIdentity:
    config = codec.config
    encoding = {name: tensor for name, tensor in codec.state_dict().items() if shapes_tokens(name)}
    return CodecIdentity(
        tensors_sha256(encoding),
        config.sample_rate,
        config.frame_rate,
        config.num_codebooks,
        config.codebook_size,
    )


def open_codec(folder: Path) -> Encodec:
    """The codec of a training run or of a model folder, frozen, able to encode.

    Raises:
        CheckpointNotFound: there is none, or only one that decodes.
        CheckpointCorrupt: it is damaged, or its weights do not fit any codec that is known.
        DataError: it makes tokens at another rate than the intensity curve has.
    """
    if (folder / STATE_FILE).is_file():
        codec = _codec_of_run(folder)
    elif (folder / CONFIG_FILE).is_file():
        codec = _codec_of_model(folder)
    else:
        raise CheckpointNotFound(
            f"There is no codec in {folder}: give the folder of a codec's training run (with {STATE_FILE}), or a "
            "model folder whose codec can encode."
        )
    if codec.frame_rate != CURVE_RATE:
        raise DataError(
            f"The codec in {folder} makes {codec.frame_rate} tokens a second: give one that makes {CURVE_RATE}."
        )
    return codec.eval().requires_grad_(False)


def _codec_of_run(folder: Path) -> Encodec:
    state = peek_state(folder) or {}
    # Where a training keeps an average of the weights, that is what makes the tokens.
    tensors: dict[str, Tensor] | None = state.get("average", state.get("codec"))
    if tensors is None:
        raise CheckpointNotFound(
            f"The training run in {folder} is not a codec's: give one that `foley train codec` wrote."
        )
    try:
        codec = Encodec(_config_of_run(folder, state.get("config"), tensors))
    except (msgspec.ValidationError, AttributeError) as error:
        raise CheckpointCorrupt(
            f"The codec in {folder} has no shape that can be used ({error}): train it again."
        ) from error
    load_into(codec, tensors, what="codec")
    return codec


def _config_of_run(folder: Path, stated: object, tensors: dict[str, Tensor]) -> CodecConfig:
    """The config that the run states; for runs that state none, the preset whose tensors have these shapes."""
    if isinstance(stated, CodecConfig):
        return stated
    if isinstance(stated, dict):
        return msgspec.convert(stated, CodecConfig)
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    for preset in PRESETS.values():
        with torch.device("meta"):
            expected = {name: tensor.shape for name, tensor in Encodec(preset.codec).state_dict().items()}
        if expected == shapes:
            return preset.codec
    raise CheckpointCorrupt(
        f"The codec in {folder} is of none of the shapes {', '.join(PRESETS)}: train it again, newer runs say "
        "what shape they have."
    )


def _codec_of_model(folder: Path) -> Encodec:
    record = read_model_folder(folder)
    name = "codec.safetensors"
    tensors = read_weights(folder, name, record.weights.get(name, ""))
    if not any(tensor.startswith("encoder.") for tensor in tensors):
        raise CheckpointNotFound(
            f"The model in {folder} holds only its codec's decoder: give the folder of the codec's training run "
            f"(with {STATE_FILE}) instead."
        )
    codec = Encodec(record.model.codec)
    load_into(codec, tensors, what="codec", ignore=TRAINING_ONLY)
    return codec


def detector_sha256() -> str:
    """Of the constants by which the onset detector hears: with others, a set would have other hits."""
    numbers = sorted((name, value) for name, value in vars(onsets).items() if isinstance(value, int | float))
    packed = b"".join(name.encode() + struct.pack("<d", value) for name, value in numbers)
    return hashlib.sha256(packed).hexdigest()
