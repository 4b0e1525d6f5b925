"""The arrays that a pass works on. L layers, M rows, D width, H heads, K codebooks of V codes, T threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Weights(NamedTuple):
    """All blocks, stacked: matrices in tiles (flat), one scale an output, norms in float32."""

    qkv: np.ndarray
    out: np.ndarray
    up: np.ndarray
    down: np.ndarray
    heads: np.ndarray
    qkv_scale: np.ndarray
    out_scale: np.ndarray
    up_scale: np.ndarray
    down_scale: np.ndarray
    heads_scale: np.ndarray
    norms: np.ndarray
    """[L, 4, D]: weight and bias before attention, weight and bias before the feed-forward part."""
    last_norm: np.ndarray
    """[2, D]."""


class Cache(NamedTuple):
    """Keys and values, in blocks as the weights: attention is a product like theirs. P places of C positions.

    A head's keys are a matrix of C outputs, its values one of D / H outputs. Beside int8 weights keys are bytes, with
    a scale for each head of each position, and values bfloat16.
    """

    keys: np.ndarray
    """[L * P * H * C * D / H]."""
    values: np.ndarray
    """[L * P * H * C * D / H]."""
    units: np.ndarray
    """[L * P * H * C] float32: the size of a unit of each key."""


class Rows(NamedTuple):
    """The rows of one pass: M of them, consecutive ones of the same place in the order of their positions."""

    x: np.ndarray
    """[M, D] float32, changed in place."""
    place: np.ndarray
    """[M] which row of the cache."""
    position: np.ndarray
    """[M]."""
    seen: np.ndarray
    """[M, 3]: features from..to, and where the steps begin; it sees those and its past from there on."""
    runs: np.ndarray
    """[R + 1]: where each run of rows of one place begins."""
    logits: np.ndarray
    """[M, K * V] float32; only the last `num_logits` rows are written."""


class Space(NamedTuple):
    """Room for what is between the phases. T threads."""

    qkv: np.ndarray
    attended: np.ndarray
    grown: np.ndarray
    """[M, 4 D]."""
    panels: np.ndarray
    """Activations as the tiles want them, flat."""
    scales: np.ndarray
    """[M] the size of a unit."""
    starts: np.ndarray
    """[M] int32: -128 times the sum of a row's bytes, since the weights are stored with 128 added."""
    row: np.ndarray
    """[T, 4 D] float32."""
    narrow: np.ndarray
    """[T, 4 D] a row in the panels' type."""
    query: np.ndarray
    """[T, D / H] a query, in the type that multiplies keys."""
    query_start: np.ndarray
    """[T, 16] int32: what a query's sums start with, in the first of each line."""
    kept_key: np.ndarray
    """[T, D / H] in the cache's type."""
    kept_value: np.ndarray
    """[T, D / H] in the cache's type."""
    head: np.ndarray
    """[T, capacity] a row of attention, in the type that multiplies values."""
    sums: np.ndarray
    """[T, M * 4 * 16] float32."""
    scores: np.ndarray
    """[T, capacity]."""
    counters: np.ndarray
    """[phases, 1 + T, LINE] int64: items done, tickets (see `phases`)."""
