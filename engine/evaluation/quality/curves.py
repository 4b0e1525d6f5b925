"""Is a drawn curve followed? The intensity of continuous labels' takes beside the one that was asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.metrics.envelope import correlation
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench, spread
from engine.evaluation.quality.making import Ask, Take
from engine.media.intensity import CURVE_RATE, intensity_curve
from engine.training.scenes.timing import draw_intensity

NAME, TITLE = "curve", "A drawn curve is followed, envelope correlation"
TARGET = Target("at least", 0.8)
DURATION_S = 5.0
LOW, HIGH = 0.25, 0.65
"""Intensities of -45 and -21 dBFS."""


def measure(bench: Bench) -> list[QualityFigure]:
    labels = spread(bench.continuous_labels, bench.size.curves)
    if not labels:
        return [unmeasured(NAME, TITLE, TARGET, "no tested label is continuous")]
    asks = [
        Ask(label, DURATION_S, curve=tuple(drawn_curve(bench.seed + i).tolist()), seed=bench.seed + i)
        for i, label in enumerate(labels)
    ]
    followed = [followed_by(take) for take in bench.make(asks)]
    details = {f"of {label}": share for label, share in zip(labels, followed, strict=True)}
    return [QualityFigure(NAME, TITLE, mean_interval(followed, seed=bench.seed), TARGET, details=details)]


def drawn_curve(seed: int) -> NDArray[np.float32]:
    """A smooth curve [frames] as an editor might draw it, not flat, never down to silence."""
    rng = np.random.default_rng(seed)
    while True:
        swell = draw_intensity(rng, DURATION_S).values[: round(DURATION_S * CURVE_RATE)]
        if np.ptp(swell) > 0.5:
            return np.asarray(LOW + (HIGH - LOW) * swell, np.float32)


def followed_by(take: Take) -> float:
    """Pearson correlation of the take's intensity with its ask's; 0 where the take is flat."""
    asked = np.array(take.ask.curve, np.float64)
    heard = intensity_curve(take.wav, take.sample_rate).astype(np.float64)
    size = min(asked.size, heard.size)
    return correlation(heard[:size], asked[:size]) or 0.0
