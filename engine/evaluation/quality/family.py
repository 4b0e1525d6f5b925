"""Is what was asked for heard as what it is? The frozen ear names the family of generated and of real sounds."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bootstrap import Interval, ratio_interval
from engine.evaluation.embeddings.ear import SAMPLE_RATE
from engine.evaluation.families import family_of
from engine.evaluation.quality import QualityFigure, Target
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.codec import reconstructed
from engine.media.audio import resample

TARGET = Target("at least", 0.9)
LABELS_TARGET = Target("at least", 40.0)

Sounds = Iterable[tuple[str, NDArray[np.float32]]]
"""Labels, and wavs [N] at the codec's rate."""


def measure(bench: Bench) -> list[QualityFigure]:
    """Shares named right, a label's mean each, so that a label with many recordings does not rule.

    Beside them stand scenes as the language model learnt them, which no model of theirs can be expected to surpass by
    much, and where there is a codec that encodes, the recordings after it: what it costs alone.
    """
    held_out = [
        (recording.label, recording.wav)
        for recording in bench.library.of_split("held_out")
        if recording.label in bench.labels and recording.wav.size
    ]
    made = shares_named_right(bench, ((take.ask.label, take.wav) for take in bench.pool))
    real = shares_named_right(bench, held_out)
    scenes = shares_named_right(
        bench, ((label, wav) for label in bench.labels for wav in bench.rendered(label))
    )
    labels = [label for label in bench.labels if label in made and label in real]
    details = {
        "share of generated takes": _mean(made[label] for label in labels),
        "share of held-out recordings": _mean(real[label] for label in labels),
        "labels": float(len(labels)),
        "takes": float(len(bench.pool)),
        "recordings": float(len(held_out)),
    }
    if scenes:
        found = _mean(scenes[label] for label in labels if label in scenes)
        details["of scenes like those of the training"] = found
    if bench.codec is not None:
        codec = bench.codec
        after = shares_named_right(bench, ((label, reconstructed(codec, wav)) for label, wav in held_out))
        details["recordings after the codec"] = _mean(after[label] for label in labels)
    for family in sorted({family_of(label) for label in labels}):
        details[f"generated {family}"] = _mean(made[label] for label in labels if family_of(label) == family)
    ratio = ratio_interval(
        [made[label] for label in labels], [real[label] for label in labels], seed=bench.seed
    )
    remark = "by foley-ear, which has heard the same training recordings; labels weigh the same"
    title = "Family named right, generated over real"
    return [QualityFigure("family", title, ratio, TARGET, details=details, remark=remark), _labels(bench)]


def shares_named_right(bench: Bench, sounds: Sounds) -> dict[str, float]:
    """By label: of how many of its sounds the ear names the family."""
    right: dict[str, list[bool]] = {}
    for label, wav in sounds:
        heard = resample(wav, bench.sample_rate, SAMPLE_RATE)
        named = next(iter(bench.ear.family_probabilities(heard)))
        right.setdefault(label, []).append(named == family_of(label))
    return {label: float(np.mean(found)) for label, found in right.items()}


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _labels(bench: Bench) -> QualityFigure:
    labels = bench.pipeline.model.config.lm.labels
    details = {
        "families": float(len({family_of(label) for label in labels})),
        "tested labels": float(len(bench.labels)),
    }
    value = Interval(float(len(labels)))
    return QualityFigure("labels", "Labels", value, LABELS_TARGET, decimals=0, details=details)
