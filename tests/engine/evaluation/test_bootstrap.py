"""Intervals that hold the truth as often as they say, on distributions that are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.bootstrap import (
    Interval,
    difference_interval,
    mean_interval,
    ratio_interval,
    set_interval,
)


def holds(interval: Interval | None, truth: float) -> bool:
    assert interval is not None and interval.low is not None and interval.high is not None
    return interval.low <= truth <= interval.high


@pytest.mark.parametrize(
    ("kind", "truth", "least"), [("normal", 5.0, 0.90), ("exponential", 1.0, 0.86), ("share", 0.3, 0.89)]
)
def test_intervals_of_95_percent_hold_the_mean_about_that_often(
    kind: str, truth: float, least: float
) -> None:
    """400 sets of 40 clips: 95 % is expected, and a little less from few and skewed values."""
    rng = np.random.default_rng(3)
    draw = {
        "normal": lambda: rng.normal(5, 2, 40),
        "exponential": lambda: rng.exponential(1, 40),
        "share": lambda: (rng.random(40) < 0.3).astype(float),
    }[kind]
    covered = np.mean([holds(mean_interval(draw().tolist(), draws=400), truth) for _ in range(400)])
    assert least <= covered <= 0.985


def test_the_interval_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(0, 1, 400)
    interval = mean_interval(values.tolist())
    assert interval is not None and interval.low is not None and interval.high is not None
    expected = 2 * 1.96 * values.std(ddof=1) / 20
    assert interval.high - interval.low == pytest.approx(expected, rel=0.08)
    assert interval.value == pytest.approx(values.mean())


def test_a_skewed_sets_interval_reaches_further_to_its_long_side() -> None:
    interval = mean_interval(np.random.default_rng(1).exponential(1, 25).tolist())
    assert interval is not None and interval.low is not None and interval.high is not None
    assert interval.high - interval.value > 1.1 * (interval.value - interval.low)


def test_a_pooled_figure_is_the_ratio_of_the_sums() -> None:
    matched, counted = np.array([2.0, 1.0, 0.0, 5.0]), np.array([4.0, 2.0, 3.0, 6.0])
    pooled = mean_interval((matched / counted).tolist(), counted.tolist())
    assert pooled is not None and pooled.value == pytest.approx(matched.sum() / counted.sum())
    assert pooled.low is not None and pooled.low < pooled.value


def test_pairing_takes_away_what_clips_have_in_common() -> None:
    """Clips differ by 10, systems by 1: unpaired that could not be seen."""
    rng = np.random.default_rng(2)
    hard = rng.normal(0, 10, 30)
    first, second = hard + 1 + rng.normal(0, 0.5, 30), hard + rng.normal(0, 0.5, 30)
    paired, alone = difference_interval(first.tolist(), second.tolist()), mean_interval(first.tolist())
    assert paired is not None and paired.low is not None and paired.low > 0
    assert alone is not None and alone.low is not None and alone.low < 0
    assert paired.value == pytest.approx(np.mean(first - second))


def test_the_same_seed_gives_the_same_interval_and_few_clips_none() -> None:
    values = [0.1, 0.5, 0.4, 0.9]
    assert mean_interval(values, seed=4) == mean_interval(values, seed=4)
    assert mean_interval([0.1, 0.3]) == Interval(pytest.approx(0.2))
    assert mean_interval([]) is None
    assert mean_interval([1.0, 1.0], [0.0, 0.0]) is None
    assert mean_interval([0.5] * 8) == Interval(0.5, 0.5, 0.5)


def test_a_set_figures_interval_surrounds_it_and_has_the_width_of_theory() -> None:
    rng = np.random.default_rng(5)
    samples, references = rng.normal(1, 1, 100), rng.normal(0, 1, 100)

    def distance(some, others) -> float:  # type: ignore[no-untyped-def]
        return float(np.mean(some) - np.mean(others))

    interval = set_interval(
        distance(samples, references), distance, samples.tolist(), references.tolist(), draws=300
    )
    assert interval.low is not None and interval.high is not None
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * np.sqrt(2 / 100), rel=0.2)
    assert set_interval(1.0, distance, [1.0], [2.0], draws=300) == Interval(1.0)
    assert set_interval(1.0, distance, [1.0] * 9, [2.0] * 9, draws=0) == Interval(1.0)


def test_a_ratio_of_means_is_held_about_as_often_as_said() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for number in range(200):
        below = rng.uniform(0.5, 1.5, 40)
        above = 0.8 * below + rng.normal(0, 0.1, 40)
        held += holds(ratio_interval(above.tolist(), below.tolist(), seed=number, draws=500), 0.8)
    assert held / 200 > 0.88


def test_a_ratio_needs_something_below() -> None:
    assert ratio_interval([], []) is None
    assert ratio_interval([1.0], [0.0]) is None
    assert ratio_interval([1.0, 2.0], [2.0, 4.0]) == Interval(0.5)
    assert ratio_interval([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]) == Interval(1.0, 1.0, 1.0)
