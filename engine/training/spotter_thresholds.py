"""The spotter's thresholds, fixed on rendered validation scenes and never on footage that it is tested on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.evaluation.quality.false_hits import false_rate
from engine.evaluation.quality.still_scenes import KINDS, VALIDATION, StillScene, still_scene
from engine.media.matching import Score, match, onset_score, times_of
from engine.training.scenes.spec import VALIDATION_SEEDS, SceneConfig
from engine.training.spotter_scenes import WATCHED_SCENES, WatchedScene, watched_scene
from engine.visual.spotter import Spotter, SpotterSettings, Watched, picked_hits

TOLERANCE_S = 0.1
THRESHOLDS = tuple(float(value) for value in np.round(np.arange(0.1, 0.8, 0.025), 3))
MIN_GAPS_S = (0.08, 0.1, 0.13)
MAX_FALSE_HITS_PER_S = 0.07
"""Where nothing hits, in each kind of such pictures: a good way under the 0.1 that other scenes are tested for."""

Pairs = Sequence[tuple[list[float], list[float]]]


def with_fixed_thresholds(
    spotter: Spotter,
    *,
    num_scenes: int = 200,
    num_still: int = 24,
    scenes: SceneConfig = WATCHED_SCENES,
) -> Spotter:
    """The same network with the threshold and gap of the best F1 at 100 ms, and without constant offset.

    Of those alone that keep still where nothing hits; if none does, of those that keep stillest.

    Args:
        num_still: scenes of each kind in which nothing hits.
    """
    seen = [
        (scene, spotter.watch(scene.frames, spotter.config.frame_rate))
        for scene in (watched_scene(seed, spotter.config, scenes) for seed in VALIDATION_SEEDS[:num_scenes])
    ]
    still = {
        kind: [
            (scene, spotter.watch(scene.frames, spotter.config.frame_rate))
            for scene in (still_scene(kind, n, spotter.config, seeds=VALIDATION) for n in range(num_still))
        ]
        for kind in KINDS
    }
    candidates = [SpotterSettings(threshold, gap_s) for threshold in THRESHOLDS for gap_s in MIN_GAPS_S]
    worst = [max(_false_rate(spotter, each, settings) for each in still.values()) for settings in candidates]
    allowed = max(MAX_FALSE_HITS_PER_S, min(worst))
    best = max(
        (settings for settings, rate in zip(candidates, worst, strict=True) if rate <= allowed),
        key=lambda settings: pooled_score(_pairs(spotter, seen, settings)).f1,
    )
    offset_s = median_error_s(_pairs(spotter, seen, best))
    return Spotter(spotter.net, SpotterSettings(best.threshold, best.min_gap_s, -offset_s))


def _pairs(
    spotter: Spotter, seen: Sequence[tuple[WatchedScene, Watched]], settings: SpotterSettings
) -> Pairs:
    """Found and true moments of each scene."""
    return [
        (_found(spotter, watched, settings, scene.duration_s), times_of(list(scene.hits)))
        for scene, watched in seen
    ]


def _false_rate(
    spotter: Spotter, seen: Sequence[tuple[StillScene, Watched]], settings: SpotterSettings
) -> float:
    rates = [
        false_rate(_found(spotter, watched, settings, scene.duration_s), scene) for scene, watched in seen
    ]
    return float(np.mean(rates))


def _found(spotter: Spotter, watched: Watched, settings: SpotterSettings, duration_s: float) -> list[float]:
    hits = picked_hits(watched, settings, frame_rate=spotter.config.frame_rate, duration_s=duration_s)
    return times_of(hits)


def pooled_score(pairs: Pairs, tolerance_s: float = TOLERANCE_S) -> Score:
    """All scenes' counts together."""
    return sum((onset_score(found, true, tolerance_s) for found, true in pairs), Score())


def median_error_s(pairs: Pairs, tolerance_s: float = TOLERANCE_S) -> float:
    """By how much found moments come late, 0 where none is found."""
    errors = [found[i] - true[j] for found, true in pairs for i, j in match(found, true, tolerance_s)]
    return float(np.median(errors)) if errors else 0.0
