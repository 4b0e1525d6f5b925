"""bfloat16 where the machine computes in it; emulated on a CPU it is twenty times slower than float32."""

from __future__ import annotations

import torch


def autocast(device: torch.device, *, wanted: bool = True) -> torch.autocast:
    """Mixed precision for a training's passes on `device`, or none where that does not help."""
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted and has_bfloat16(device))


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 itself."""
    if device.type != "cpu":
        return True
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
