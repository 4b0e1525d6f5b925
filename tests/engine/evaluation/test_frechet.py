"""The Fréchet distance of Gaussians: closed forms, scipy's matrix root, and samples that converge."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from engine.evaluation.frechet import frechet_distance, gaussian_distance, gaussian_of

Floats = NDArray[np.float64]
RNG = np.random.default_rng(3)


def covariance(dim: int, seed: int, *, rank: int | None = None) -> Floats:
    factor = np.random.default_rng(seed).standard_normal((dim, rank or 2 * dim))
    return np.asarray(factor @ factor.T / dim)


def turned(dim: int, seed: int) -> Floats:
    orthogonal, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))
    return np.asarray(orthogonal)


def test_in_one_dimension_it_is_the_difference_of_means_and_of_deviations() -> None:
    found = gaussian_distance(np.array([1.0]), np.array([[4.0]]), np.array([4.0]), np.array([[25.0]]))
    assert found == pytest.approx((4 - 1) ** 2 + (5 - 2) ** 2)


def test_covariances_that_commute_have_a_closed_form() -> None:
    first, second, mean = RNG.uniform(0.1, 5, 8), RNG.uniform(0.1, 5, 8), RNG.standard_normal(8)
    axes = turned(8, 0)
    expected = np.sum(mean**2) + np.sum((np.sqrt(first) - np.sqrt(second)) ** 2)
    found = gaussian_distance(np.zeros(8), (axes * first) @ axes.T, mean, (axes * second) @ axes.T)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("dim", [2, 5, 40])
def test_covariances_that_do_not_commute_agree_with_the_matrix_root(dim: int) -> None:
    first, second = covariance(dim, 1), covariance(dim, 2)
    assert not np.allclose(first @ second, second @ first)
    mean = RNG.standard_normal(dim)
    expected = mean @ mean + np.trace(first + second - 2 * sqrtm(first @ second).real)
    assert gaussian_distance(mean, first, np.zeros(dim), second) == pytest.approx(expected, rel=1e-8)


def test_it_is_symmetric_and_nothing_from_itself() -> None:
    first, second = covariance(12, 4), covariance(12, 5)
    one, other = RNG.standard_normal(12), RNG.standard_normal(12)
    there, back = gaussian_distance(one, first, other, second), gaussian_distance(other, second, one, first)
    assert there == pytest.approx(back, rel=1e-9)
    assert gaussian_distance(one, first, one, first) == pytest.approx(0, abs=1e-9)


def test_covariances_without_full_rank_need_no_offset() -> None:
    first, second = covariance(20, 6, rank=4), covariance(20, 7, rank=3)
    zero = np.zeros(20)
    assert gaussian_distance(zero, first, zero, first) == pytest.approx(0, abs=1e-6)
    there, back = gaussian_distance(zero, first, zero, second), gaussian_distance(zero, second, zero, first)
    assert there == pytest.approx(back, rel=1e-6)
    # A little of everything added, as some implementations do, changes little.
    near = gaussian_distance(zero, first + 1e-9 * np.eye(20), zero, second + 1e-9 * np.eye(20))
    assert there == pytest.approx(near, rel=1e-3)


def test_samples_come_nearer_to_the_true_distance_the_more_they_are() -> None:
    first, second, mean = covariance(6, 8), covariance(6, 9), np.full(6, 0.4)
    true = gaussian_distance(np.zeros(6), first, mean, second)

    def error(count: int) -> float:
        rng = np.random.default_rng(count)
        ours = rng.multivariate_normal(np.zeros(6), first, count)
        theirs = rng.multivariate_normal(mean, second, count)
        found = frechet_distance(ours, theirs)
        assert found is not None and found.warning is None
        return abs(found.value - true) / true

    assert error(100_000) < 0.02
    assert np.mean([error(count) for count in (40, 41, 42, 43)]) > 3 * error(100_000)


def test_mean_and_covariance_are_numpys() -> None:
    vectors = RNG.standard_normal((30, 5)).astype(np.float32)
    mean, cov = gaussian_of(vectors)
    assert np.allclose(mean, vectors.astype(np.float64).mean(axis=0))
    assert np.allclose(cov, np.cov(vectors.astype(np.float64).T))


def test_few_windows_are_told_and_one_is_too_few() -> None:
    few = frechet_distance(RNG.standard_normal((8, 8)), RNG.standard_normal((100, 8)))
    assert few is not None and few.warning is not None and "only 8 windows for 8 dimensions" in few.warning
    assert frechet_distance(RNG.standard_normal((1, 8)), RNG.standard_normal((100, 8))) is None
