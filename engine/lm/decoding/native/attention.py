"""Attention of single rows over a cache: products of a row with two matrices that grow with every step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.lm.decoding.native.arithmetic import FAST, ZERO, softmax
from engine.lm.decoding.native.intrinsics import tile
from engine.lm.decoding.native.machine import instructions
from engine.lm.decoding.native.phases import finish, take_along
from engine.lm.decoding.native.rows import COARSE, kept, narrowed, parted, whole
from engine.lm.decoding.native.tiles import LANES, LINE_BYTES

AT_ONCE = 4 if "wide" in instructions() else 2
"""Blocks of 16 outputs in one tile, as many sums as registers hold. They take turns in the cache, the last ones, that
make no whole tile, do not."""
HIDDEN = np.float32(-1e30)


class Desk(NamedTuple):
    """One thread's room for attention (see `Space`)."""

    query: np.ndarray
    """[1, D / H]."""
    kept: np.ndarray
    """[D / H]."""
    shares: np.ndarray
    parts: np.ndarray
    starts: np.ndarray
    products: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def place_of(block, blocks, stride, line):
    """Where one of a head's blocks begins, and how far it is from each of its lines to the next."""
    if block < blocks - blocks % AT_ONCE:
        return block // AT_ONCE * AT_ONCE * stride + block % AT_ONCE * line, AT_ONCE * line
    return block * stride, line


@njit(nogil=True, cache=True, error_model="numpy")
def keep(part, base, position, capacity, cache, desk):
    """This row's key and value [2, D / H] of one head into the cache."""
    size = part.shape[1]
    room, row = desk.query[0], desk.kept
    line = LINE_BYTES // row.itemsize
    together = line // LANES
    cache.key_units[base // size + position] = kept(part[0], room, row)
    at, step = place_of(position // LANES, capacity // LANES, size * LANES, line)
    at += base + position % LANES * together
    for group in range(size // together):
        for i in range(together):
            cache.keys[at + group * step + i] = row[group * together + i]
    cache.value_units[base // size + position] = kept(part[1], room, row)
    group, own = position // together, position % together
    for block in range(size // LANES):
        at, step = place_of(block, size // LANES, capacity * LANES, line)
        at += base + group * step + own
        for i in range(LANES):
            cache.values[at + i * together] = row[block * LANES + i]


@njit(fastmath=FAST, nogil=True, cache=True, error_model="numpy")
def weigh(products, start, units, seen, scale, shares):
    """Products, in units of the query's times the keys', to probabilities; what is not seen gets nothing."""
    for i in range(shares.shape[0]):
        shares[i] = whole(products[i], start) * (scale * units[i])
    shares[: seen[0]] = HIDDEN
    shares[seen[1] : seen[2]] = HIDDEN
    softmax(shares)


@njit(nogil=True, cache=True, error_model="numpy")
def against(stored, first, stride, blocks, all_blocks, x, groups, out):
    """out [R, blocks * 16] += R rows, one or two, times the first of a head's blocks."""
    line = LINE_BYTES // stored.itemsize
    turns = line, AT_ONCE * line, 0
    block = 0
    while block + AT_ONCE <= min(blocks, all_blocks - all_blocks % AT_ONCE):
        at = first + block * stride
        if x.shape[0] == 2:
            tile(2, AT_ONCE, 0, stored, at, turns, x, 0, groups, out, 0, block * LANES)
        else:
            tile(1, AT_ONCE, 0, stored, at, turns, x, 0, groups, out, 0, block * LANES)
        block += AT_ONCE
    while block < blocks:
        offset, step = place_of(block, all_blocks, stride, line)
        alone = 0, step, 0
        if x.shape[0] == 2:
            tile(2, 1, 0, stored, first + offset, alone, x, 0, groups, out, 0, block * LANES)
        else:
            tile(1, 1, 0, stored, first + offset, alone, x, 0, groups, out, 0, block * LANES)
        block += 1


@njit(fastmath=FAST, nogil=True, cache=True, error_model="numpy")
def settle_parts(products, starts, unit, out):
    """The products of the parts of a row, the coarse one first, to one row."""
    for i in range(out.shape[0]):
        out[i] = whole(products[0, i], starts[0]) * unit
    if products.shape[0] == 2:
        fine = unit / COARSE
        for i in range(out.shape[0]):
            out[i] += whole(products[1, i], starts[1]) * fine


@njit(nogil=True, cache=True, error_model="numpy")
def attend(query, base, position, seen, capacity, cache, desk, out):
    """One head of one row against its past. query and out [D / H]."""
    size, count = query.shape[0], position + 1
    panel, products, shares = desk.query, desk.products, desk.shares
    units = slice(base // size, base // size + count)
    together = 4 // cache.keys.itemsize

    unit, start = narrowed(query, cache.keys, panel[0])
    blocks = (count + LANES - 1) // LANES
    products[0, : blocks * LANES] = 0
    against(cache.keys, base, size * LANES, blocks, capacity // LANES, panel, size // together, products)
    scale = unit / np.sqrt(np.float32(size))
    weigh(products[0, :count], start, cache.key_units[units], seen, scale, shares[:count])

    groups = (count + together - 1) // together
    shares[:count] *= cache.value_units[units]
    shares[count : groups * together] = ZERO
    parts = desk.parts
    unit = parted(shares[: groups * together], cache.values, parts, desk.starts)
    products[:, :size] = 0
    blocks = size // LANES
    against(cache.values, base, capacity * LANES, blocks, blocks, parts, groups, products)
    settle_parts(products, desk.starts, unit, out)


@njit(nogil=True, cache=True, error_model="numpy")
def attention(layer, rows, cache, num_places, heads, capacity, phase, thread, space):
    """Keep keys and values, and attend; one item is one head of one run of rows, in order."""
    dim = rows.x.shape[1]
    size = dim // heads
    items = (rows.runs.shape[0] - 1) * heads
    desk = Desk(
        space.query[thread], space.kept[thread], space.shares[thread],
        space.parts[thread], space.part_starts[thread], space.products[thread],
    )  # fmt: skip
    done = 0
    item = take_along(space.counters, phase, thread, items)
    while item >= 0:
        run, head = item // heads, item % heads
        for m in range(rows.runs[run], rows.runs[run + 1]):
            place, position = rows.place[m], rows.position[m]
            base = ((layer * num_places + place) * heads + head) * capacity * size
            parts = space.qkv[m].reshape(3, heads, size)
            keep(parts[1:, head], base, position, capacity, cache, desk)
            out = space.attended[m].reshape(heads, size)[head]
            seen = rows.seen[m]
            attend(parts[0, head], base, position, seen, capacity, cache, desk, out)
        done += 1
        item = take_along(space.counters, phase, thread, items)
    finish(space.counters, phase, done, items)
