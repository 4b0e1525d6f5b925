"""Does a cast hold? Takes that go on from one take should sound more like it than takes that do not."""

from __future__ import annotations

import numpy as np

from engine.evaluation.bootstrap import ratio_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench, flat_curve, spread
from engine.evaluation.quality.making import Ask, Take
from engine.evaluation.quality.prints import print_at_hit
from engine.prints.event import Print, distances, steady_print
from engine.protocol import Cast, Hit, pack_tokens

NAME, TITLE = "casts", "Distance in timbre to the cast take, cast takes over uncast ones"
TARGET = Target("at most", 0.9)
SOURCE_HITS = (Hit(0.3, 0.9), Hit(0.9, 0.8), Hit(1.5, 0.9))
SHOT_HITS = (Hit(0.5, 0.8), Hit(1.3, 0.9))
CAST_S, SHOT_S = 2.0, 2.0
SHOTS = 4


def measure(bench: Bench) -> list[QualityFigure]:
    """The mean distance over labels. Both kinds of takes have the same label, hits and seeds."""
    labels = spread(bench.labels, bench.size.diversity_labels)
    if not labels:
        return [unmeasured(NAME, TITLE, TARGET, "there is no tested label")]
    sources = bench.make([_ask(bench, label, SOURCE_HITS, bench.seed) for label in labels])
    seeds = range(bench.seed + 1, bench.seed + 1 + SHOTS)
    plain = [_ask(bench, label, SHOT_HITS, seed) for label in labels for seed in seeds]
    casts = [_cast_of(bench, source) for source in sources for _ in seeds]
    cast = [
        Ask(ask.label, ask.duration_s, ask.hits, ask.curve, ask.seed, sound)
        for ask, sound in zip(plain, casts, strict=True)
    ]
    far, near = bench.make(plain), bench.make(cast)
    uncast, held = [], []
    for number, source in enumerate(sources):
        of_label = slice(number * SHOTS, (number + 1) * SHOTS)
        uncast.append(_distance(bench, source, far[of_label]))
        held.append(_distance(bench, source, near[of_label]))
    details = {
        "labels": float(len(labels)),
        "shots a label": float(SHOTS),
        "labels whose cast takes are nearer": float(np.mean(np.array(held) < np.array(uncast))),
        **{f"of {label}": one / other for label, one, other in zip(labels, held, uncast, strict=True)},
    }
    value = ratio_interval(held, uncast, seed=bench.seed)
    return [QualityFigure(NAME, TITLE, value, TARGET, details=details)]


def _ask(bench: Bench, label: str, hits: tuple[Hit, ...], seed: int) -> Ask:
    if bench.is_continuous(label):
        return Ask(label, SHOT_S, curve=flat_curve(SHOT_S), seed=seed)
    return Ask(label, SHOT_S, hits, seed=seed)


def _cast_of(bench: Bench, source: Take) -> Cast:
    model = bench.pipeline.model
    rate = model.config.codec.frame_rate
    codes = source.codes[:, : round(CAST_S * rate)]
    return Cast(pack_tokens(codes.tolist(), rate, model.codec_sha256), list(source.ask.hits))


def _distance(bench: Bench, source: Take, shots: list[Take]) -> float:
    ours, theirs = _prints(bench, [source]), _prints(bench, shots)
    return float(distances(ours, theirs).mean())


def _prints(bench: Bench, takes: list[Take]) -> list[Print]:
    return [
        found
        for take in takes
        for found in (
            [steady_print(take.wav, take.sample_rate)]
            if bench.is_continuous(take.ask.label)
            else [print_at_hit(take.wav, take.sample_rate, hit.time_s) for hit in take.ask.hits]
        )
    ]
