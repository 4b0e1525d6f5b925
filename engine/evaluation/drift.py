"""What narrower weights change in a trained model: its logits, and where its sounds fall.

Each scene's tokens are drawn once by the model in float32. Every decoder then reads the same tokens step by step,
and its logits are compared; and every decoder draws takes of its own from the scenes' true hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from msgspec import Struct
from torch import Tensor
from torch.nn import functional as F

from engine.evaluation.matching import mean_score
from engine.evaluation.sync import TestScene, generate_for, look_at, onsets_of
from engine.lm.decoding.decoder import Decoder
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType
from engine.lm.delay import delay
from engine.lm.generate import TakeUnit
from engine.lm.layout import lay_out
from engine.lm.sampling import guide
from engine.lm.windows import Window
from engine.media.matching import times_of
from engine.pipeline import Pipeline, load_model
from engine.protocol import Generate, Picture, Sampling
from engine.visual.sight import Sight

SAMPLING = Sampling(drafts=1)
TOLERANCE_S = 0.05


class Drift(Struct, frozen=True):
    """One type of weights beside float32.

    Attributes:
        logits_rms: of the difference of logits, over the deviation of float32's; the mean over scenes.
        guided_kl_nats: Kullback-Leibler divergence of the guided distribution from float32's, a code.
        onset_f1: of takes from the scenes' true hits, within 50 ms; the mean over scenes.
    """

    dtype: str
    backend: str
    logits_rms: float
    guided_kl_nats: float
    onset_f1: float


def measure_drift(model_folder: Path, scenes: Sequence[TestScene]) -> list[Drift]:
    """
    Raises:
        CheckpointError: the model cannot be loaded.
    """
    plain = Pipeline(load_model(model_folder))
    sights = [look_at(plain, scene.spec) for scene in scenes]
    units = [_unit(plain, scene, sight) for scene, sight in zip(scenes, sights, strict=True)]
    codes = [_drawn(plain, unit) for unit in units]
    true: list[Tensor] = []
    return [_drift(model_folder, dtype, scenes, sights, units, codes, true) for dtype in WEIGHT_TYPES]


def as_lines(drifts: Sequence[Drift]) -> list[str]:
    return [
        f"{drift.dtype:9} logits {drift.logits_rms:.4f} of their deviation, guided KL {drift.guided_kl_nats:.5f} nats, "
        f"onset F1 within 50 ms {drift.onset_f1:.3f} ({drift.backend})"
        for drift in drifts
    ]


def _drift(
    folder: Path,
    dtype: WeightType,
    scenes: Sequence[TestScene],
    sights: Sequence[Sight],
    units: Sequence[TakeUnit],
    codes: Sequence[Tensor],
    true: list[Tensor],
) -> Drift:
    """`true`: float32's logits of each scene, kept by the first call."""
    pipeline = Pipeline(load_model(folder, dtype=dtype))
    logits = [_logits(pipeline.decoder, unit, each) for unit, each in zip(units, codes, strict=True)]
    if not true:
        true.extend(logits)
    pairs = list(zip(logits, true, strict=True))
    heard = [
        onsets_of(generate_for(pipeline, scene.spec, sight, list(scene.spec.hits), number, SAMPLING))
        for number, (scene, sight) in enumerate(zip(scenes, sights, strict=True))
    ]
    hits = [times_of(scene.spec.hits) for scene in scenes]
    return Drift(
        dtype,
        pipeline.backend,
        float(np.mean([((ours - theirs).square().mean() / theirs.var()).sqrt() for ours, theirs in pairs])),
        float(np.mean([_guided_kl(ours, theirs) for ours, theirs in pairs])),
        mean_score(list(zip(heard, hits, strict=True)), TOLERANCE_S).mean_f1,
    )


def _unit(pipeline: Pipeline, scene: TestScene, sight: Sight) -> TakeUnit:
    rate = pipeline.model.config.codec.sample_rate
    spec = scene.spec
    request = Generate(
        id=0,
        picture=Picture("", []),
        wav_paths=[],
        num_samples=round(spec.duration_s * rate),
        sample_rate=rate,
    )
    return pipeline.unit(request, sight, list(spec.hits), spec.label, 0)


def _drawn(pipeline: Pipeline, unit: TakeUnit) -> Tensor:
    made: list[Tensor] = []
    pipeline.draw(
        [unit],
        side_by_side=1,
        on_step=lambda number, share: None,
        on_unit=lambda number, codes: made.append(codes),
    )
    return made[0]


@torch.inference_mode()
def _logits(decoder: Decoder, unit: TakeUnit, codes: Tensor) -> Tensor:
    """Logits [S, 2, K, V] of one window's true codes [K, T], stepped through."""
    lm = decoder.conditions
    frames = min(unit.num_frames, codes.shape[1])
    layout = lay_out(lm, unit.conditions, Window(0, frames, 0), unit.sampling, codes)
    delayed = delay(codes[None, :, :frames], lm.config.pad_id)
    shifted = F.pad(delayed, (1, 0), value=lm.config.pad_id)[..., :-1]
    x = torch.cat([layout.prefix, lm.embed_codes(shifted) + layout.biases], dim=1)
    features, length = layout.prefix.shape[1], x.shape[1]
    decoder.open(1, length)
    stepped = [decoder.prefill(0, x[:, : features + 1], features, layout.num_steps)]
    stepped += [decoder.decode_step([0], x[None, :, at])[0] for at in range(features + 1, length)]
    return torch.stack(stepped).float()


def _guided_kl(ours: Tensor, theirs: Tensor) -> float:
    ours, theirs = (
        guide(logits[:, 0], logits[:, 1], SAMPLING.cfg_scale).log_softmax(dim=-1) for logits in (ours, theirs)
    )
    return float((theirs.exp() * (theirs - ours)).sum(dim=-1).mean())
