"""Does the spotter keep still where nothing hits? False hits a second on cuts, pans, flicker, slow motion, stills."""

from __future__ import annotations

import numpy as np

from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.quality import QualityFigure, Target
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.still_scenes import KINDS, StillScene, still_scene
from engine.media.matching import match, times_of
from engine.visual.spotter import Spotter

TARGET = Target("at most", 0.1)
EXCUSED_S = 0.5
"""In slow motion a hit is spread over as much."""


def measure(bench: Bench) -> list[QualityFigure]:
    """All kinds together, and a row a kind: one that fails must not hide behind four that do not."""
    spotter = bench.pipeline.model.spotter
    by_kind = {
        kind: [
            false_hits_per_s(spotter, still_scene(kind, number, spotter.config))
            for number in range(bench.size.spotter_scenes)
        ]
        for kind in KINDS
    }
    rows = {"all": [rate for rates in by_kind.values() for rate in rates], **by_kind}
    return [
        QualityFigure(
            f"false-hits-{kind.replace(' ', '-')}",
            f"False hits, {kind}",
            mean_interval(rates, seed=bench.seed),
            TARGET,
            unit="a second",
            decimals=3,
            details={"scenes": float(len(rates)), "worst scene": float(np.max(rates))},
        )
        for kind, rates in rows.items()
    ]


def false_hits_per_s(spotter: Spotter, scene: StillScene) -> float:
    spotted = spotter.spot(scene.frames, spotter.config.frame_rate, scene.duration_s)
    return false_rate(times_of(spotted.hits), scene)


def false_rate(found: list[float], scene: StillScene) -> float:
    """Of the moments that were found, those a second that nothing excuses."""
    excused = match(found, times_of(scene.hits), EXCUSED_S)
    return (len(found) - len(excused)) / scene.duration_s
