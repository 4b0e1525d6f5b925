"""What each preset trains with. `foleygen` is the paper (arXiv 2309.10537, section 4.2), the others are ours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from engine.config import FOLEY_TINY, FOLEYGEN, FOLEYGEN_SYNC, CodecConfig, LMConfig, ModelConfig
from engine.errors import RequestError
from engine.training.band_codec import BandCodecSearch
from engine.training.batches import Cropping
from engine.training.codec import CodecTraining
from engine.training.codec_run import AnyCodecTraining
from engine.training.crops import CropConfig
from engine.training.decoder import DecoderTraining
from engine.training.lm import LMTraining


@dataclass(frozen=True)
class LMPreset:
    """A model's shape and how it is trained. The paper's model knows no labels, whatever the set has."""

    model: ModelConfig
    training: LMTraining
    takes_labels: bool = True


PAPER = LMTraining(
    steps=20_000,
    # Crops of 1 to 10 s, since a take of more than 10 s goes on mid-sound; the picture alone is dropped, with p = 0.1.
    cropping=Cropping(rows=256, min_s=1.0, max_s=10.0, on_pictures=True, drop_all=0.1, drop_visual=0.0),
    learning_rate=1e-4,
    final_share=0.0,
    warmup_steps=4_000,
    weight_decay=0.1,
    ema_decay=0.999,
    log_every=50,
    checkpoint_every=500,
    example_every=1_000,
)
PAPER_SYNC = replace(PAPER, cropping=replace(PAPER.cropping, drop_visual=0.1))
"""Each condition is dropped alone, too."""

TINY = LMTraining(
    steps=16_000,
    cropping=Cropping(frames_per_step=24_000),
    learning_rate=8e-4,
    warmup_steps=400,
    ema_decay=0.999,
    log_every=100,
    checkpoint_every=1_000,
    workers=4,
)
"""The default model's, on one GPU."""

LM_PRESETS = {
    "foleygen": LMPreset(FOLEYGEN, PAPER, takes_labels=False),
    "foleygen-sync": LMPreset(FOLEYGEN_SYNC, PAPER_SYNC),
    "foley-tiny": LMPreset(FOLEY_TINY, TINY),
}

ENCODEC = CodecTraining(
    steps=600_000,
    batch=64,
    crops=CropConfig(num_samples=16_000),
    learning_rate=3e-4,
    warmup_steps=1_000,
    ema_decay=0.999,
    kmeans_step=2_000,
    waveform_steps=20_000,
    log_every=100,
    validate_every=2_000,
    checkpoint_every=2_000,
)
"""Batch, crops, steps and rate of EnCodec (arXiv 2210.13438, section 4.4)."""

ENCODEC_DECODER = DecoderTraining(
    steps=100_000,
    batch=64,
    crops=CropConfig(num_samples=16_000),
    ema_decay=0.999,
    n_ffts=(2048, 1024, 512, 256, 128),
    discriminator_filters=32,
    quiet_steps=500,
    log_every=100,
    checkpoint_every=1_000,
)
"""Of a SEANet codec. Discriminator, batch, crops and rate are EnCodec's (sections 3.4, 4.4), which has it all along;
how many steps come after the codec's own is ours."""
TINY_CODEC = BandCodecSearch()

CODEC_PRESETS: dict[str, tuple[CodecConfig, AnyCodecTraining]] = {
    "foleygen": (FOLEYGEN.codec, ENCODEC),
    "foley-tiny": (FOLEY_TINY.codec, TINY_CODEC),
}


def lm_preset(name: str) -> LMPreset:
    """
    Raises:
        RequestError: there is none of that name.
    """
    if name not in LM_PRESETS:
        raise RequestError(f"There is no preset {name}: choose {', '.join(LM_PRESETS)}.")
    return LM_PRESETS[name]


def codec_preset(name: str) -> tuple[CodecConfig, AnyCodecTraining]:
    """
    Raises:
        RequestError: there is none of that name.
    """
    if name not in CODEC_PRESETS:
        raise RequestError(f"There is no codec preset {name}: choose {', '.join(CODEC_PRESETS)}.")
    return CODEC_PRESETS[name]


def fitted(
    config: LMConfig,
    *,
    labels: tuple[str, ...],
    visual_dim: int,
    prompt_dim: int | None,
    num_codebooks: int,
    codebook_size: int,
) -> LMConfig:
    """A preset's language model for a set of clips; it takes prompts where preset and set have them."""
    return msgspec.structs.replace(
        config,
        labels=labels,
        visual_dim=visual_dim,
        prompt_dim=None if config.prompt_dim is None else prompt_dim,
        num_codebooks=num_codebooks,
        codebook_size=codebook_size,
    )
