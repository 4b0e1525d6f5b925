"""Are training recordings played back? How near generated events come to the nearest event of the training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import POOL_HITS, Bench
from engine.evaluation.quality.prints import print_at_hit
from engine.prints.event import NEAR_PERCENTILE, Print, between_recordings, distances
from engine.training.learnt_events import library_prints

NAME, TITLE = "memorisation", "Generated events nearer to a training event than recordings are to each other"
TARGET = Target("at most", 0.2)
FEWEST_RECORDINGS = 3


def measure(bench: Bench) -> list[QualityFigure]:
    """Beside it the same for held-out real events, since with many training events something is always rather near;
    and for scenes as the language model learnt them, which is what a perfect one would be heard to do.
    """
    made: list[bool] = []
    control: list[bool] = []
    learnt: list[bool] = []
    for label in bench.point_labels:
        known = library_prints(bench.train_events, label)
        unheard = library_prints(bench.held_out_events, label)
        if len({each.recording_id for each in known + unheard}) < FEWEST_RECORDINGS or not known:
            continue
        prints = [
            print_at_hit(take.wav, take.sample_rate, hit.time_s)
            for take in bench.pool
            if take.ask.label == label
            for hit in take.ask.hits
        ]
        between = between_recordings(known + unheard)
        made += list(is_near(prints, known, between))
        control += list(is_near(unheard, known, between))
        scenes = [
            print_at_hit(wav, bench.sample_rate, hit.time_s)
            for wav in bench.rendered(label)
            for hit in POOL_HITS
        ]
        learnt += list(is_near(scenes, known, between))
    if not made:
        return [unmeasured(NAME, TITLE, TARGET, "no label has three recordings to compare with")]
    return [
        QualityFigure(
            NAME,
            TITLE,
            mean_interval([float(each) for each in made], seed=bench.seed),
            TARGET,
            details={
                "the same of held-out real events": float(np.mean(control)),
                "of scenes like those of the training": float(np.mean(learnt)),
                "events": len(made),
                "held-out events": len(control),
            },
            remark="onset-aligned log-mel; a copy at another pitch or speed would not be found",
        )
    ]


def is_near(prints: list[Print], known: list[Print], between: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the prints lie nearer to a known one than 5 % of the distances between recordings."""
    if not prints:
        return np.zeros(0, np.bool_)
    return np.asarray(distances(prints, known).min(axis=1) < np.percentile(between, NEAR_PERCENTILE))
