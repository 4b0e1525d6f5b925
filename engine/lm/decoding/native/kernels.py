"""One pass of a few rows through all blocks, shared by threads. A pass is a chain of phases (see `phases`)."""

from __future__ import annotations

from engine.lm.decoding.native.arithmetic import gelu_row, normalise
from engine.lm.decoding.native.attention import attention
from engine.lm.decoding.native.compiling import FAST, kernel
from engine.lm.decoding.native.intrinsics import tile
from engine.lm.decoding.native.machine import instructions
from engine.lm.decoding.native.phases import finish, part, take, take_along
from engine.lm.decoding.native.rows import narrowed, whole
from engine.lm.decoding.native.tiles import GROUP, LANES, LINE_BYTES

WIDTH = GROUP * LANES
NEAR = 64
"""Steps of a group's blocks that stay in the first cache while many rows pass, and what is asked for beside them."""
ASKING_ROWS = 16
"""So many rows pass in four tiles, each of which asks for one of the four lines of a step; fewer ask for two."""
PHASES_A_LAYER = 9
STORE, ADD, GELU = 0, 1, 2
WIDE = "wide" in instructions()


@kernel()
def rows_together(left):
    """How many rows the next tile takes."""
    if WIDE and left >= 8:
        return 8
    if left >= 4:
        return 4
    return 2 if left >= 2 else 1


@kernel()
def put_row(x, stored, row, space):
    """A row as `stored` weights meet it."""
    space.scales[row], space.starts[row] = narrowed(x, stored, space.narrow[row, : x.shape[0]])


@kernel()
def norm_rows(x, first, weight, bias, stored, phase, thread, space):
    """Normalise rows `first` onwards and make them what `stored` weights multiply."""
    count, done = x.shape[0] - first, 0
    row = space.row[thread, : x.shape[1]]
    item = take(space.counters, phase, count)
    while item >= 0:
        normalise(x[first + item], weight, bias, row)
        put_row(row, stored, item, space)
        done += 1
        item = take(space.counters, phase, count)
    finish(space.counters, phase, done, count)


@kernel()
def put_rows(x, stored, phase, space):
    count, done = x.shape[0], 0
    item = take(space.counters, phase, count)
    while item >= 0:
        put_row(x[item], stored, item, space)
        done += 1
        item = take(space.counters, phase, count)
    finish(space.counters, phase, done, count)


@kernel()
def multiply(weights, at, strides, x, first, together, groups, sums, to):
    """One block for `together` rows. Many rows ask for the next item's block meanwhile."""
    if together == 8:
        tile(8, 1, 1, weights, at, strides, x, 0, groups, sums, first, to)
    elif together == 4:
        tile(4, 1, 1, weights, at, strides, x, 0, groups, sums, first, to)
    elif together == 2:
        tile(2, 1, 0, weights, at, strides, x, 0, groups, sums, first, to)
    else:
        tile(1, 1, 0, weights, at, strides, x, 0, groups, sums, first, to)


@kernel()
def multiply_wide(weights, at, line, x, x_first, first, together, num_rows, groups, sums):
    """A stretch of a whole group of blocks for `together` rows, where there are 32 registers of 16 lanes."""
    step, ahead = GROUP * line, NEAR * GROUP * line
    if together == 8:
        for half in range(2):
            place, to = at + 2 * half * line, 2 * half * LANES
            if num_rows < ASKING_ROWS:
                tile(8, 2, 2, weights, place, (line, step, ahead), x, x_first, groups, sums, first, to)
            elif first < ASKING_ROWS:
                asked = ahead + (first // 4 - half) * line
                tile(8, 2, 1, weights, place, (line, step, asked), x, x_first, groups, sums, first, to)
            else:
                tile(8, 2, 0, weights, place, (line, step, 0), x, x_first, groups, sums, first, to)
    elif together == 4:
        tile(4, 4, 4, weights, at, (line, step, ahead), x, x_first, groups, sums, first, 0)
    elif together == 2:
        tile(2, 4, 0, weights, at, (line, step, 0), x, x_first, groups, sums, first, 0)
    else:
        tile(1, 4, 0, weights, at, (line, step, 0), x, x_first, groups, sums, first, 0)


@kernel()
def multiply_group(weights, at, blocks, strides, x, num_rows, groups, sums):
    """A group of blocks for all rows, added to sums [M, 64]. The weights stay near while rows pass."""
    if WIDE and blocks == GROUP:
        stretch = NEAR if num_rows > 4 else groups
        for begin in range(0, groups, stretch):
            count = min(stretch, groups - begin)
            place, x_first = at + begin * strides[1], begin * (4 // weights.itemsize)
            first = 0
            while first < num_rows:
                together = rows_together(num_rows - first)
                multiply_wide(weights, place, strides[0], x, x_first, first, together, num_rows, count, sums)
                first += together
        return
    for b in range(blocks):
        first = 0
        while first < num_rows:
            together = rows_together(num_rows - first)
            multiply(weights, at + b * strides[0], strides, x, first, together, groups, sums, b * LANES)
            first += together


@kernel(fastmath=FAST)
def settle(sums, starts, scales, units, mode, out, begin, end):
    """Rows' sums of one group [M, n], and what is added to each row's, to their outputs."""
    for r in range(out.shape[0]):
        row, found, start, unit = sums[r], out[r][begin:end], starts[r], units[r]
        if mode == STORE:
            for i in range(found.shape[0]):
                found[i] = whole(row[i], start) * (scales[i] * unit)
        elif mode == ADD:
            for i in range(found.shape[0]):
                found[i] += whole(row[i], start) * (scales[i] * unit)
        else:
            for i in range(found.shape[0]):
                found[i] = whole(row[i], start) * (scales[i] * unit)
            gelu_row(found)


@kernel()
def linear(weights, base, scales, inputs, out, mode, phase, thread, space):
    """out [M, N] of the narrow rows, with the matrix that begins at weights[base]."""
    num_rows, outputs = out.shape
    groups = inputs * weights.itemsize // 4
    stride, line = inputs * LANES, LINE_BYTES // weights.itemsize
    all_blocks = outputs // LANES
    items = (all_blocks + GROUP - 1) // GROUP
    sums = space.sums[thread, :num_rows]
    done = 0
    item = take_along(space.counters, phase, thread, items)
    while item >= 0:
        block = item * GROUP
        blocks = min(GROUP, all_blocks - block)
        strides = (line, blocks * line, GROUP * stride) if WIDE else (stride, line, GROUP * stride)
        sums[:] = 0
        multiply_group(weights, base + block * stride, blocks, strides, space.narrow, num_rows, groups, sums)
        start, stop = block * LANES, (block + blocks) * LANES
        settle(sums, space.starts, scales[start:stop], space.scales, mode, out, start, stop)
        done += 1
        item = take_along(space.counters, phase, thread, items)
    finish(space.counters, phase, done, items)


@kernel()
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
        put_rows(space.attended[:num_rows], weights.out, phase + 3, space)
        linear(
            weights.out, layer * dim * dim, weights.out_scale[layer], dim, rows.x, ADD,
            phase + 4, thread, space,
        )  # fmt: skip
        norm_rows(rows.x, 0, norms[2], norms[3], weights.up, phase + 5, thread, space)
        linear(
            weights.up, layer * wide * dim, weights.up_scale[layer], dim, space.grown[:num_rows], GELU,
            phase + 6, thread, space,
        )  # fmt: skip
        put_rows(space.grown[:num_rows], weights.down, phase + 7, space)
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
