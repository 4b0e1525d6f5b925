"""Frozen configurations and the two presets. Every derived number is a property, computed once here."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

VisualAttention = Literal["all-frame", "causal", "frame-wise"]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]

PREROLL_CODEBOOKS = 4
"""T = ceil(50 x duration) + 4 frames a take, so that the delay pattern's last codebook is complete."""


class BandsConfig(Struct, frozen=True):
    """A codec whose two ends see sines and noise in bands: see `engine.codec.bands`."""

    num_bands: int = 64
    rows_a_frame: int = 4
    detail_width: int = 0
    """Of the network beside the components (`engine.codec.detail`); 0 for none."""


class CodecConfig(Struct, frozen=True):
    """EnCodec (arXiv 2210.13438) at 16 kHz, as FoleyGen uses it (arXiv 2309.10537, section 3.1)."""

    sample_rate: int = 16000
    strides: tuple[int, ...] = (2, 4, 5, 8)
    """Encoder strides, first to last."""
    num_codebooks: int = 4
    codebook_size: int = 2048
    latent_dim: int = 128
    num_filters: int = 64
    num_lstm_layers: int = 2
    num_residual_layers: int = 1
    pad_mode: Literal["reflect", "constant"] = "reflect"
    activation: Literal["ELU", "SiLU"] = "ELU"
    """EnCodec has ELU; on a CPU SiLU runs fifteen times faster in torch 2.11."""
    bands: BandsConfig | None = None
    """Encoder and decoder, where they are not EnCodec's own; filters, LSTM and activation are then of no use."""

    @property
    def hop_length(self) -> int:
        """Samples a codec frame."""
        return math.prod(self.strides)

    @property
    def frame_rate(self) -> int:
        """Codec frames a second, exact."""
        rate, rest = divmod(self.sample_rate, self.hop_length)
        assert rest == 0
        return rate


class SyncConfig(Struct, frozen=True):
    """The sync track: see `engine.lm.sync`."""

    num_channels: int = 6
    kernel_radius_frames: int = 12
    decay_s: float = 0.1
    horizon_s: float = 0.5


class LMConfig(Struct, frozen=True):
    """The decoder-only Transformer with the delay pattern (MusicGen, arXiv 2306.05284)."""

    num_layers: AtLeastOne = 24
    num_heads: AtLeastOne = 16
    dim: AtLeastOne = 1024
    ffn_mult: AtLeastOne = 4
    num_codebooks: int = 4
    codebook_size: int = 2048
    visual_dim: int = 512
    visual_attention: VisualAttention = "all-frame"
    labels: tuple[str, ...] = ()
    prompt_dim: int | None = None
    """Width of a sound prompt's text embedding; None where the model takes no prompt."""
    sync: SyncConfig | None = SyncConfig()

    def __post_init__(self) -> None:
        if self.dim % self.num_heads:
            raise ValueError(f"{self.num_heads} heads cannot share a dim of {self.dim} equally")

    @property
    def pad_id(self) -> int:
        """Start and padding id, one past the last code."""
        return self.codebook_size


class WindowConfig(Struct, frozen=True):
    """Long takes: 10 s windows, advancing 8 s, primed with the last 100 frames."""

    window_frames: int = 500
    stride_frames: int = 400

    @property
    def prime_frames(self) -> int:
        return self.window_frames - self.stride_frames


class MotionConfig(Struct, frozen=True):
    """One motion network."""

    channels: int = 96
    look_channels: tuple[int, int, int] = (16, 32, 48)
    """Of the convolutions over space."""
    place_dilations: tuple[int, ...] = ()
    """Of the convolutions over time at each place, before places are pooled."""
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    """Of the convolutions over time after it."""


class SpotterConfig(Struct, frozen=True):
    """Grey frames of the picture as played, resampled to one rate, and the motion networks that look at them."""

    width: int = 48
    height: int = 36
    frame_rate: int = 30
    nets: Annotated[tuple[MotionConfig, ...], msgspec.Meta(min_length=1)] = (MotionConfig(),)


class TowerConfig(Struct, frozen=True, tag_field="kind", tag="tower"):
    """The default model's own image tower.

    `weights`, here and in the configs below, is a path, from the folder of the model that names it.
    """

    image_size: int = 64
    dim: int = 128
    labels: tuple[str, ...] = ()
    weights: str = "tower.safetensors"


class ClipConfig(Struct, frozen=True, tag_field="kind", tag="clip"):
    """CLIP: open_clip's architecture, and a file of its weights or one of its tags that is on this machine.

    OpenAI's own weights want the architectures that are called `-quickgelu`.
    """

    architecture: str
    weights: str


class VitConfig(Struct, frozen=True, tag_field="kind", tag="vit"):
    """A vision Transformer, or any other image network, by timm's name, and a file of its weights."""

    architecture: str
    weights: str


class VideoMaeConfig(Struct, frozen=True, tag_field="kind", tag="videomae"):
    """VideoMAE: a folder with `config.json` and `model.safetensors`, as on the Hugging Face hub."""

    weights: str


class ImageBindConfig(Struct, frozen=True, tag_field="kind", tag="imagebind"):
    """ImageBind's image tower: the public checkpoint of all its towers, or a safetensors file with its names."""

    weights: str


EncoderConfig = TowerConfig | ClipConfig | VitConfig | VideoMaeConfig | ImageBindConfig
"""The visual encoders that `engine.visual.encoders` can open."""


def from_anywhere(encoder: EncoderConfig) -> EncoderConfig:
    """The same with its weights found from any folder: their path absolute, where there is one; a tag stays a tag."""
    weights = Path(encoder.weights)
    return msgspec.structs.replace(encoder, weights=str(weights.absolute())) if weights.exists() else encoder


class ModelConfig(Struct, frozen=True):
    """All parts of one model, as written beside its weights."""

    name: str
    codec: CodecConfig
    lm: LMConfig
    spotter: SpotterConfig = SpotterConfig()
    encoder: EncoderConfig | None = None
    """The model's eyes; None where they come from elsewhere, as in a training on features that are there."""
    continuous_labels: tuple[str, ...] = ()
    """Labels that sound on and on; the others are points, made of hits."""
    windows: WindowConfig = WindowConfig()

    @property
    def tower(self) -> TowerConfig | None:
        """The encoder, where it is the default model's."""
        return self.encoder if isinstance(self.encoder, TowerConfig) else None


FOLEYGEN = ModelConfig(
    name="foleygen",
    codec=CodecConfig(),
    lm=LMConfig(sync=None),
    encoder=ClipConfig("ViT-B-32-quickgelu", "openai"),
)
FOLEYGEN_SYNC = msgspec.structs.replace(FOLEYGEN, name="foleygen-sync", lm=LMConfig(prompt_dim=512))
"""The paper's model with what this project adds: the sync track, labels and sound prompts."""
FOLEY_TINY = ModelConfig(
    name="foley-tiny",
    codec=CodecConfig(
        sample_rate=48000,
        strides=(4, 5, 6, 8),
        num_codebooks=6,
        codebook_size=512,
        latent_dim=96,
        num_lstm_layers=0,
        bands=BandsConfig(detail_width=128),
    ),
    lm=LMConfig(num_layers=6, num_heads=4, dim=256, num_codebooks=6, codebook_size=512, visual_dim=128),
    encoder=TowerConfig(),
)
PRESETS = {preset.name: preset for preset in (FOLEYGEN, FOLEYGEN_SYNC, FOLEY_TINY)}
