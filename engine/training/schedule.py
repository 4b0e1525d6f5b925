"""How the learning rate goes: up over the warm-up, then down along half a cosine."""

from __future__ import annotations

import math


def rate_factor(step: int, *, steps: int, warmup_steps: int, final_share: float) -> float:
    """The share of the full rate at `step`, counted from 0; `final_share` of it is left at the end."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    done = min(1.0, (step - warmup_steps) / max(1, steps - warmup_steps))
    return final_share + (1 - final_share) * (0.5 + 0.5 * math.cos(math.pi * done))
