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

    A head's keys are a matrix of C outputs, its values one of D / H outputs. Beside narrow weights both are bytes,
    with a scale for each head of each position.
    """

    keys: np.ndarray
    """[L * P * H * C * D / H]."""
    values: np.ndarray
    """[L * P * H * C * D / H]."""
    key_words: np.ndarray
    """The keys, 4 bytes at a time."""
    value_words: np.ndarray
    key_units: np.ndarray
    """[L * P * H * C] float32: the size of a unit of each key."""
    value_units: np.ndarray
    """[L * P * H * C] float32."""


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
    narrow: np.ndarray
    """[M, 4 D and a line more] rows in the type that multiplies weights. The line keeps the rows of a tile apart in the
    processor's cache, where what is some thousands of bytes apart has the same place."""
    scales: np.ndarray
    """[M] the size of a unit."""
    starts: np.ndarray
    """[M] what is to be added to the sums: -128 times the sum of a row's bytes, since weights have 128 added."""
    row: np.ndarray
    """[T, 4 D] float32."""
    query: np.ndarray
    """[T, 1, D / H] a query, in the type that multiplies keys."""
    kept: np.ndarray
    """[T, D / H] a key or a value in the cache's type."""
    kept_words: np.ndarray
    """[T, D / H / g] the same, 4 bytes at a time."""
    kept_bits: np.ndarray
    """[T, D / H] the same, as unsigned integers."""
    shares: np.ndarray
    """[T, capacity] float32: a row of attention."""
    parts: np.ndarray
    """[T, R, capacity] the same, in one or two rows of the type that multiplies values."""
    part_starts: np.ndarray
    """[T, R] what is to be added to their sums."""
    products: np.ndarray
    """[T, R, at least capacity and D / H] sums of attention."""
    sums: np.ndarray
    """[T, M, 4 * 16]."""
    counters: np.ndarray
    """[phases, 1 + T, LINE] int64: items done, tickets (see `phases`)."""
