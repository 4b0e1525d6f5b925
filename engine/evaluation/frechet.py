"""The Fréchet distance between two sets of vectors, each taken for a Gaussian (Dowson and Landau, 1982)."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class FrechetDistance(Struct, frozen=True):
    """`warning` is for a reader of the figure, None where there is nothing to warn of."""

    value: float
    warning: str | None = None


def frechet_distance(first: NDArray[np.floating], second: NDArray[np.floating]) -> FrechetDistance | None:
    """Between vectors [N, D] and [M, D]; None where a set has fewer than two."""
    fewest = min(len(first), len(second))
    if fewest < 2:
        return None
    value = gaussian_distance(*gaussian_of(first), *gaussian_of(second))
    dim = first.shape[1]
    if fewest > dim:
        return FrechetDistance(value)
    return FrechetDistance(
        value,
        f"only {fewest} windows for {dim} dimensions: the distance is too great, and may be compared only with "
        "one of as many windows",
    )


def gaussian_of(vectors: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Mean [D] and unbiased covariance [D, D] of [N, D], in float64."""
    exact = np.asarray(vectors, np.float64)
    mean = exact.mean(axis=0)
    centred = exact - mean
    return mean, centred.T @ centred / (len(exact) - 1)


def gaussian_distance(
    first_mean: Floats, first_cov: Floats, second_mean: Floats, second_cov: Floats
) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), the square of the Fréchet (2-Wasserstein) distance.

    The trace of the root comes from the eigenvalues of C1^(1/2) C2 C1^(1/2), which is symmetric and has those
    of C1 C2, so that no complex root and no offset on singular covariances are needed.
    """
    eigenvalues, vectors = np.linalg.eigh(first_cov)
    root = (vectors * np.sqrt(np.maximum(eigenvalues, 0))) @ vectors.T
    product = root @ second_cov @ root
    trace_of_root = np.sqrt(np.maximum(np.linalg.eigvalsh((product + product.T) / 2), 0)).sum()
    shift = float(np.sum((first_mean - second_mean) ** 2))
    return max(0.0, shift + float(np.trace(first_cov) + np.trace(second_cov) - 2 * trace_of_root))
