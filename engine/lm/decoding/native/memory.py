"""What loading leaves behind, given back."""

from __future__ import annotations

import ctypes
import gc
import sys


def trim_heap() -> None:
    """Give free pages of the C heap back to the system, where its library can: glibc keeps them by itself."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
