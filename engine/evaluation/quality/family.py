"""Is what was asked for heard as what it is? The frozen ear names the family of generated and of real sounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bootstrap import Interval, ratio_interval
from engine.evaluation.embeddings.ear import SAMPLE_RATE
from engine.evaluation.families import family_of
from engine.evaluation.quality import QualityFigure, Target
from engine.evaluation.quality.bench import Bench
from engine.media.audio import resample

TARGET = Target("at least", 0.9)
LABELS_TARGET = Target("at least", 40.0)


def measure(bench: Bench) -> list[QualityFigure]:
    """Shares named right, a label's mean each, so that a label with many recordings does not rule."""
    made: dict[str, list[bool]] = {label: [] for label in bench.labels}
    real: dict[str, list[bool]] = {label: [] for label in bench.labels}
    for take in bench.pool:
        made[take.ask.label].append(is_named_right(bench, take.wav, take.sample_rate, take.ask.label))
    for recording in bench.library.of_split("held_out"):
        if recording.label in real and recording.wav.size:
            right = is_named_right(bench, recording.wav, recording.sample_rate, recording.label)
            real[recording.label].append(right)
    labels = [label for label in bench.labels if made[label] and real[label]]
    of_made, of_real = ([float(np.mean(each[label])) for label in labels] for each in (made, real))
    details = {
        "share of generated takes": float(np.mean(of_made)),
        "share of held-out recordings": float(np.mean(of_real)),
        "labels": len(labels),
        "takes": sum(map(len, made.values())),
        "recordings": sum(map(len, real.values())),
    }
    for family in sorted({family_of(label) for label in labels}):
        of_family = [
            share for label, share in zip(labels, of_made, strict=True) if family_of(label) == family
        ]
        details[f"generated {family}"] = float(np.mean(of_family))
    return [
        QualityFigure(
            "family",
            "Family named right, generated over real",
            ratio_interval(of_made, of_real, seed=bench.seed),
            TARGET,
            details=details,
            remark="by foley-ear, which has heard the same training recordings; labels weigh the same",
        ),
        _labels(bench),
    ]


def _labels(bench: Bench) -> QualityFigure:
    labels = bench.pipeline.model.config.lm.labels
    details = {
        "families": float(len({family_of(label) for label in labels})),
        "tested labels": float(len(bench.labels)),
    }
    value = Interval(float(len(labels)))
    return QualityFigure("labels", "Labels", value, LABELS_TARGET, decimals=0, details=details)


def is_named_right(bench: Bench, wav: NDArray[np.float32], sample_rate: int, label: str) -> bool:
    heard = resample(wav, sample_rate, SAMPLE_RATE)
    return next(iter(bench.ear.family_probabilities(heard))) == family_of(label)
