"""How the learning rate goes: up over the warm-up, then down along half a cosine; and when a training is over."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

_BEGAN_S = time.monotonic()
"""When the program had loaded its libraries."""


def rate_factor(step: int, *, steps: int, warmup_steps: int, final_share: float) -> float:
    """The share of the full rate at `step`, counted from 0; `final_share` of it is left at the end."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return falling((step - warmup_steps) / max(1, steps - warmup_steps), final_share)


def falling(done: float, final_share: float) -> float:
    """Half a cosine from 1 down to `final_share`, by the share that is done."""
    return final_share + (1 - final_share) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, done)))


@dataclass(frozen=True)
class Schedule:
    """By steps, which makes a training exact; or where `minutes` are given by the clock, where a machine is lent.

    Minutes count from the start of the program, the loading of data included. Steps are then a limit alone.
    """

    steps: int
    warmup_steps: int
    final_share: float
    minutes: float | None = None

    def factor(self, step: int) -> float:
        """The share of the full learning rate at `step`, counted from 0."""
        if self.minutes is None:
            return rate_factor(
                step, steps=self.steps, warmup_steps=self.warmup_steps, final_share=self.final_share
            )
        return min(1.0, (step + 1) / self.warmup_steps) * falling(self._spent(), self.final_share)

    def is_over(self, step: int) -> bool:
        """Whether `step` steps were enough, or the time is up."""
        return step >= self.steps or (self.minutes is not None and self._spent() >= 1)

    def _spent(self) -> float:
        assert self.minutes is not None
        return (time.monotonic() - _BEGAN_S) / (60 * self.minutes)
