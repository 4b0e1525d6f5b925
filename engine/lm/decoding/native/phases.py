"""Phases of a pass: independent items that threads take as they come.

A thread takes the next item by an atomic ticket, from its own stretch of them where they lie in memory one behind
the other; a phase is over when its items are done, whoever did them, so that no phase waits for a thread that the
system has put to sleep.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.lm.decoding.native.compiling import kernel
from engine.lm.decoding.native.intrinsics import add_atomic, give_way, load_atomic

LINE = 8
"""int64 in a cache line: two threads' counters do not share one."""
DONE, TICKETS = 0, 1
"""Of a phase's lines: how many items are done, and the tickets of each thread's stretch."""


@kernel()
def take(counters, phase, total):
    """The next item of a phase, or -1."""
    ticket = add_atomic(counters[phase, TICKETS], 0, 1)
    return ticket if ticket < total else -1


@kernel()
def take_along(counters, phase, thread, total):
    """The next item of a phase, or -1: of this thread's own stretch, then of those that others have not come to.

    A thread that reads memory in one go gets it sooner: the processor sees what it will want.
    """
    threads = counters.shape[1] - TICKETS
    for turn in range(threads):
        owner = (thread + turn) % threads
        first, end = owner * total // threads, (owner + 1) * total // threads
        ticket = add_atomic(counters[phase, TICKETS + owner], 0, 1)
        if first + ticket < end:
            return first + ticket
    return -1


@kernel()
def finish(counters, phase, done, total):
    """Say how many items this thread did, and wait for the others' items."""
    if done:
        add_atomic(counters[phase, DONE], 0, done)
    tries = 0
    while load_atomic(counters[phase, DONE], 0) < total:
        tries += 1
        if tries > 2000:
            give_way()


@kernel()
def part(counters, phase, thread, threads):
    """Leave a pass: the first thread, which clears the counters for the next one, not before the others."""
    if thread:
        add_atomic(counters[phase, DONE], 0, 1)
    else:
        finish(counters, phase, 0, threads - 1)


def new_counters(phases: int, threads: int) -> NDArray[np.int64]:
    """[phases, 1 + threads, LINE]."""
    return np.zeros((phases, TICKETS + threads, LINE), np.int64)
