"""One pass of a few rows through all blocks, shared by threads. A pass is a chain of phases (see `phases`)."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.lm.decoding.native.arithmetic import FAST, gelu, normalise
from engine.lm.decoding.native.attention import attention
from engine.lm.decoding.native.intrinsics import tile
from engine.lm.decoding.native.machine import instructions
from engine.lm.decoding.native.phases import finish, part, take, take_along
from engine.lm.decoding.native.rows import narrowed, put_in_panel
from engine.lm.decoding.native.tiles import GROUP, LANES, LINE_BYTES

WIDTH = GROUP * LANES
PHASES_A_LAYER = 9
STORE, ADD, GELU = 0, 1, 2
WIDE = "wide" in instructions()


@njit(nogil=True, cache=True)
def rows_together(left):
    """How many rows the next tile takes."""
    if WIDE and left >= 8:
        return 8
    if left >= 4:
        return 4
    return 2 if left >= 2 else 1


@njit(nogil=True, cache=True)
def put_row(x, stored, row, num_rows, thread, space):
    """A row into its panel: what meets 4 bytes of a weight, then the same of the next row of the same tile."""
    size = x.shape[0]
    narrow = space.narrow[thread, :size]
    space.scales[row], space.starts[row] = narrowed(x, stored, narrow)
    first = 0
    together = rows_together(num_rows)
    while row >= first + together:
        first += together
        together = rows_together(num_rows - first)
    groups = size * stored.itemsize // 4
    if narrow.itemsize > stored.itemsize:
        panel = space.panels.view(np.uint64)
        put_in_panel(narrow.view(np.uint64), row - first, together, panel, first * groups)
    else:
        words = space.panels.view(np.uint32)
        put_in_panel(narrow.view(np.uint32), row - first, together, words, first * groups)


@njit(nogil=True, cache=True)
def norm_rows(x, first, weight, bias, stored, phase, thread, space):
    """Normalise rows `first` onwards and put them into panels that `stored` weights multiply."""
    count, done = x.shape[0] - first, 0
    row = space.row[thread, : x.shape[1]]
    item = take(space.counters, phase, count)
    while item >= 0:
        normalise(x[first + item], weight, bias, row)
        put_row(row, stored, item, count, thread, space)
        done += 1
        item = take(space.counters, phase, count)
    finish(space.counters, phase, done, count)


@njit(nogil=True, cache=True)
def put_rows(x, stored, phase, thread, space):
    count, done = x.shape[0], 0
    item = take(space.counters, phase, count)
    while item >= 0:
        put_row(x[item], stored, item, count, thread, space)
        done += 1
        item = take(space.counters, phase, count)
    finish(space.counters, phase, done, count)


@njit(nogil=True, cache=True)
def multiply(weights, at, strides, space, first, together, groups, sums, to):
    """One block for `together` rows. Many rows ask for the next item's block meanwhile."""
    x, starts = space.panels, space.starts
    from_ = first * groups * (4 // weights.itemsize)
    to += first * WIDTH
    if together == 8:
        tile(8, 1, 1, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)
    elif together == 4:
        tile(4, 1, 1, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)
    elif together == 2:
        tile(2, 1, 0, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)
    else:
        tile(1, 1, 0, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)


@njit(nogil=True, cache=True)
def multiply_wide(weights, at, strides, space, first, together, groups, sums):
    """A whole group of blocks for `together` rows, where there are 32 registers of 16 lanes."""
    x, starts = space.panels, space.starts
    from_, to = first * groups * (4 // weights.itemsize), first * WIDTH
    if together == 8:
        half = at + 2 * strides[0]
        tile(8, 2, 1, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)
        tile(8, 2, 1, weights, half, strides, x, from_, groups, starts, first, sums, to + 2 * LANES, WIDTH)
    elif together == 4:
        tile(4, 4, 1, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)
    elif together == 2:
        tile(2, 4, 0, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)
    else:
        tile(1, 4, 0, weights, at, strides, x, from_, groups, starts, first, sums, to, WIDTH)


@njit(fastmath=FAST, nogil=True, cache=True)
def settle(sums, scale, unit, mode, out):
    """A row's sums of one group to its outputs."""
    if mode == STORE:
        for i in range(out.shape[0]):
            out[i] = sums[i] * (scale[i] * unit)
    elif mode == ADD:
        for i in range(out.shape[0]):
            out[i] += sums[i] * (scale[i] * unit)
    else:
        for i in range(out.shape[0]):
            out[i] = gelu(sums[i] * (scale[i] * unit))


@njit(nogil=True, cache=True)
def multiply_group(weights, at, blocks, strides, space, num_rows, groups, sums):
    """A group of blocks for all rows: sums [M, 64]. Where tiles hold one block, it stays near while rows pass."""
    if WIDE and blocks == GROUP:
        first = 0
        while first < num_rows:
            together = rows_together(num_rows - first)
            multiply_wide(weights, at, strides, space, first, together, groups, sums)
            first += together
        return
    for b in range(blocks):
        first = 0
        while first < num_rows:
            together = rows_together(num_rows - first)
            place = at + b * strides[0]
            multiply(weights, place, strides, space, first, together, groups, sums, b * LANES)
            first += together


@njit(nogil=True, cache=True)
def linear(weights, base, scales, inputs, out, mode, phase, thread, space):
    """out [M, N] of the rows in the panels, with the matrix that begins at weights[base]."""
    num_rows, outputs = out.shape
    groups = inputs * weights.itemsize // 4
    stride, line = inputs * LANES, LINE_BYTES // weights.itemsize
    all_blocks = outputs // LANES
    items = (all_blocks + GROUP - 1) // GROUP
    sums = space.sums[thread]
    done = 0
    item = take_along(space.counters, phase, thread, items)
    while item >= 0:
        block = item * GROUP
        blocks = min(GROUP, all_blocks - block)
        strides = (line, blocks * line, GROUP * stride) if WIDE else (stride, line, GROUP * stride)
        multiply_group(weights, base + block * stride, blocks, strides, space, num_rows, groups, sums)
        start, stop = block * LANES, (block + blocks) * LANES
        for r in range(num_rows):
            row_sums = sums[r * WIDTH : r * WIDTH + stop - start]
            settle(row_sums, scales[start:stop], space.scales[r], mode, out[r, start:stop])
        done += 1
        item = take_along(space.counters, phase, thread, items)
    finish(space.counters, phase, done, items)


@njit(nogil=True, cache=True)
def forward(thread, threads, weights, cache, rows, space, heads, num_places, capacity, num_logits):
    """All blocks, and the logits of the last rows. Every thread calls this with its own number."""
    num_rows, dim = rows.x.shape
    layers = weights.norms.shape[0]
    wide = space.grown.shape[1]
    phase = 0
    for layer in range(layers):
        norms = weights.norms[layer]
        norm_rows(rows.x, 0, norms[0], norms[1], weights.qkv, phase, thread, space)
        linear(
            weights.qkv, layer * 3 * dim * dim, weights.qkv_scale[layer], dim, space.qkv[:num_rows], STORE,
            phase + 1, thread, space,
        )  # fmt: skip
        attention(layer, rows, cache, num_places, heads, capacity, phase + 2, thread, space)
        put_rows(space.attended[:num_rows], weights.out, phase + 3, thread, space)
        linear(
            weights.out, layer * dim * dim, weights.out_scale[layer], dim, rows.x, ADD,
            phase + 4, thread, space,
        )  # fmt: skip
        norm_rows(rows.x, 0, norms[2], norms[3], weights.up, phase + 5, thread, space)
        linear(
            weights.up, layer * wide * dim, weights.up_scale[layer], dim, space.grown[:num_rows], GELU,
            phase + 6, thread, space,
        )  # fmt: skip
        put_rows(space.grown[:num_rows], weights.down, phase + 7, thread, space)
        linear(
            weights.down, layer * wide * dim, weights.down_scale[layer], wide, rows.x, ADD,
            phase + 8, thread, space,
        )  # fmt: skip
        phase += PHASES_A_LAYER
    if num_logits:
        norms = weights.last_norm
        norm_rows(rows.x, num_rows - num_logits, norms[0], norms[1], weights.heads, phase, thread, space)
        linear(
            weights.heads, 0, weights.heads_scale, dim, rows.logits[num_rows - num_logits : num_rows], STORE,
            phase + 1, thread, space,
        )  # fmt: skip
    part(space.counters, phase + 2, thread, threads)


def num_phases(layers: int) -> int:
    """Of a pass: those of the blocks, the last norm, the heads, and the parting."""
    return PHASES_A_LAYER * layers + 3
