"""What this processor can do for the kernels."""

from __future__ import annotations

import platform
from functools import cache


@cache
def instructions() -> frozenset[str]:
    """Of "wide" (512-bit vectors), "vnni" (sums of bytes), "bf16" (sums of bfloat16), "pairs" (of int16), "fma"."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    if platform.machine().lower() in ("arm64", "aarch64"):
        return frozenset({"fma"})
    found = {"fma", "pairs"} if features.get("fma") and features.get("avx2") else set()
    if found and features.get("avx512f") and features.get("avx512bw") and features.get("avx512vl"):
        found.add("wide")
        found |= {name for name in ("vnni", "bf16") if features.get(f"avx512{name}")}
    return frozenset(found)


def can_compile() -> bool:
    """Whether numba is there and the processor has fused multiply-add, without which the kernels crawl."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return "fma" in instructions()
