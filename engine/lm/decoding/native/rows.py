"""A row of float32 in narrower types: as the tiles multiply it, and as the cache keeps it."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from engine.lm.decoding.native.arithmetic import (
    ONE,
    ZERO,
    bfloat16_bits,
    rounded_to_bfloat16,
    swap_middles,
    to_bytes,
    to_two_bytes,
)

HALF_RANGE = np.int32(128)
"""Added to bytes that are stored: processors multiply unsigned bytes with signed ones."""
COARSE = np.float32(128)
"""Fine units in a coarse one, where a row is parted."""


def whole(summed, start):
    """A sum of a tile and what is to be added to it, as float32."""
    raise NotImplementedError


@overload(whole, inline="always")
def _whole(summed, start):
    if isinstance(summed, types.Integer):
        return lambda summed, start: np.float32(np.int32(summed + start))
    return lambda summed, start: summed + start


def narrowed(x, stored, out):
    """A row as what is multiplied with `stored`; returns the size of a unit and what is to be added to its sums."""
    raise NotImplementedError


@overload(narrowed)
def _narrowed(x, stored, out):
    if stored.dtype == types.uint8:
        return _as_bytes if out.dtype == types.int8 else _as_swapped_shorts
    if stored.dtype == types.float32:
        return _as_is
    return _as_bfloat16 if out.dtype == types.uint16 else _as_wide_bfloat16


def _as_bytes(x, stored, out):
    scale, total = to_bytes(x, out)
    return scale, -HALF_RANGE * total


def _as_swapped_shorts(x, stored, out):
    """Of each 4 bytes the order is 0, 2, 1, 3 (see `tiles`)."""
    scale, total = to_bytes(x, out)
    swap_middles(out[: x.shape[0]])
    return scale, -HALF_RANGE * total


def _as_bfloat16(x, stored, out):
    for i in range(x.shape[0]):
        out[i] = bfloat16_bits(x[i])
    return ONE, ZERO


def _as_wide_bfloat16(x, stored, out):
    for i in range(x.shape[0]):
        out[i] = rounded_to_bfloat16(x[i])
    return ONE, ZERO


def _as_is(x, stored, out):
    for i in range(x.shape[0]):
        out[i] = x[i]
    return ONE, ZERO


def parted(x, stored, out, starts):
    """A row of shares [n] as the rows [R, n] that are multiplied with `stored`, and what is to be added to their sums.

    A row of probabilities spans more than bytes hold: beside bytes it is two rows, the first in units of 128, which
    together tell 16,257 sizes. Returns the size of a unit of the first row.
    """
    raise NotImplementedError


@overload(parted)
def _parted(x, stored, out, starts):
    if stored.dtype != types.uint8:
        return _in_one
    return _in_bytes if out.dtype == types.int8 else _in_swapped_shorts


def _in_one(x, stored, out, starts):
    unit, starts[0] = narrowed(x, stored, out[0])
    return unit


def _in_bytes(x, stored, out, starts):
    unit, coarse, fine = to_two_bytes(x, out)
    starts[0], starts[1] = -HALF_RANGE * coarse, -HALF_RANGE * fine
    return unit


def _in_swapped_shorts(x, stored, out, starts):
    unit, coarse, fine = to_two_bytes(x, out)
    starts[0], starts[1] = -HALF_RANGE * coarse, -HALF_RANGE * fine
    for part in range(2):
        swap_middles(out[part, : x.shape[0]])
    return unit


def kept(x, room, out):
    """A row into the cache's type, by way of `room`; returns the size of a unit."""
    raise NotImplementedError


@overload(kept)
def _kept(x, room, out):
    if out.dtype == types.uint8:
        return _kept_bytes
    return _kept_bfloat16 if out.dtype == types.uint16 else _kept_as_is


def _kept_bytes(x, room, out):
    scale, _ = to_bytes(x, room)
    for i in range(x.shape[0]):
        out[i] = np.uint8(np.int32(room[i]) + HALF_RANGE)
    return scale


def _kept_bfloat16(x, room, out):
    for i in range(x.shape[0]):
        out[i] = bfloat16_bits(x[i])
    return ONE


def _kept_as_is(x, room, out):
    for i in range(x.shape[0]):
        out[i] = x[i]
    return ONE
