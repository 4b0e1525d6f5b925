"""The spotter's thresholds, fixed on rendered validation scenes and never on footage that it is tested on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluation.matching import Score, match, onset_score
from engine.training.scenes.spec import VALIDATION_SEEDS, SceneConfig
from engine.training.spotter_scenes import WATCHED_SCENES, WatchedScene, watched_scene
from engine.visual.motion import Motion, frame_facts
from engine.visual.spotter import Spotter, SpotterSettings, picked_hits

TOLERANCE_S = 0.1
THRESHOLDS = tuple(float(value) for value in np.round(np.arange(0.1, 0.8, 0.025), 3))
MIN_GAPS_S = (0.08, 0.1, 0.13)


def with_fixed_thresholds(
    spotter: Spotter, *, num_scenes: int = 200, scenes: SceneConfig = WATCHED_SCENES
) -> Spotter:
    """The same network with the threshold and gap of the best F1 at 100 ms, and without constant offset."""
    seen = _seen(spotter, num_scenes, scenes)
    best = max(
        (SpotterSettings(threshold, gap_s) for threshold in THRESHOLDS for gap_s in MIN_GAPS_S),
        key=lambda settings: pooled_score(_found(spotter, seen, settings)).f1,
    )
    offset_s = median_error_s(_found(spotter, seen, best))
    return Spotter(spotter.net, SpotterSettings(best.threshold, best.min_gap_s, -offset_s))


Pairs = Sequence[tuple[list[float], list[float]]]
_Seen = list[tuple[WatchedScene, Motion, NDArray[np.bool_]]]


def _seen(spotter: Spotter, num_scenes: int, scenes: SceneConfig) -> _Seen:
    seen: _Seen = []
    for seed in VALIDATION_SEEDS[:num_scenes]:
        scene = watched_scene(seed, spotter.config, scenes)
        frames = torch.from_numpy(scene.frames)[None]
        facts = frame_facts(frames)
        motion = spotter.net.motion_in_chunks(frames, facts)
        seen.append((scene, motion, facts.is_cut[0].numpy() > 0))
    return seen


def _found(spotter: Spotter, seen: _Seen, settings: SpotterSettings) -> Pairs:
    """Found and true moments of each scene."""
    return [
        (
            [
                hit.time_s
                for hit in picked_hits(
                    motion,
                    is_cut,
                    settings,
                    frame_rate=spotter.config.frame_rate,
                    duration_s=scene.duration_s,
                )
            ],
            [hit.time_s for hit in scene.hits],
        )
        for scene, motion, is_cut in seen
    ]


def pooled_score(pairs: Pairs, tolerance_s: float = TOLERANCE_S) -> Score:
    """All scenes' counts together."""
    return sum((onset_score(found, true, tolerance_s) for found, true in pairs), Score())


def median_error_s(pairs: Pairs, tolerance_s: float = TOLERANCE_S) -> float:
    """By how much found moments come late, 0 where none is found."""
    errors = [found[i] - true[j] for found, true in pairs for i, j in match(found, true, tolerance_s)]
    return float(np.median(errors)) if errors else 0.0
