"""What is done with, given back."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

M_ARENA_MAX = -8
"""Of glibc's mallopt(3)."""
HEAPS = 2
MADV_DONTNEED = 4
"""Of Linux's madvise(2)."""
WORTH_BYTES = 1 << 20


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


def drop_code() -> None:
    """Give back, on Linux, what was read of libraries while they were loaded; the system reads again what is run.

    Importing PyTorch for CUDA alone reads a quarter of a gigabyte, of which a processor runs little.
    """
    if sys.platform != "linux":
        return
    try:
        maps = Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace")
        advise = ctypes.CDLL(None, use_errno=True).madvise
    except (OSError, AttributeError):
        return
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in unwritten_files(maps.splitlines()):
        advise(start, end - start, MADV_DONTNEED)


def unwritten_files(smaps: Iterable[str]) -> list[tuple[int, int]]:
    """Of /proc/PID/smaps, where files lie in memory that nobody can write and of which no page was ever written.

    A page that was, such as one of addresses that the loader filled in, is nowhere but in memory, or in the swap.
    """
    found: list[tuple[int, int]] = []
    place, is_file, fields = (0, 0), False, dict[str, int]()

    def settle() -> None:
        written = fields.get("Anonymous", 1) + fields.get("Swap", 0)
        if is_file and not written and 1024 * fields.get("Rss", 0) >= WORTH_BYTES:
            found.append(place)

    for line in smaps:
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (....) [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\d+)", line)
        if head:
            settle()
            place, fields = (int(head[1], 16), int(head[2], 16)), {}
            is_file = "w" not in head[3] and head[3][3] == "p" and head[4] != "0"
        else:
            name, _, rest = line.partition(":")
            if name in ("Rss", "Anonymous", "Swap"):
                fields[name] = int(rest.split()[0])
    settle()
    return found
