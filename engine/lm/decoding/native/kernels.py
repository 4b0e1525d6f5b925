"""One pass of a few rows through all blocks, shared by threads that take work as they come.

A pass is a chain of phases, each a number of independent items. A thread takes the next item by an atomic
ticket; a phase is over when its items are done, whoever did them, so that no phase waits for a thread that the
system has put to sleep.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.extending import overload

from engine.lm.decoding.native.arithmetic import (
    FAST,
    ONE,
    ZERO,
    bfloat16_bits,
    gelu,
    normalise,
    softmax,
    to_bytes,
)
from engine.lm.decoding.native.intrinsics import add_atomic, give_way, load_atomic, tile
from engine.lm.decoding.native.machine import instructions

LANES = 16
GROUP = 4
"""Blocks of 16 outputs in one item of work."""
LINE = 8
"""int64 in a cache line: two threads' counters do not share one."""
PHASES_A_LAYER = 9
STORE, ADD, GELU = 0, 1, 2
WIDE = "wide" in instructions()
HIDDEN = np.float32(-1e30)


@njit(nogil=True, cache=True)
def take(counters, phase, total):
    """The next item of a phase, or -1."""
    ticket = add_atomic(counters, phase * 2 * LINE, 1)
    return ticket if ticket < total else -1


@njit(nogil=True, cache=True)
def finish(counters, phase, done, total):
    """Say how many items this thread did, and wait for the others' items."""
    place = (phase * 2 + 1) * LINE
    if done:
        add_atomic(counters, place, done)
    tries = 0
    while load_atomic(counters, place) < total:
        tries += 1
        if tries > 2000:
            give_way()


def narrowed(x, out):
    """A row in the panels' type; returns the size of a unit and what its sums start with."""
    raise NotImplementedError


@overload(narrowed)
def _narrowed(x, out):
    if out.dtype == types.int8:

        def bytes_(x, out):
            scale, total = to_bytes(x, out)
            return scale, np.int32(-128) * total

        return bytes_
    if out.dtype == types.uint16:

        def halves(x, out):
            for i in range(x.shape[0]):
                out[i] = bfloat16_bits(x[i])
            return ONE, np.int32(0)

        return halves

    def same(x, out):
        out[: x.shape[0]] = x
        return ONE, np.int32(0)

    return same


@njit(nogil=True, cache=True)
def rows_together(left):
    """How many rows the next tile takes."""
    if WIDE and left >= 8:
        return 8
    if left >= 4:
        return 4
    return 2 if left >= 2 else 1


@njit(nogil=True, cache=True)
def put_row(x, row, num_rows, thread, space):
    """A row into its panel: 4 bytes of it, then 4 of the next row of the same tile."""
    size = x.shape[0]
    narrow = space.narrow[thread, :size]
    scale, start = narrowed(x, narrow)
    space.scales[row] = scale
    space.starts[row] = start
    first = 0
    together = rows_together(num_rows)
    while row >= first + together:
        first += together
        together = rows_together(num_rows - first)
    words = narrow.view(np.uint32)
    panel = space.panels.view(np.uint32)
    base = first * words.shape[0] + row - first
    for i in range(words.shape[0]):
        panel[base + i * together] = words[i]


@njit(nogil=True, cache=True)
def norm_rows(x, first, weight, bias, phase, thread, space):
    """Normalise rows `first` onwards and put them into panels."""
    count, done = x.shape[0] - first, 0
    row = space.row[thread, : x.shape[1]]
    item = take(space.counters, phase, count)
    while item >= 0:
        normalise(x[first + item], weight, bias, row)
        put_row(row, item, count, thread, space)
        done += 1
        item = take(space.counters, phase, count)
    finish(space.counters, phase, done, count)


@njit(nogil=True, cache=True)
def put_rows(x, phase, thread, space):
    count, done = x.shape[0], 0
    item = take(space.counters, phase, count)
    while item >= 0:
        put_row(x[item], item, count, thread, space)
        done += 1
        item = take(space.counters, phase, count)
    finish(space.counters, phase, done, count)


@njit(nogil=True, cache=True)
def multiply(weights, base, blocks, stride, space, first, together, groups, sums):
    """A group of blocks for `together` rows: sums [together, 64]. Many rows ask for the next group meanwhile."""
    x, starts = space.panels, space.starts
    at = first * groups * (4 // x.itemsize)
    is_whole = blocks == GROUP
    if together == 8 and is_whole:
        tile(8, 2, 4, weights, base, stride, x, at, groups, starts, first, sums, 0, 64)
        tile(8, 2, 4, weights, base + 2 * stride, stride, x, at, groups, starts, first, sums, 32, 64)
    elif together == 4 and is_whole and WIDE:
        tile(4, 4, 4, weights, base, stride, x, at, groups, starts, first, sums, 0, 64)
    elif together == 2 and is_whole and WIDE:
        tile(2, 4, 0, weights, base, stride, x, at, groups, starts, first, sums, 0, 64)
    elif together == 1 and is_whole:
        tile(1, 4, 0, weights, base, stride, x, at, groups, starts, first, sums, 0, 64)
    else:
        for b in range(blocks):
            block, to = base + b * stride, b * LANES
            if together == 8:
                tile(8, 1, 4, weights, block, stride, x, at, groups, starts, first, sums, to, 64)
            elif together == 4:
                tile(4, 1, 4, weights, block, stride, x, at, groups, starts, first, sums, to, 64)
            elif together == 2:
                tile(2, 1, 0, weights, block, stride, x, at, groups, starts, first, sums, to, 64)
            else:
                tile(1, 1, 0, weights, block, stride, x, at, groups, starts, first, sums, to, 64)


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
def linear(weights, base, scales, inputs, out, mode, phase, thread, space):
    """out [M, N] of the rows in the panels, with the matrix that begins at weights[base]."""
    num_rows, outputs = out.shape
    groups = inputs // (4 // space.panels.itemsize)
    stride = inputs * LANES
    all_blocks = outputs // LANES
    items = (all_blocks + GROUP - 1) // GROUP
    sums = space.sums[thread]
    done = 0
    item = take(space.counters, phase, items)
    while item >= 0:
        block = item * GROUP
        blocks = min(GROUP, all_blocks - block)
        first = 0
        while first < num_rows:
            together = rows_together(num_rows - first)
            multiply(weights, base + block * stride, blocks, stride, space, first, together, groups, sums)
            start, stop = block * LANES, (block + blocks) * LANES
            for r in range(together):
                row_sums = sums[r * GROUP * LANES : r * GROUP * LANES + stop - start]
                unit = space.scales[first + r]
                settle(row_sums, scales[start:stop], unit, mode, out[first + r, start:stop])
            first += together
        done += 1
        item = take(space.counters, phase, items)
    finish(space.counters, phase, done, items)


@njit(nogil=True, cache=True)
def keep(part, base, position, capacity, cache, narrow):
    """This row's key and value [2, D / H] of one head into the cache."""
    size, together = part.shape[1], 4 // narrow.itemsize
    narrowed(part[0], narrow)
    at = base + (position // LANES) * size * LANES + position % LANES * together
    for i in range(size):
        cache.keys[at + i // together * LANES * together + i % together] = narrow[i]
    narrowed(part[1], narrow)
    at = base + (position // together) * LANES * together + position % together
    for i in range(size):
        cache.values[at + i // LANES * capacity * LANES + i % LANES * together] = narrow[i]


@njit(fastmath=FAST, nogil=True, cache=True)
def weigh(scores, seen, scale):
    """Scores to probabilities; what is not seen gets nothing."""
    for i in range(scores.shape[0]):
        scores[i] *= scale
    scores[: seen[0]] = HIDDEN
    scores[seen[1] : seen[2]] = HIDDEN
    softmax(scores)


@njit(nogil=True, cache=True)
def against(stored, first, stride, blocks, x, groups, starts, out):
    """out [blocks * 16]: a row in a panel times blocks of the cache."""
    block = 0
    while block + GROUP <= blocks:
        at = first + block * stride
        tile(1, 4, 4, stored, at, stride, x, 0, groups, starts, 0, out, block * LANES, 0)
        block += GROUP
    while block < blocks:
        at = first + block * stride
        tile(1, 1, 4, stored, at, stride, x, 0, groups, starts, 0, out, block * LANES, 0)
        block += 1


@njit(nogil=True, cache=True)
def attend(query, base, position, seen, capacity, cache, thread, space, out):
    """One head of one row against its past. query and out [D / H]."""
    size, count = query.shape[0], position + 1
    panel, scores, starts = space.head[thread], space.scores[thread], space.starts
    together = 4 // panel.itemsize
    narrowed(query, panel[:size])
    blocks = (count + LANES - 1) // LANES
    against(cache.keys, base, size * LANES, blocks, panel, size // together, starts, scores)
    weigh(scores[:count], seen, ONE / np.sqrt(np.float32(size)))
    groups = (count + together - 1) // together
    scores[count : groups * together] = ZERO
    narrowed(scores[: groups * together], panel[: groups * together])
    against(cache.values, base, capacity * LANES, size // LANES, panel, groups, starts, out)


@njit(nogil=True, cache=True)
def attention(layer, rows, cache, num_places, heads, capacity, phase, thread, space):
    """Keep keys and values, and attend; one item is one head of one run of rows, in order."""
    dim = rows.x.shape[1]
    size = dim // heads
    items = (rows.runs.shape[0] - 1) * heads
    done = 0
    item = take(space.counters, phase, items)
    while item >= 0:
        run, head = item // heads, item % heads
        for m in range(rows.runs[run], rows.runs[run + 1]):
            place, position = rows.place[m], rows.position[m]
            base = ((layer * num_places + place) * heads + head) * capacity * size
            parts = space.qkv[m].reshape(3, heads, size)
            keep(parts[1:, head], base, position, capacity, cache, space.head[thread, :size])
            out = space.attended[m].reshape(heads, size)[head]
            seen = rows.seen[m]
            attend(parts[0, head], base, position, seen, capacity, cache, thread, space, out)
        done += 1
        item = take(space.counters, phase, items)
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
        norm_rows(rows.x, 0, norms[0], norms[1], phase, thread, space)
        linear(
            weights.qkv, layer * 3 * dim * dim, weights.qkv_scale[layer], dim, space.qkv[:num_rows], STORE,
            phase + 1, thread, space,
        )  # fmt: skip
        attention(layer, rows, cache, num_places, heads, capacity, phase + 2, thread, space)
        put_rows(space.attended[:num_rows], phase + 3, thread, space)
        linear(
            weights.out, layer * dim * dim, weights.out_scale[layer], dim, rows.x, ADD,
            phase + 4, thread, space,
        )  # fmt: skip
        norm_rows(rows.x, 0, norms[2], norms[3], phase + 5, thread, space)
        linear(
            weights.up, layer * wide * dim, weights.up_scale[layer], dim, space.grown[:num_rows], GELU,
            phase + 6, thread, space,
        )  # fmt: skip
        put_rows(space.grown[:num_rows], phase + 7, thread, space)
        linear(
            weights.down, layer * wide * dim, weights.down_scale[layer], wide, rows.x, ADD,
            phase + 8, thread, space,
        )  # fmt: skip
        phase += PHASES_A_LAYER
    if num_logits:
        norm_rows(
            rows.x, num_rows - num_logits, weights.last_norm[0], weights.last_norm[1], phase, thread, space
        )
        linear(
            weights.heads, 0, weights.heads_scale, dim, rows.logits[num_rows - num_logits : num_rows], STORE,
            phase + 1, thread, space,
        )  # fmt: skip
    # The first thread clears the counters for the next pass: not before the others have left this one.
    if thread:
        add_atomic(space.counters, ((phase + 2) * 2 + 1) * LINE, 1)
    else:
        finish(space.counters, phase + 2, 0, threads - 1)


def num_counters(layers: int) -> int:
    """int64 that the phases of a pass need: those of the blocks, the last norm, the heads, and the parting."""
    return (PHASES_A_LAYER * layers + 3) * 2 * LINE
