"""The exponential average of the weights: what gets shipped."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Average:
    """Follows a module's tensors; `tensors` are sharded where the module's are."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.tensors: dict[str, Tensor] = {
            name: tensor.detach().clone() for name, tensor in module.state_dict().items()
        }

    @torch.no_grad()
    def follow(self, module: nn.Module, step: int) -> None:
        """Go towards the module's weights after `step` (from 0).

        Early on the average follows closely, so that the random start is soon forgotten.
        """
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, tensor in module.state_dict().items():
            self.tensors[name].lerp_(tensor, 1 - decay)
