"""What is done with, given back."""

from __future__ import annotations

import ctypes
import gc
import os
import sys

M_ARENA_MAX = -8
"""Of glibc's mallopt(3)."""
HEAPS = 2


def trim_heap(*, collect: bool = True) -> None:
    """Give free pages of the C heap back to the system, where its library can: glibc keeps them by itself.

    Args:
        collect: what Python holds in circles too, which takes some 50 ms.
    """
    if collect:
        gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def share_heaps() -> None:
    """Let threads share two heaps of the C library from now on, where it is glibc and nobody said otherwise.

    Else each thread has one of its own, which keeps what its largest work ever took.
    """
    is_told = "MALLOC_ARENA_MAX" in os.environ or "arena_max" in os.environ.get("GLIBC_TUNABLES", "")
    if sys.platform == "linux" and not is_told:
        option = getattr(ctypes.CDLL(None), "mallopt", None)
        if option is not None:
            option(M_ARENA_MAX, HEAPS)
