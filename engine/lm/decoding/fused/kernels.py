"""A block of the decoding step in Triton: five kernels, and the heads.

A step reads every weight once, for a few rows; what bounds it is memory, and after that the gaps between kernels.
So each kernel, where `PDL` is on, is launched while the one before it still runs: its weights are on their way into
registers when it begins to wait for its input (programmatic dependent launch, sm_90). It lets the next one start only
after that wait, so what the kernel before the last has written may be read at once.

Rows are the places' two rows each. A row whose position is negative is idle: it is neither read nor written. All sums
are in float32 and in one fixed order, without atomics: a row's numbers follow from the row alone.

The norm is taken after the product: with W' = W diag(gamma), W norm(x) = (W' x - mean W' 1) / deviation + W beta. Mean
and deviation are combined from those of tiles of N columns, which whoever wrote the row has left in `stats`
[2, ROWS, DIM / N]: means, and sums of squared distances from them.
"""

from __future__ import annotations

import triton
import triton.language as tl
from triton.language.extra.cuda import gdc_launch_dependents, gdc_wait

LOG2_E = tl.constexpr(1.4426950408889634)
ROOT_HALF = tl.constexpr(0.7071067811865476)
LOWEST = tl.constexpr(-1e30)


@triton.jit
def await_input(PDL: tl.constexpr):
    """Until the kernel before this one is over; then the next one may come and fetch its weights."""
    if PDL:
        gdc_wait()
        gdc_launch_dependents()


@triton.jit
def _weights(w, first, start, K: tl.constexpr, N: tl.constexpr, SPLIT: tl.constexpr, PIECE: tl.constexpr):
    """[SPLIT, N, PIECE] of w [.., K]: outputs `first` onwards, inputs `start` onwards; each is read once a step."""
    n = first + tl.arange(0, N)[None, :, None]
    k = start + tl.arange(0, SPLIT)[:, None, None] * PIECE + tl.arange(0, PIECE)[None, None, :]
    return tl.load(w + n * K + k, eviction_policy="evict_first")


@triton.jit
def _arriving(weights, PDL: tl.constexpr):
    """The same, not to be touched before here: what waits for it would else be scheduled before `await_input`."""
    if PDL:
        weights = tl.inline_asm_elementwise(
            "mov.b32 $0, $1;", "=r,r", [weights], dtype=weights.dtype, is_pure=False, pack=2
        )
    return weights


@triton.jit
def _inputs(x, rows, live, start, K: tl.constexpr, SPLIT: tl.constexpr, PIECE: tl.constexpr):
    """[SPLIT, R, PIECE] of x [.., K]; idle rows are zeros."""
    k = start + tl.arange(0, SPLIT)[:, None, None] * PIECE + tl.arange(0, PIECE)[None, None, :]
    return tl.load(x + rows[None, :, None] * K + k, mask=live[None, :, None], other=0.0)


@triton.jit
def _product(x, weights):
    """[SPLIT, R, PIECE] and [SPLIT, N, PIECE] -> float32 [R, N]. A warp adds up a stretch of the inputs by itself."""
    return tl.sum(tl.dot(x, tl.trans(weights, (0, 2, 1)), input_precision="ieee"), axis=0)


@triton.jit
def _normed(acc, means, squares, sums, shifts, eps, DIM: tl.constexpr, TILES: tl.constexpr):
    """What the product [R, N] of raw rows is of normed ones; means and squares [R, TILES], sums and shifts [N]."""
    mean = tl.sum(means, axis=1) / TILES
    off = means - mean[:, None]
    variance = (tl.sum(squares, axis=1) + tl.sum(off * off, axis=1) * (DIM // TILES)) / DIM
    return (acc - mean[:, None] * sums[None, :]) * tl.rsqrt(variance + eps)[:, None] + shifts[None, :]


@triton.jit
def normed_linear_kernel(
    x, stats, w, sums, shifts, positions, out, keys, values, capacity, eps,
    ROWS: tl.constexpr, DIM: tl.constexpr, WIDE: tl.constexpr, HEAD: tl.constexpr, TILES: tl.constexpr,
    R: tl.constexpr, N: tl.constexpr, SPLIT: tl.constexpr, PIECE: tl.constexpr,
    QKV: tl.constexpr, GELU: tl.constexpr, EARLY: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """out [ROWS, WIDE] = norm(x) W^T, through the exact GELU if asked for.

    With QKV, WIDE is 3 DIM, out holds the queries [ROWS, DIM] alone, and the others go to each row's own position in
    keys and values [ROWS, H, capacity, HEAD]. EARLY: `positions` [ROWS] is older than the kernel before this one.
    """
    first = tl.program_id(0) * N
    n = first + tl.arange(0, N)
    tile = _weights(w, first, 0, DIM, N, SPLIT, PIECE)
    sum_of, shift = tl.load(sums + n), tl.load(shifts + n)
    if not EARLY:
        await_input(PDL)
    for block in tl.static_range(ROWS // R):
        rows = block * R + tl.arange(0, R)
        position = tl.load(positions + rows)
        if EARLY and block == 0:
            await_input(PDL)
        if block == 0:
            tile = _arriving(tile, PDL)
        if tl.max(position, axis=0) >= 0:
            live = position >= 0
            at = stats + rows[:, None] * TILES + tl.arange(0, TILES)[None, :]
            read = _inputs(x, rows, live, 0, DIM, SPLIT, PIECE)
            means = tl.load(at, mask=live[:, None], other=0.0)
            squares = tl.load(at + ROWS * TILES, mask=live[:, None], other=0.0)
            acc = _normed(_product(read, tile), means, squares, sum_of, shift, eps, DIM, TILES)
            if GELU:
                acc = 0.5 * acc * (1.0 + tl.erf(acc * ROOT_HALF))
            if QKV:
                column = first % DIM + tl.arange(0, N)
                of_head = (rows[:, None] * (DIM // HEAD) + (column // HEAD)[None, :]) * capacity
                cached = (of_head + position[:, None]) * HEAD + (column % HEAD)[None, :]
                if first < DIM:
                    tl.store(out + rows[:, None] * DIM + n[None, :], acc, mask=live[:, None])
                elif first < 2 * DIM:
                    tl.store(keys + cached, acc, mask=live[:, None])
                else:
                    tl.store(values + cached, acc, mask=live[:, None])
            else:
                tl.store(out + rows[:, None] * WIDE + n[None, :], acc, mask=live[:, None])


@triton.jit
def attention_kernel(
    query, keys, values, bounds, positions, out, capacity,
    ROWS: tl.constexpr, DIM: tl.constexpr, HEAD: tl.constexpr, BLOCK: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """A row's query against what it has seen, one head; out [ROWS, DIM].

    bounds [3, ROWS]: the first feature that a row sees, the one past its last, where the steps begin. Each of BLOCK
    slots goes over every BLOCK-th position by itself, and one sum over the slots ends it.
    """
    head, row = tl.program_id(0), tl.program_id(1)
    position = tl.load(positions + row)
    first, past = tl.load(bounds + row), tl.load(bounds + ROWS + row)
    begin = tl.load(bounds + 2 * ROWS + row)
    await_input(PDL)
    if position >= 0:
        d = tl.arange(0, HEAD)
        slot = tl.arange(0, BLOCK)
        at = ((row * (DIM // HEAD) + head) * capacity + slot[:, None]) * HEAD + d[None, :]
        k = tl.load(keys + at, mask=(slot <= position)[:, None], other=0.0)
        v = tl.load(values + at, mask=(slot <= position)[:, None], other=0.0)
        q = tl.load(query + row * DIM + head * HEAD + d).to(tl.float32) * (LOG2_E * HEAD**-0.5)
        most = tl.full([BLOCK], LOWEST, tl.float32)
        total = tl.zeros([BLOCK], tl.float32)
        acc = tl.zeros([BLOCK, HEAD], tl.float32)
        for start in range(0, position + 1, BLOCK):
            # The next block is on its way while this one is computed.
            ahead = (start + BLOCK + slot <= position)[:, None]
            next_k = tl.load(keys + at + (start + BLOCK) * HEAD, mask=ahead, other=0.0)
            next_v = tl.load(values + at + (start + BLOCK) * HEAD, mask=ahead, other=0.0)
            index = start + slot
            seen = ((index >= first) & (index < past)) | ((index >= begin) & (index <= position))
            score = tl.where(seen, tl.sum(k.to(tl.float32) * q[None, :], axis=1), float("-inf"))
            new = tl.maximum(most, score)
            kept, weight = tl.exp2(most - new), tl.exp2(score - new)
            acc = acc * kept[:, None] + v.to(tl.float32) * weight[:, None]
            total = total * kept + weight
            most = new
            k, v = next_k, next_v
        share = tl.exp2(most - tl.max(most, axis=0))
        attended = tl.sum(acc * share[:, None], axis=0) / tl.sum(total * share, axis=0)
        tl.store(out + row * DIM + head * HEAD + d, attended)


@triton.jit
def residual_kernel(
    x, w, positions, partial, arrived, hidden, narrow, stats,
    ROWS: tl.constexpr, K: tl.constexpr, DIM: tl.constexpr, TILES: tl.constexpr, PARTS: tl.constexpr,
    R: tl.constexpr, N: tl.constexpr, SPLIT: tl.constexpr, PIECE: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """hidden [ROWS, DIM] += x [ROWS, K] W^T, in float32; `narrow` is its copy for products, `stats` that copy's.

    The inputs are cut into PARTS. Each part leaves its sums in partial [PARTS, ROWS, DIM]; whichever program comes
    last adds them up, in the order of the parts. `arrived` [TILES] counts them and is left at zero.
    """
    tile, part = tl.program_id(0), tl.program_id(1)
    first, start = tile * N, part * (K // PARTS)
    n = first + tl.arange(0, N)
    weights = _weights(w, first, start, K, N, SPLIT, PIECE)
    for block in tl.static_range(ROWS // R):
        rows = block * R + tl.arange(0, R)
        position = tl.load(positions + rows)
        if block == 0:
            await_input(PDL)
            weights = _arriving(weights, PDL)
        if tl.max(position, axis=0) >= 0:
            live = position >= 0
            acc = _product(_inputs(x, rows, live, start, K, SPLIT, PIECE), weights)
            into = partial + (part * ROWS + rows[:, None]) * DIM + n[None, :]
            if PARTS == 1:
                _add(acc, rows, live, n, tile, hidden, narrow, stats, ROWS, DIM, TILES, N)
            else:
                tl.store(into, acc, mask=live[:, None])
    if PARTS > 1:
        tl.debug_barrier()
        before = tl.atomic_add(arrived + tile, 1, sem="acq_rel", scope="gpu")
        if before == PARTS - 1:
            tl.store(arrived + tile, 0)
            for block in tl.static_range(ROWS // R):
                rows = block * R + tl.arange(0, R)
                live = tl.load(positions + rows) >= 0
                at = partial + rows[:, None] * DIM + n[None, :]
                acc = tl.zeros([R, N], tl.float32)
                for each in tl.static_range(PARTS):
                    # Not from the first-level cache, which does not see what other multiprocessors write.
                    acc += tl.load(
                        at + each * ROWS * DIM, mask=live[:, None], other=0.0, cache_modifier=".cg"
                    )
                _add(acc, rows, live, n, tile, hidden, narrow, stats, ROWS, DIM, TILES, N)


@triton.jit
def _add(
    acc, rows, live, n, tile, hidden, narrow, stats,
    ROWS: tl.constexpr, DIM: tl.constexpr, TILES: tl.constexpr, N: tl.constexpr,
):  # fmt: skip
    """Add [R, N] to a tile of the rows; write its copy and the copy's mean and squares."""
    at = rows[:, None] * DIM + n[None, :]
    acc += tl.load(hidden + at, mask=live[:, None], other=0.0)
    tl.store(hidden + at, acc, mask=live[:, None])
    copy = acc.to(narrow.dtype.element_ty)
    tl.store(narrow + at, copy, mask=live[:, None])
    copied = copy.to(tl.float32)
    mean = tl.sum(copied, axis=1) / N
    off = copied - mean[:, None]
    into = stats + rows * TILES + tile
    tl.store(into, mean, mask=live)
    tl.store(into + ROWS * TILES, tl.sum(off * off, axis=1), mask=live)


@triton.jit
def answer_kernel(out):
    """The least that can be launched."""
    tl.store(out, 1)
