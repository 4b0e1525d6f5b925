"""From values to figures: means over clips, values of sets, differences between systems, all with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.evaluation.bootstrap import difference_interval, mean_interval, set_interval
from engine.evaluation.metrics import About, Metric, SetMetric, is_of_sets
from engine.evaluation.report import ClipValue, Difference, Figure, MetricResult

Rows = NDArray[np.floating]

OF_HALVES = "between two halves of the films' own sounds"


def kind_of(metric: Metric) -> Literal["clips", "sets"]:
    return "sets" if is_of_sets(metric) else "clips"


def result_of_sets(
    metric: SetMetric, samples: Mapping[str, Sequence[Rows] | None], references: Sequence[Rows], seed: int
) -> MetricResult:
    """From embeddings by system; None stands for the films' own sounds."""
    figures = {
        name: _halves_figure(metric, references, seed)
        if rows is None
        else _set_figure(metric, rows, references, seed)
        for name, rows in samples.items()
    }
    return MetricResult(metric.about, "sets", figures=figures)


def result_of_clips(about: About, values: dict[str, dict[str, ClipValue]], seed: int) -> MetricResult:
    """From values by system and clip, the clips in the same order everywhere."""
    return MetricResult(
        about,
        "clips",
        figures={name: _clip_figure(list(of.values()), seed) for name, of in values.items()},
        differences=_differences(values, seed),
        values=values,
    )


def _set_figure(metric: SetMetric, samples: Sequence[Rows], references: Sequence[Rows], seed: int) -> Figure:
    found = metric.value(samples, references) if samples else None
    if found is None:
        return Figure(None, num_clips=len(samples), remark="too few clips")
    interval = set_interval(found, metric.value, samples, references, draws=metric.resamples, seed=seed)
    least = metric.about.least
    if least is not None and interval.low is not None:
        interval = replace(interval, low=max(least, interval.low))
    return Figure(interval, num_clips=len(samples), remark=metric.remark(samples, references))


def _halves_figure(metric: SetMetric, references: Sequence[Rows], seed: int) -> Figure:
    """Of the films' own sounds against themselves the value says nothing; of two halves of them it is a floor."""
    order = np.random.default_rng(seed).permutation(len(references))
    first, second = ([references[i] for i in half] for half in np.array_split(order, 2))
    found = metric.value(first, second) if first and second else None
    interval = None if found is None else mean_interval([found])
    return Figure(interval, num_clips=len(references), remark=OF_HALVES)


def _clip_figure(values: Sequence[ClipValue], seed: int) -> Figure:
    defined = [each for each in values if each.value is not None]
    means = [each.value for each in defined if each.value is not None]
    weights = [each.weight for each in defined]
    beside_others = [each.shuffled for each in values if each.shuffled is not None]
    chances = [each.chance for each in values if each.chance is not None]
    return Figure(
        mean=mean_interval(means, seed=seed),
        pooled=mean_interval(means, weights, seed=seed) if len(set(weights)) > 1 else None,
        shuffled=mean_interval(beside_others, seed=seed),
        chance=float(np.mean(chances)) if chances else None,
        num_clips=len(defined),
        undefined=len(values) - len(defined),
    )


def _differences(values: dict[str, dict[str, ClipValue]], seed: int) -> list[Difference]:
    """Of every two systems, over the clips on which both have a value."""
    found = []
    for first, second in combinations(values, 2):
        pairs = [
            (one.value, values[second][name].value)
            for name, one in values[first].items()
            if name in values[second]
        ]
        both = [(a, b) for a, b in pairs if a is not None and b is not None]
        interval = difference_interval([a for a, _ in both], [b for _, b in both], seed=seed)
        if interval is not None:
            found.append(Difference(first, second, len(both), interval))
    return found
