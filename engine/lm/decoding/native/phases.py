"""Phases of a pass: independent items that threads take as they come.

A thread takes the next item by an atomic ticket; a phase is over when its items are done, whoever did them, so that
no phase waits for a thread that the system has put to sleep.
"""

from __future__ import annotations

from numba import njit

from engine.lm.decoding.native.intrinsics import add_atomic, give_way, load_atomic

LINE = 8
"""int64 in a cache line: two threads' counters do not share one."""


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


@njit(nogil=True, cache=True)
def part(counters, phase, thread, threads):
    """Leave a pass: the first thread, which clears the counters for the next one, not before the others."""
    if thread:
        add_atomic(counters, (phase * 2 + 1) * LINE, 1)
    else:
        finish(counters, phase, 0, threads - 1)
