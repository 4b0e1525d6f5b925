"""Guidance and top-k sampling of a step (`engine.lm.sampling`), a place at a time."""

from __future__ import annotations

import math

import numpy as np

from engine.lm.decoding.native.arithmetic import LEAST
from engine.lm.decoding.native.compiling import kernel
from engine.lm.decoding.native.phases import finish, part, take


@kernel(allocates=True)
def draw(thread, threads, counters, logits, cfg_scale, temperature, top_k, uniforms, drawn):
    """Logits [P, 2, K, V], with all conditions and without, and numbers [P, K] in [0, 1) -> codes drawn [P, K].

    Every thread calls this with its own number; an item is a place.
    """
    places, done = logits.shape[0], 0
    item = take(counters, 0, places)
    while item >= 0:
        draw_place(logits[item], cfg_scale, temperature, top_k, uniforms[item], drawn[item])
        done += 1
        item = take(counters, 0, places)
    finish(counters, 0, done, places)
    part(counters, 1, thread, threads)


@kernel(allocates=True)
def draw_place(logits, cfg_scale, temperature, top_k, uniforms, drawn):
    """Logits [2, K, V] and numbers [K] -> codes drawn [K]."""
    _, books, codes = logits.shape
    guided = np.empty(codes, np.float32)
    kept = max(1, min(top_k, codes))
    values, which, room = np.empty(kept, np.float32), np.empty(kept, np.int64), np.empty(codes, np.int64)
    for book in range(books):
        told, free = logits[0, book], logits[1, book]
        for code in range(codes):
            score = (free[code] + cfg_scale * (told[code] - free[code])) / temperature
            guided[code] = (
                score if score == score else LEAST
            )  # what is no number would be above and below all
        keep_largest(guided, values, which, room)
        drawn[book] = which[place_of(values, uniforms[book])]


@kernel(allocates=True)
def keep_largest(scores, values, which, room):
    """The largest scores, in falling order, and where they were; as many as `values` and `which` have room for."""
    kept, count = values.shape[0], 0
    least = least_kept(scores, kept)
    for i in range(scores.shape[0]):
        if scores[i] >= least:
            room[count] = i
            count += 1
    found, codes = scores[room[:count]], room[:count]
    # A heap whose first is the least; put behind the others, one after the other, the least come last.
    for i in range(count // 2 - 1, -1, -1):
        sink(found, codes, i, count)
    for end in range(count - 1, 0, -1):
        found[0], found[end] = found[end], found[0]
        codes[0], codes[end] = codes[end], codes[0]
        sink(found, codes, 0, end)
    values[:], which[:] = found[:kept], codes[:kept]


@kernel(allocates=True)
def least_kept(scores, kept):
    """What the `kept` largest scores are not below; more are where the last of them are equal."""
    low, high = scores.min(), scores.max()
    count = scores.shape[0]
    while count > kept:
        middle = np.float32(0.5) * (low + high)
        if not low < middle < high:
            return high if not_below(scores, high) >= kept else low
        above = not_below(scores, middle)
        if above >= kept:
            low, count = middle, above
        else:
            high = middle
    return low


@kernel()
def not_below(scores, least):
    count = np.int32(0)
    for i in range(scores.shape[0]):
        count += np.int32(scores[i] >= least)
    return count


@kernel()
def sink(values, which, i, end):
    """Let an entry of the heap [..end] go down to where it belongs."""
    value, code = values[i], which[i]
    child = 2 * i + 1
    while child < end:
        if child + 1 < end and values[child + 1] < values[child]:
            child += 1
        if values[child] >= value:
            break
        values[i], which[i] = values[child], which[child]
        i, child = child, 2 * child + 1
    values[i], which[i] = value, code


@kernel()
def place_of(values, uniform):
    """Which of the falling values is drawn, by their softmax."""
    total = 0.0
    for value in values:
        total += math.exp(value - values[0])
    reached = 0.0
    for i in range(values.shape[0]):
        reached += math.exp(values[i] - values[0])
        if reached > uniform * total:
            return i
    return values.shape[0] - 1
