"""Do ten seeds of one request sound like ten, or like one?"""

from __future__ import annotations

import numpy as np

from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench, flat_curve, spread
from engine.evaluation.quality.making import Ask
from engine.evaluation.quality.prints import print_at_hit
from engine.prints.event import Print, between_recordings, distances, steady_print
from engine.protocol import Hit
from engine.training.learnt_events import library_prints

NAME, TITLE = "diversity", "Distance between seeds over distance between recordings"
TARGET = Target("at least", 0.6)
HIT = Hit(0.3, 0.8)
DURATION_S = 1.0
FEWEST_RECORDINGS = 4


def measure(bench: Bench) -> list[QualityFigure]:
    """The mean over labels of the ratio; a label with fewer than four recordings says little of its variety."""
    real = {label: _real_distance(bench, label) for label in bench.labels}
    fit = [label for label, distance in real.items() if distance]
    labels = spread(fit, bench.size.diversity_labels)
    if not labels:
        return [unmeasured(NAME, TITLE, TARGET, "no label has four recordings to compare with")]
    seeds = range(bench.seed, bench.seed + bench.size.diversity_seeds)
    takes = iter(bench.make([_ask(bench, label, seed) for label in labels for seed in seeds]))
    ratios = {}
    for label in labels:
        made = [next(takes) for _ in seeds]
        prints = [
            steady_print(take.wav, take.sample_rate)
            if bench.is_continuous(label)
            else print_at_hit(take.wav, take.sample_rate, HIT.time_s)
            for take in made
        ]
        ratios[label] = mean_distance(prints) / real[label]
    details = {"seeds": float(len(seeds)), **{f"of {label}": ratio for label, ratio in ratios.items()}}
    value = mean_interval(list(ratios.values()), seed=bench.seed)
    return [QualityFigure(NAME, TITLE, value, TARGET, details=details)]


def mean_distance(prints: list[Print]) -> float:
    """Of all pairs; 0 where all are the same."""
    found = distances(prints, prints)
    return float(found[np.triu_indices(len(prints), 1)].mean())


def _real_distance(bench: Bench, label: str) -> float:
    prints = [
        p for events in (bench.train_events, bench.held_out_events) for p in library_prints(events, label)
    ]
    if len({each.recording_id for each in prints}) < FEWEST_RECORDINGS:
        return 0.0
    return float(between_recordings(prints).mean())


def _ask(bench: Bench, label: str, seed: int) -> Ask:
    if bench.is_continuous(label):
        return Ask(label, DURATION_S, curve=flat_curve(DURATION_S), seed=seed)
    return Ask(label, DURATION_S, (HIT,), seed=seed)
