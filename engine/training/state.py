"""Checkpoints of a training: written whole or not at all, and resumed from the newest."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.errors import TrainingDiverged

STATE_FILE = "state.pt"


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Write atomically; generators of torch, numpy and python go along."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {**state, "torch_rng": torch.get_rng_state(), "python_rng": random.getstate()}
    partial = folder / f".{STATE_FILE}.partial"
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, folder / STATE_FILE)


def read_state(folder: Path) -> dict[str, Any] | None:
    """The newest state, or None at the first start. Only ever read from the user's own training folder."""
    path = folder / STATE_FILE
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False)
    torch.set_rng_state(state["torch_rng"])
    random.setstate(state["python_rng"])
    return state


def step_of(folder: Path) -> int:
    """The step of the newest state, 0 where there is none."""
    path = folder / STATE_FILE
    if not path.is_file():
        return 0
    # Mapped, not read: the step is all that is wanted of what may be gigabytes.
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False, mmap=True)
    return int(state["step"])


def refuse_nan(value: torch.Tensor, step: int, *, what: str = "loss") -> float:
    """The value as a number.

    Raises:
        TrainingDiverged: it is not finite.
    """
    number = float(value.detach())
    if not np.isfinite(number):
        raise TrainingDiverged(
            f"The {what} became {number} at step {step}: the last checkpoint is kept; go on from it with a lower "
            "learning rate."
        )
    return number
