"""A row of float32 in narrower types: as the tiles multiply it, and as the cache keeps it."""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.extending import overload

from engine.lm.decoding.native.arithmetic import ONE, bfloat16_bits, rounded_to_bfloat16, to_bytes

HALF_RANGE = np.int32(128)
"""Added to bytes that are stored: processors multiply unsigned bytes with signed ones."""


def narrowed(x, stored, out):
    """A row as what is multiplied with `stored`; returns the size of a unit and what its sums start with."""
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
    for i in range(0, x.shape[0], 4):
        out[i + 1], out[i + 2] = out[i + 2], out[i + 1]
    return scale, -HALF_RANGE * total


def _as_bfloat16(x, stored, out):
    for i in range(x.shape[0]):
        out[i] = bfloat16_bits(x[i])
    return ONE, np.int32(0)


def _as_wide_bfloat16(x, stored, out):
    for i in range(x.shape[0]):
        out[i] = rounded_to_bfloat16(x[i])
    return ONE, np.int32(0)


def _as_is(x, stored, out):
    out[: x.shape[0]] = x
    return ONE, np.int32(0)


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
    out[: x.shape[0]] = x
    return ONE


@njit(nogil=True, cache=True)
def put_in_panel(row, number, together, panel, first_word):
    """A narrowed row into its panel, whose rows take turns: a group of the first row, one of the second, …"""
    for i in range(row.shape[0]):
        panel[first_word + i * together + number] = row[i]
