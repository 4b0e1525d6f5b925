"""Can Triton build kernels on this machine? PyTorch working well does not say so.

The first launch of a kernel compiles a launcher in C against Python's and the driver's headers. Where a compiler or a
header is missing, or the driver is older than Triton's code, that fails, and a job would fail with it.
"""

from __future__ import annotations

from functools import cache

import torch

from engine.lm.decoding.fused.kernels import answer_kernel


@cache
def builds_kernels(device: torch.device) -> bool:
    """Whether a kernel of one store can be built, launched on a device, and does it. Asked once a process."""
    out = torch.zeros(1, dtype=torch.int32, device=device)
    try:
        answer_kernel[(1,)](out)
        return bool(out.item())
    except Exception:  # whatever the compiler, the linker, the driver or the system raises
        return False
