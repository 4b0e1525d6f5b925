"""What narrower weights change in a trained model: its logits, and where its sounds fall.

Each scene's tokens are drawn once by the model in float32. Every decoder then reads the same tokens step by step,
and its logits are compared; and every decoder draws takes of its own from the scenes' true hits. Onset F1 of these
stands beside that of shuffled pairs, and beside float32's on the same scenes; all with 95 % intervals over scenes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from msgspec import Struct
from torch import Tensor
from torch.nn import functional as F

from engine.evaluation.bootstrap import Interval, difference_interval, mean_interval
from engine.evaluation.matching import shuffled
from engine.evaluation.sync import TestScene, generate_for, look_at, onsets_of
from engine.lm.decoding.decoder import Decoder
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType
from engine.lm.delay import delay
from engine.lm.generate import TakeUnit
from engine.lm.layout import lay_out
from engine.lm.sampling import guide
from engine.lm.windows import Window
from engine.media.matching import onset_f1, times_of
from engine.pipeline import Pipeline, load_model
from engine.protocol import Generate, Picture, SamplingWish
from engine.visual.sight import Sight

SAMPLING = SamplingWish(drafts=1)
TOLERANCES_MS = (40, 100, 200)


class OnsetFigure(Struct, frozen=True):
    """Means over scenes of the F1 of heard onsets against the true hits, at one tolerance.

    Attributes:
        shuffled: against another scene's hits.
        over_float32: the scenes' own differences; what float32 draws differs by chance too.
    """

    tolerance_ms: int
    f1: Interval
    shuffled: Interval
    over_float32: Interval


class Drift(Struct, frozen=True):
    """One type of weights beside float32; means over scenes.

    Attributes:
        logits_rms: of the difference of logits, over the deviation of float32's.
        guided_kl_nats: Kullback-Leibler divergence of the guided distribution from float32's, a code.
        onsets: of takes from the scenes' true hits, a figure each tolerance.
    """

    dtype: str
    backend: str
    logits_rms: Interval
    guided_kl_nats: Interval
    onsets: list[OnsetFigure]


class DriftReport(Struct, frozen=True):
    """The first of `weights` is float32, which differs from itself in nothing."""

    num_scenes: int
    weights: list[Drift]


@dataclass(frozen=True)
class Reading:
    """What one type of weights made of all scenes. `cfg_scale` is the guidance that the model draws with."""

    dtype: str
    backend: str
    cfg_scale: float
    logits: list[Tensor]
    heard: list[list[float]]


def measure_drift(model_folder: Path, scenes: Sequence[TestScene]) -> DriftReport:
    """
    Args:
        scenes: two or more.

    Raises:
        CheckpointError: the model cannot be loaded.
    """
    plain = Pipeline(load_model(model_folder))
    sights = [look_at(plain, scene.spec) for scene in scenes]
    units = [_unit(plain, scene, sight) for scene, sight in zip(scenes, sights, strict=True)]
    codes = [_drawn(plain, unit) for unit in units]
    true = [times_of(scene.spec.hits) for scene in scenes]
    exact = _read(model_folder, "float32", scenes, sights, units, codes)
    found = [drift_of(exact, exact, true)]
    for dtype in WEIGHT_TYPES:
        if dtype != "float32":
            found.append(drift_of(_read(model_folder, dtype, scenes, sights, units, codes), exact, true))
    return DriftReport(len(scenes), found)


def as_lines(report: DriftReport) -> list[str]:
    """For people."""
    lines = [f"{report.num_scenes} rendered scenes, takes from their true hits; in brackets: 95 % intervals"]
    for drift in report.weights:
        lines.append(
            f"{drift.dtype} ({drift.backend}): logits off by {_told(drift.logits_rms, 4)} of their deviation, "
            f"guided KL {_told(drift.guided_kl_nats, 5)} nats"
        )
        lines += [
            f"    onset F1 within {each.tolerance_ms:>3} ms {_told(each.f1)}, shuffled {_told(each.shuffled)}, "
            f"over float32 {_told(each.over_float32)}"
            for each in drift.onsets
        ]
    return lines


def _told(interval: Interval, decimals: int = 3) -> str:
    if interval.low is None or interval.high is None:
        return f"{interval.value:.{decimals}f}"
    return f"{interval.value:.{decimals}f} [{interval.low:.{decimals}f}, {interval.high:.{decimals}f}]"


def drift_of(read: Reading, exact: Reading, true: Sequence[Sequence[float]]) -> Drift:
    """
    Args:
        exact: the same scenes in float32.
        true: each scene's hits, in seconds.
    """
    pairs = list(zip(read.logits, exact.logits, strict=True))
    scale = read.cfg_scale
    off = [float(((ours - theirs).square().mean() / theirs.var()).sqrt()) for ours, theirs in pairs]
    return Drift(
        read.dtype,
        read.backend,
        _mean(off),
        _mean([_guided_kl(ours, theirs, scale) for ours, theirs in pairs]),
        onset_figures(read.heard, exact.heard, true),
    )


def onset_figures(
    heard: Sequence[Sequence[float]], in_float32: Sequence[Sequence[float]], true: Sequence[Sequence[float]]
) -> list[OnsetFigure]:
    """Of onsets heard in each scene's take, its take in float32, and its true hits; all in seconds."""
    others = [true[number] for number in shuffled(len(true))]
    figures = []
    for tolerance_ms in TOLERANCES_MS:
        f1, by_others, exact = (
            [onset_f1(found, hits, tolerance_ms / 1000) for found, hits in zip(onsets, against, strict=True)]
            for onsets, against in ((heard, true), (heard, others), (in_float32, true))
        )
        over = difference_interval(f1, exact)
        assert over is not None
        figures.append(OnsetFigure(tolerance_ms, _mean(f1), _mean(by_others), over))
    return figures


def _mean(values: Sequence[float]) -> Interval:
    interval = mean_interval(values)
    assert interval is not None, "there are scenes"
    return interval


def _read(
    folder: Path,
    dtype: WeightType,
    scenes: Sequence[TestScene],
    sights: Sequence[Sight],
    units: Sequence[TakeUnit],
    codes: Sequence[Tensor],
) -> Reading:
    pipeline = Pipeline(load_model(folder, dtype=dtype))
    logits = [_logits(pipeline.decoder, unit, each) for unit, each in zip(units, codes, strict=True)]
    heard = [
        onsets_of(generate_for(pipeline, scene.spec, sight, list(scene.spec.hits), number, SAMPLING))
        for number, (scene, sight) in enumerate(zip(scenes, sights, strict=True))
    ]
    return Reading(dtype, pipeline.backend, pipeline.model.sampling(SAMPLING).cfg_scale, logits, heard)


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


def _guided_kl(ours: Tensor, theirs: Tensor, scale: float) -> float:
    ours, theirs = (guide(logits[:, 0], logits[:, 1], scale).log_softmax(dim=-1) for logits in (ours, theirs))
    return float((theirs.exp() * (theirs - ours)).sum(dim=-1).mean())
