"""Attention of single rows over a cache: products of a row with two matrices that grow with every step."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.lm.decoding.native.arithmetic import FAST, ZERO, softmax
from engine.lm.decoding.native.intrinsics import tile
from engine.lm.decoding.native.machine import instructions
from engine.lm.decoding.native.phases import finish, take_along
from engine.lm.decoding.native.rows import kept, narrowed
from engine.lm.decoding.native.tiles import LANES, LINE_BYTES

AT_ONCE = 4 if "wide" in instructions() else 2
"""Blocks of 16 outputs in one tile: as many sums as registers hold."""
HIDDEN = np.float32(-1e30)


@njit(nogil=True, cache=True)
def keep(part, base, position, capacity, cache, thread, space):
    """This row's key and value [2, D / H] of one head into the cache."""
    size = part.shape[1]
    key, value = space.kept_key[thread], space.kept_value[thread]
    cache.units[base // size + position] = kept(part[0], space.query[thread], key)
    together = 4 // key.itemsize
    at = base + (position // LANES) * size * LANES + position % LANES * together
    for i in range(size):
        cache.keys[at + i // together * LANES * together + i % together] = key[i]
    kept(part[1], space.head[thread], value)
    together = 4 // value.itemsize
    at = base + (position // together) * LANES * together + position % together
    for i in range(size):
        cache.values[at + i // LANES * capacity * LANES + i % LANES * together] = value[i]


@njit(fastmath=FAST, nogil=True, cache=True)
def weigh(scores, units, seen, scale):
    """Scores, in units of the query's times the keys', to probabilities; what is not seen gets nothing."""
    for i in range(scores.shape[0]):
        scores[i] *= scale * units[i]
    scores[: seen[0]] = HIDDEN
    scores[seen[1] : seen[2]] = HIDDEN
    softmax(scores)


@njit(nogil=True, cache=True)
def against(stored, first, stride, blocks, x, groups, starts, out):
    """out [blocks * 16]: a row in a panel times blocks of the cache."""
    strides = stride, LINE_BYTES // stored.itemsize, AT_ONCE * stride
    block = 0
    while block + AT_ONCE <= blocks:
        at = first + block * stride
        tile(1, AT_ONCE, 1, stored, at, strides, x, 0, groups, starts, 0, out, block * LANES, 0)
        block += AT_ONCE
    while block < blocks:
        at = first + block * stride
        tile(1, 1, 1, stored, at, strides, x, 0, groups, starts, 0, out, block * LANES, 0)
        block += 1


@njit(nogil=True, cache=True)
def attend(query, base, position, seen, capacity, cache, thread, space, out):
    """One head of one row against its past. query and out [D / H]."""
    size, count = query.shape[0], position + 1
    panel, scores, starts = space.query[thread], space.scores[thread], space.query_start[thread]
    unit, starts[0] = narrowed(query, cache.keys, panel)
    blocks = (count + LANES - 1) // LANES
    groups = size * cache.keys.itemsize // 4
    against(cache.keys, base, size * LANES, blocks, panel, groups, starts, scores)
    first_unit = base // size
    units = cache.units[first_unit : first_unit + count]
    weigh(scores[:count], units, seen, unit / np.sqrt(np.float32(size)))
    together = 4 // cache.values.itemsize
    groups = (count + together - 1) // together
    scores[count : groups * together] = ZERO
    weights = space.head[thread]
    narrowed(scores[: groups * together], cache.values, weights)
    against(cache.values, base, capacity * LANES, size // LANES, weights, groups, starts, out)


@njit(nogil=True, cache=True)
def attention(layer, rows, cache, num_places, heads, capacity, phase, thread, space):
    """Keep keys and values, and attend; one item is one head of one run of rows, in order."""
    dim = rows.x.shape[1]
    size = dim // heads
    items = (rows.runs.shape[0] - 1) * heads
    done = 0
    item = take_along(space.counters, phase, thread, items)
    while item >= 0:
        run, head = item // heads, item % heads
        for m in range(rows.runs[run], rows.runs[run + 1]):
            place, position = rows.place[m], rows.position[m]
            base = ((layer * num_places + place) * heads + head) * capacity * size
            parts = space.qkv[m].reshape(3, heads, size)
            keep(parts[1:, head], base, position, capacity, cache, thread, space)
            out = space.attended[m].reshape(heads, size)[head]
            seen = rows.seen[m]
            attend(parts[0, head], base, position, seen, capacity, cache, thread, space, out)
        done += 1
        item = take_along(space.counters, phase, thread, items)
    finish(space.counters, phase, done, items)
