"""Attention of single rows over a cache: products of a row with two matrices that grow with every step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.lm.decoding.native.arithmetic import softmax
from engine.lm.decoding.native.compiling import FAST, kernel
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
    kept_words: np.ndarray
    """[D / H / g] the same, 4 bytes at a time."""
    kept_bits: np.ndarray
    """[D / H] the same, as unsigned integers."""
    shares: np.ndarray
    parts: np.ndarray
    starts: np.ndarray
    products: np.ndarray


@kernel()
def place_of(block, blocks, stride, line):
    """Where one of a head's blocks begins, and how far it is from each of its lines to the next."""
    if block < blocks - blocks % AT_ONCE:
        return block // AT_ONCE * AT_ONCE * stride + block % AT_ONCE * line, AT_ONCE * line
    return block * stride, line


@kernel()
def keep(key, value, cached_head, position, capacity, cache, desk):
    """A row's key and value [D / H] into one of the cache's heads, in words of 4 bytes."""
    size, row = key.shape[0], desk.kept
    together = 4 // row.itemsize
    first, unit = cached_head * capacity * (size // together), cached_head * capacity + position

    cache.key_units[unit] = kept(key, desk.query[0], row)
    at, step = place_of(position // LANES, capacity // LANES, size // together * LANES, LANES)
    at += first + position % LANES
    for group in range(size // together):
        cache.key_words[at + group * step] = desk.kept_words[group]

    cache.value_units[unit] = kept(value, desk.query[0], row)
    group, part = position // together, position % together
    for block in range(size // LANES):
        at, step = place_of(block, size // LANES, capacity // together * LANES, LANES)
        at += first + group * step
        put(desk.kept_bits[block * LANES : (block + 1) * LANES], cache.value_words[at : at + LANES], part)


@kernel()
def put(values, words, part):
    """Values into one part of as many words, each as wide as a value; what else is in the words stays."""
    bits = np.uint32(8 * values.itemsize)
    shift = np.uint32(part) * bits
    others = ~(np.uint32((np.uint64(1) << bits) - np.uint64(1)) << shift)
    for i in range(LANES):
        words[i] = (words[i] & np.uint32(others)) | (np.uint32(values[i]) << shift)


@kernel(fastmath=FAST)
def weigh(products, start, units, seen, scale, shares):
    """Products, in units of the query's times the keys', to probabilities; what is not seen gets nothing."""
    for i in range(shares.shape[0]):
        shares[i] = whole(products[i], start) * (scale * units[i])
    for i in range(seen[0]):
        shares[i] = HIDDEN
    for i in range(seen[1], min(seen[2], shares.shape[0])):
        shares[i] = HIDDEN
    softmax(shares)


@kernel(fastmath=FAST)
def to_units(shares, units):
    """What meets values in units, in place."""
    for i in range(shares.shape[0]):
        shares[i] *= units[i]


@kernel()
def clear(row):
    for i in range(row.shape[0]):
        row[i] = 0


@kernel()
def against(stored, first, stride, blocks, all_blocks, x, groups, out):
    """out [R, blocks * 16] = R rows, one or two, times the first of a head's blocks."""
    line = LINE_BYTES // stored.itemsize
    turns = line, AT_ONCE * line, 0
    for r in range(x.shape[0]):
        clear(out[r, : blocks * LANES])
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


@kernel(fastmath=FAST)
def settle_parts(products, starts, unit, out):
    """The products of the parts of a row, the coarse one first, to one row."""
    for i in range(out.shape[0]):
        out[i] = whole(products[0, i], starts[0]) * unit
    if products.shape[0] == 2:
        fine = unit / COARSE
        for i in range(out.shape[0]):
            out[i] += whole(products[1, i], starts[1]) * fine


@kernel()
def attend(query, cached_head, position, seen, capacity, cache, desk, out):
    """One head of one row against its past. query and out [D / H]."""
    size, count = query.shape[0], position + 1
    first_unit = cached_head * capacity
    base, units = first_unit * size, slice(first_unit, first_unit + count)
    panel, products, shares, parts = desk.query, desk.products, desk.shares, desk.parts
    together = 4 // cache.keys.itemsize

    unit, start = narrowed(query, cache.keys, panel[0])
    blocks = (count + LANES - 1) // LANES
    against(cache.keys, base, size * LANES, blocks, capacity // LANES, panel, size // together, products)
    scale = unit / np.sqrt(np.float32(size))
    weigh(products[0], start, cache.key_units[units], seen, scale, shares[:count])

    groups = (count + together - 1) // together
    to_units(shares[:count], cache.value_units[units])
    clear(shares[count : groups * together])
    unit = parted(shares[: groups * together], cache.values, parts, desk.starts)
    blocks = size // LANES
    against(cache.values, base, capacity * LANES, blocks, blocks, parts, groups, products)
    settle_parts(products, desk.starts, unit, out)


@kernel()
def attention(layer, rows, cache, num_places, heads, capacity, phase, thread, space):
    """Keep keys and values, and attend; one item is one head of one run of rows, in order."""
    dim = rows.x.shape[1]
    size = dim // heads
    items = (rows.runs.shape[0] - 1) * heads
    desk = Desk(
        space.query[thread], space.kept[thread], space.kept_words[thread], space.kept_bits[thread],
        space.shares[thread], space.parts[thread], space.part_starts[thread], space.products[thread],
    )  # fmt: skip
    done = 0
    item = take_along(space.counters, phase, thread, items)
    while item >= 0:
        run, head = item // heads, item % heads
        query = slice(head * size, (head + 1) * size)
        key = slice(dim + head * size, dim + (head + 1) * size)
        value = slice(2 * dim + head * size, 2 * dim + (head + 1) * size)
        for m in range(rows.runs[run], rows.runs[run + 1]):
            cached_head = (layer * num_places + rows.place[m]) * heads + head
            position, qkv = rows.position[m], space.qkv[m]
            keep(qkv[key], qkv[value], cached_head, position, capacity, cache, desk)
            attend(
                qkv[query],
                cached_head,
                position,
                rows.seen[m],
                capacity,
                cache,
                desk,
                space.attended[m, query],
            )
        done += 1
        item = take_along(space.counters, phase, thread, items)
    finish(space.counters, phase, done, items)
