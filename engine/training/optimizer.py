"""AdamW as all trainings here use it, and the one way a step is taken."""

from __future__ import annotations

import torch
from torch import nn
from torch.distributed.tensor import DTensor

from engine.training.state import refuse_nan


def adamw(
    module: nn.Module, learning_rate: float, *, betas: tuple[float, float], weight_decay: float
) -> torch.optim.AdamW:
    """Matrices decay, vectors (biases, norms, nulls) do not."""
    decayed = [p for p in module.parameters() if p.dim() >= 2]
    plain = [p for p in module.parameters() if p.dim() < 2]
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, learning_rate, betas=betas)


def take_step(optimizer: torch.optim.Optimizer, *, learning_rate: float, max_norm: float, step: int) -> float:
    """Clip the gradients by their global norm, step, and clear them.

    Returns:
        The norm before clipping, over all processes.

    Raises:
        TrainingDiverged: the gradients are not finite; the weights are left as they were.
    """
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    value = refuse_nan(norm.full_tensor() if isinstance(norm, DTensor) else norm, step, what="gradient")
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return value
