"""Do spotted hits fall on what is heard? Films with sound, the truth being the onsets of their own sound."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np

from engine.errors import MediaError
from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench
from engine.evaluation.spotting import ClipFigures, evaluate_film

NAME, TITLE = "footage", "Hits spotted in films, mean onset F1 within 100 ms"
TARGET = Target("at least", 0.7)


def measure(bench: Bench) -> list[QualityFigure]:
    heard = [clip for _, clip in heard_films(bench)]
    if not heard:
        return [unmeasured(NAME, TITLE, TARGET, "no films with sound were given")]
    details = {
        "chance": float(np.mean([clip.chance_f1[100] for clip in heard])),
        "frame differences": float(np.mean([clip.baseline_f1[100] for clip in heard])),
        "within 40 ms": float(np.mean([clip.f1[40] for clip in heard])),
        "films": float(len(heard)),
    }
    details |= {clip.name: clip.f1[100] for clip in heard}
    value = mean_interval([clip.f1[100] for clip in heard], seed=bench.seed)
    return [QualityFigure(NAME, TITLE, value, TARGET, details=details)]


def heard_films(bench: Bench) -> list[tuple[Path, ClipFigures]]:
    """Films without sound are left out, and so are those in whose sound nothing begins."""
    found: list[tuple[Path, ClipFigures]] = []
    for film in bench.videos:
        with contextlib.suppress(MediaError):
            found.append((film, evaluate_film(bench.pipeline.model.spotter, film)))
    return [(film, clip) for film, clip in found if clip.num_true]
