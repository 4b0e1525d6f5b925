"""Greedy matching against the best possible assignment, and chance against arithmetic."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from engine.evaluation.matching import chance_f1, chance_score, mean_score, shuffled, shuffled_score
from engine.media.matching import Score, match, onset_f1, onset_score

moments = st.lists(st.floats(0, 2), max_size=5)


def best_count(found: list[float], true: list[float], tolerance_s: float) -> int:
    """By trying every assignment."""
    short, long = sorted((found, true), key=len)
    return max(
        (
            sum(abs(a - b) <= tolerance_s + 1e-9 for a, b in zip(short, order, strict=False))
            for order in permutations(long, len(short))
        ),
        default=0,
    )


@given(moments, moments, st.sampled_from([0.05, 0.1, 0.4]))
def test_greedy_never_beats_the_optimum_and_gets_at_least_half(
    found: list[float], true: list[float], tolerance_s: float
) -> None:
    matched = len(match(found, true, tolerance_s))
    best = best_count(found, true, tolerance_s)
    assert best / 2 <= matched <= best


def optimal_count(found: list[float], true: list[float], tolerance_s: float) -> int:
    """By the Hungarian method: as many pairs as can be had."""
    if not found or not true:
        return 0
    near = np.abs(np.subtract.outer(found, true)) <= tolerance_s + 1e-9
    rows, columns = linear_sum_assignment(near, maximize=True)
    return int(near[rows, columns].sum())


@given(moments, moments, st.sampled_from([0.05, 0.1, 0.4]))
def test_the_hungarian_method_finds_what_trying_everything_finds(
    found: list[float], true: list[float], tolerance_s: float
) -> None:
    assert optimal_count(found, true, tolerance_s) == best_count(found, true, tolerance_s)


@pytest.mark.parametrize(("hits_a_second", "most"), [(1, 0.012), (2, 0.025), (8, 0.06)])
def test_greedy_loses_few_pairs_at_the_densities_of_footage(hits_a_second: int, most: float) -> None:
    """Clips of 10 s, a fifth of the hits missed, as many invented, the rest off by half the tolerance."""
    rng = np.random.default_rng(0)
    greedy = optimal = 0
    for _ in range(150):
        true = rng.uniform(0, 10, max(1, rng.poisson(10 * hits_a_second)))
        kept = true[rng.random(true.size) < 0.8]
        found = np.concatenate([kept, rng.uniform(0, 10, true.size - kept.size)])
        found += rng.normal(0, 0.05, found.size)
        greedy += len(match(found.tolist(), true.tolist(), 0.1))
        optimal += optimal_count(found.tolist(), true.tolist(), 0.1)
    assert optimal * (1 - most) <= greedy <= optimal


@given(moments, moments)
def test_greedy_is_optimal_where_true_moments_are_further_apart_than_two_tolerances(
    found: list[float], true: list[float]
) -> None:
    kept: list[float] = []
    for moment in sorted(true):
        if not kept or moment - kept[-1] > 0.2 + 1e-6:
            kept.append(moment)
    assert len(match(found, kept, 0.1)) == best_count(found, kept, 0.1)


@given(moments, moments, st.floats(0, 1))
def test_pairs_are_one_to_one_and_within_the_tolerance(
    found: list[float], true: list[float], tolerance_s: float
) -> None:
    pairs = match(found, true, tolerance_s)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(found[i] - true[j]) <= tolerance_s + 1e-9 for i, j in pairs)


def test_misses_and_false_alarms_both_cost() -> None:
    assert onset_f1([1.0, 2.0], [1.0, 2.0], 0.05) == 1.0
    assert onset_f1([1.0], [1.0, 2.0], 0.05) == pytest.approx(2 / 3)
    assert onset_f1([1.0, 1.5, 2.0], [1.0, 2.0], 0.05) == pytest.approx(4 / 5)
    assert onset_f1([], [1.0], 0.05) == 0.0
    assert onset_f1([], [], 0.05) == 1.0
    assert onset_score([1.03, 1.04], [1.0], 0.05) == Score(matched=1, found=2, true=1)


def test_the_mean_is_over_clips_and_the_pool_over_hits() -> None:
    score = mean_score([([1.0], [1.0]), ([], [1.0, 2.0, 3.0])], 0.05)
    assert score.num_clips == 2
    assert score.mean_f1 == pytest.approx(0.5)
    assert score.pooled == Score(matched=1, found=1, true=4)


def test_chance_agrees_with_the_share_of_time_that_is_covered() -> None:
    """One random moment against one true one amid the clip hits with probability 2 x tolerance / duration."""
    assert chance_f1(1, [5.0], 10.0, 0.5, draws=4000) == pytest.approx(0.1, abs=0.02)


def test_chance_grows_with_density() -> None:
    sparse, dense = (np.arange(0.25, 10, gap).tolist() for gap in (0.5, 0.25))
    assert chance_f1(len(dense), dense, 10, 0.1) > chance_f1(len(sparse), sparse, 10, 0.1) + 0.05


def test_chance_is_the_same_for_the_same_seed() -> None:
    assert chance_f1(4, [1.0, 2.0], 4.0, 0.1, seed=3) == chance_f1(4, [1.0, 2.0], 4.0, 0.1, seed=3)
    pairs = [([1.0], [1.0]), ([2.0], [2.5])]
    assert chance_score(pairs, [4.0, 4.0], 0.1) == chance_score(pairs, [4.0, 4.0], 0.1)


@given(st.integers(2, 40), st.integers(0, 5))
def test_shuffling_pairs_every_clip_with_another(count: int, seed: int) -> None:
    partner = shuffled(count, seed=seed)
    assert sorted(partner) == list(range(count))
    assert all(index != other for index, other in enumerate(partner))


def test_one_clip_cannot_be_shuffled() -> None:
    with pytest.raises(ValueError, match="two clips"):
        shuffled(1)


def test_shuffled_pairs_of_unlike_clips_score_nothing() -> None:
    pairs = [([float(i)], [float(i)]) for i in range(5)]
    assert mean_score(pairs, 0.1).mean_f1 == 1.0
    assert shuffled_score(pairs, 0.1).mean_f1 == 0.0
