"""What matched moments amount to over many clips, and what it would be by chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from engine.media.matching import Score, onset_f1, onset_score

TOLERANCES_S = (0.04, 0.05, 0.1, 0.2)


class MeanScore(Struct, frozen=True):
    """Over a set of clips: the mean of the clips' F1, and the F1 of all counts together."""

    num_clips: int
    mean_f1: float
    pooled: Score


def chance_f1(
    count: int,
    true_s: Sequence[float],
    duration_s: float,
    tolerance_s: float,
    *,
    seed: int = 0,
    draws: int = 50,
) -> float:
    """Expected F1 of `count` moments thrown at random into the clip."""
    rng = np.random.default_rng(seed)
    return float(
        np.mean(
            [onset_f1(rng.uniform(0, duration_s, count).tolist(), true_s, tolerance_s) for _ in range(draws)]
        )
    )


def mean_score(pairs: Iterable[tuple[Sequence[float], Sequence[float]]], tolerance_s: float) -> MeanScore:
    """Over (found, true) of every clip."""
    scores = [onset_score(found, true, tolerance_s) for found, true in pairs]
    return MeanScore(
        num_clips=len(scores),
        mean_f1=float(np.mean([score.f1 for score in scores])) if scores else 0.0,
        pooled=sum(scores, Score()),
    )


def shuffled(count: int, *, seed: int = 0) -> list[int]:
    """A pairing of each of `count` clips with another clip's truth: a permutation that fixes nothing.

    Raises:
        ValueError: fewer than two clips.
    """
    if count < 2:
        raise ValueError("shuffled pairs need two clips or more")
    order = np.random.default_rng(seed).permutation(count)
    partner = np.empty(count, dtype=int)
    partner[order] = np.roll(order, 1)
    return [int(index) for index in partner]


def shuffled_score(
    pairs: Sequence[tuple[Sequence[float], Sequence[float]]], tolerance_s: float, *, seed: int = 0
) -> MeanScore:
    """The score of every clip's found moments against another clip's true ones."""
    return mean_score(
        [(pairs[i][0], pairs[j][1]) for i, j in enumerate(shuffled(len(pairs), seed=seed))], tolerance_s
    )


def chance_score(
    pairs: Sequence[tuple[Sequence[float], Sequence[float]]],
    durations_s: Sequence[float],
    tolerance_s: float,
    *,
    seed: int = 0,
) -> float:
    """Mean over the clips of the F1 that random moments of the same counts would get."""
    values = [
        chance_f1(len(found), true, duration_s, tolerance_s, seed=seed + index)
        for index, ((found, true), duration_s) in enumerate(zip(pairs, durations_s, strict=True))
    ]
    return float(np.mean(values)) if values else 0.0
