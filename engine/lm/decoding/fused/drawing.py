"""Between two steps, in Triton: draw each place's codes from its logits, and make the next step's input of them."""

from __future__ import annotations

import triton
import triton.language as tl

from engine.lm.decoding.fused.kernels import await_input


@triton.jit
def _ordered(x):
    """float32 -> uint32 in the same order."""
    bits = x.to(tl.uint32, bitcast=True)
    return bits ^ ((bits >> 31) * 0x7FFFFFFF | 0x80000000)


@triton.jit
def draw_kernel(
    logits, scales, temperatures, top_ks, uniforms, step, end, free, delayed, num_steps,
    BOOKS: tl.constexpr, CODES: tl.constexpr, BLOCK: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """As `engine.lm.sampling`: guidance, temperature, the k likeliest, and the one that the uniform number falls on.

    logits [P, 2, BOOKS, CODES]; free and delayed [P, BOOKS, num_steps + 1]; uniforms [P, num_steps + 1, BOOKS]. Nothing
    is sorted: the k-th value, and the value at which the sum of all greater ones passes the number, are found bit by
    bit. Among equal values the smaller index counts as the likelier.
    """
    place, book = tl.program_id(0), tl.program_id(1)
    await_input(PDL)
    at = tl.minimum(tl.load(step + place), tl.load(end + place)).to(tl.int32)
    cell = (place * BOOKS + book) * (num_steps + 1) + at
    if tl.load(free + cell) != 0:
        index = tl.arange(0, BLOCK)
        inside = index < CODES
        row = logits + (2 * place * BOOKS + book) * CODES + index
        asked = tl.load(row, mask=inside, other=float("-inf"))
        null = tl.load(row + BOOKS * CODES, mask=inside, other=0.0)
        x = (null + tl.load(scales + place) * (asked - null)) / tl.load(temperatures + place)
        x = tl.where(inside, x, float("-inf"))
        key = tl.where(inside, _ordered(x), 0)
        k = tl.load(top_ks + place).to(tl.int32)
        least = _greatest(key, inside.to(tl.float32), k - 0.5, BLOCK)
        above = key > least
        ties = inside & (key == least)
        spare = k - tl.sum(above.to(tl.int32), axis=0)
        chosen = above | (ties & (tl.cumsum(ties.to(tl.int32), axis=0) <= spare))
        p = tl.where(chosen, tl.exp(x - tl.max(x, axis=0)), 0.0)
        target = tl.load(uniforms + (place * (num_steps + 1) + at) * BOOKS + book) * tl.sum(p, axis=0)
        found = tl.maximum(_greatest(key, p, target, BLOCK), least)
        same = chosen & (key == found)
        along = tl.sum(tl.where(key > found, p, 0.0), axis=0) + tl.cumsum(tl.where(same, p, 0.0), axis=0)
        hit = tl.min(tl.where(same & (along > target), index, BLOCK), axis=0)
        last = tl.max(tl.where(same, index, 0), axis=0)
        tl.store(delayed + cell, tl.where(hit < BLOCK, hit, last).to(tl.int64))


@triton.jit
def _greatest(key, weight, target, BLOCK: tl.constexpr):
    """The greatest key at which the weights of all keys that are not less sum up to more than the target."""
    found = tl.zeros([1], tl.uint32)
    bit = tl.full([1], 0x80000000, tl.uint32)
    for _ in range(32):
        tried = found | bit
        bit = bit >> 1
        total = tl.sum(tl.where(key >= tried, weight, 0.0), axis=0)
        found = tl.where(total > target, tried, found)
    return tl.sum(found, axis=0)


@triton.jit
def embed_kernel(
    delayed, step, end, features, embedding, biases, sinusoids, bounds, positions, hidden, narrow, stats,
    num_steps,
    ROWS: tl.constexpr, BOOKS: tl.constexpr, CODES: tl.constexpr, DIM: tl.constexpr, TILES: tl.constexpr,
    FRAMES_PER_FEATURE: tl.constexpr, FRAME_WISE: tl.constexpr, ALL_FRAME: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Move a place on by a step; where its window is not over, the input of that step, in both of its rows.

    embedding [BOOKS * (CODES + 1), DIM], biases [ROWS, num_steps, DIM], sinusoids [capacity, DIM]; for the others see
    `kernels`. What a row sees is what the masks of `engine.lm.attention` say.
    """
    place = tl.program_id(0)
    await_input(PDL)
    over = tl.load(end + place).to(tl.int32)
    now = tl.minimum(tl.load(step + place).to(tl.int32) + 1, over)
    begin = tl.load(features + place).to(tl.int32)
    is_live = now < over
    if is_live:
        d = tl.arange(0, DIM)
        summed = tl.load(sinusoids + (begin + now) * DIM + d)
        for book in tl.static_range(BOOKS):
            code = tl.load(delayed + (place * BOOKS + book) * (num_steps + 1) + now - 1).to(tl.int32)
            summed += tl.load(embedding + (book * (CODES + 1) + code) * DIM + d).to(tl.float32)
        for side in tl.static_range(2):
            row = 2 * place + side
            x = summed + tl.load(biases + (row * num_steps + now) * DIM + d)
            tl.store(hidden + row * DIM + d, x)
            copy = x.to(narrow.dtype.element_ty)
            tl.store(narrow + row * DIM + d, copy)
            tiles = tl.reshape(copy.to(tl.float32), (TILES, DIM // TILES))
            mean = tl.sum(tiles, axis=1) / (DIM // TILES)
            off = tiles - mean[:, None]
            into = stats + row * TILES + tl.arange(0, TILES)
            tl.store(into, mean)
            tl.store(into + ROWS * TILES, tl.sum(off * off, axis=1))
    own = tl.minimum(now, over - BOOKS) // FRAMES_PER_FEATURE
    first = own if FRAME_WISE else 0
    past = begin if ALL_FRAME else own + 1
    for side in tl.static_range(2):
        row = 2 * place + side
        tl.store(bounds + row, first)
        tl.store(bounds + ROWS + row, past)
        tl.store(bounds + 2 * ROWS + row, begin)
        tl.store(positions + row, tl.where(is_live, begin + now, -1))
    tl.store(step + place, now.to(tl.int64))
