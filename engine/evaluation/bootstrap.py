"""Confidence intervals by resampling clips.

BCa (bias-corrected and accelerated; Efron 1987, "Better bootstrap confidence intervals") for weighted means,
plain means and paired differences; a normal interval from the bootstrap's deviation for anything else. All
are of 95 % by default and the same for the same seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

DRAWS = 2000
CONFIDENCE = 0.95
FEWEST_CLIPS = 3
"""Of two clips no interval can be had: there are three different resamples."""

Floats = NDArray[np.float64]
T = TypeVar("T")


class Interval(Struct, frozen=True):
    """A figure with its confidence interval; None where there are too few clips for one."""

    value: float
    low: float | None = None
    high: float | None = None


def mean_interval(
    values: Sequence[float],
    weights: Sequence[float] | None = None,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """The mean of a clip's figure over clips, weighted where weights are given; BCa over clips.

    None where there are no values, or none that weighs anything.
    """
    of_clips = np.asarray(values, np.float64)
    weighs = np.ones_like(of_clips) if weights is None else np.asarray(weights, np.float64)
    count = of_clips.size
    if count == 0 or weighs.sum() <= 0:
        return None
    estimate = float((of_clips * weighs).sum() / weighs.sum())
    if count < FEWEST_CLIPS:
        return Interval(estimate)
    drawn = _resampled_means(of_clips, weighs, np.random.default_rng(seed), draws)
    # Leaving one out: where the rest weighs nothing, the estimate itself stands in.
    rest = weighs.sum() - weighs
    jackknifed = np.where(
        rest > 0, ((of_clips * weighs).sum() - of_clips * weighs) / np.maximum(rest, 1e-300), estimate
    )
    low, high = _bca(estimate, drawn, jackknifed, confidence)
    return Interval(estimate, low, high)


def difference_interval(
    first: Sequence[float], second: Sequence[float], *, seed: int = 0, draws: int = DRAWS
) -> Interval | None:
    """The mean of first - second over clips that both have; the clips are resampled, their pairs kept."""
    return mean_interval(np.subtract(first, second).tolist(), seed=seed, draws=draws)


def ratio_interval(
    above: Sequence[float],
    below: Sequence[float],
    *,
    seed: int = 0,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """The mean of `above` over the mean of `below`, pair by pair of the same clips; BCa over clips.

    None where there are none, or where `below` is 0 throughout.
    """
    ours, theirs = np.asarray(above, np.float64), np.asarray(below, np.float64)
    if ours.size == 0 or theirs.sum() == 0:
        return None
    estimate = float(ours.sum() / theirs.sum())
    if ours.size < FEWEST_CLIPS:
        return Interval(estimate)
    picked = np.random.default_rng(seed).integers(0, ours.size, (draws, ours.size))
    drawn = _ratios(ours[picked].sum(axis=1), theirs[picked].sum(axis=1))
    jackknifed = _ratios(ours.sum() - ours, theirs.sum() - theirs)
    return Interval(estimate, *_bca(estimate, drawn, jackknifed, confidence))


def _ratios(above: Floats, below: Floats) -> Floats:
    """Those that have a value."""
    return np.asarray(above[below > 0] / below[below > 0], np.float64)


def set_interval(
    estimate: float,
    value: Callable[[Sequence[T], Sequence[T]], float | None],
    samples: Sequence[T],
    references: Sequence[T],
    *,
    draws: int,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Interval:
    """For a figure of two sets that are not paired: the estimate and 1.96 bootstrap deviations on both sides.

    Not percentiles: resampled sets hold repeats, which raises a distance between distributions, so that
    percentiles may not even contain the estimate.
    """
    if draws < 2 or min(len(samples), len(references)) < FEWEST_CLIPS:
        return Interval(estimate)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        some = [samples[i] for i in rng.integers(0, len(samples), len(samples))]
        others = [references[i] for i in rng.integers(0, len(references), len(references))]
        found = value(some, others)
        if found is not None and np.isfinite(found):
            drawn.append(found)
    if len(drawn) < 2:
        return Interval(estimate)
    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * float(np.std(drawn, ddof=1))
    return Interval(estimate, estimate - reach, estimate + reach)


def _resampled_means(values: Floats, weights: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Means of `draws` resamples [draws]; a resample that weighs nothing is left out."""
    means = []
    for first in range(0, draws, 100):  # a hundred at a time: the set may be large
        picked = rng.integers(0, values.size, (min(100, draws - first), values.size))
        weighs = weights[picked]
        total = weighs.sum(axis=1)
        means.append(((values[picked] * weighs).sum(axis=1) / np.maximum(total, 1e-300))[total > 0])
    return np.concatenate(means)


def _bca(estimate: float, drawn: Floats, jackknifed: Floats, confidence: float) -> tuple[float, float]:
    """The percentiles of the resampled figures, moved for their bias and skew."""
    if np.ptp(drawn) == 0:
        return estimate, estimate
    normal = NormalDist()
    # Half of the ties count, because figures of few clips are discrete.
    below = float(np.mean(drawn < estimate) + 0.5 * np.mean(drawn == estimate))
    bias = normal.inv_cdf(min(max(below, 1 / drawn.size), 1 - 1 / drawn.size))
    distance = jackknifed.mean() - jackknifed
    spread = float((distance**2).sum())
    acceleration = float((distance**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    ends = []
    for share in (0.5 - confidence / 2, 0.5 + confidence / 2):
        moved = bias + normal.inv_cdf(share)
        ends.append(normal.cdf(bias + moved / max(1 - acceleration * moved, 1e-3)))
    low, high = np.quantile(drawn, ends)
    return float(low), float(high)
