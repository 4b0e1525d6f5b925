"""Checkpoints of a training: written whole or not at all, and resumed from the newest."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.codec.encodec import Encodec
from engine.config import BandsConfig, CodecConfig
from engine.errors import CheckpointCorrupt, TrainingDiverged

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
    """The newest state, or None at the first start; the generators stand where they stood then.

    Raises:
        CheckpointCorrupt: it is damaged, or lacks what is asked of it later.
    """
    state = peek_state(folder)
    if state is not None:
        torch_rng, python_rng = state["torch_rng"], state["python_rng"]
        with _damage(folder / STATE_FILE):
            torch.set_rng_state(torch_rng)
            random.setstate(python_rng)
    return state


def peek_state(folder: Path) -> dict[str, Any] | None:
    """The newest state, or None where there is none; nothing of it is taken up. The folder may be a stranger's.

    Raises:
        CheckpointCorrupt: it is damaged, or lacks what is asked of it later.
    """
    path = folder / STATE_FILE
    return _loaded(path) if path.is_file() else None


def step_of(folder: Path) -> int:
    """The step of the newest state, 0 where there is none.

    Raises:
        CheckpointCorrupt: it is damaged.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return 0
    # Mapped, not read: the step is all that is wanted of what may be gigabytes.
    step = _loaded(path, mmap=True)["step"]
    with _damage(path):
        return int(step)


class _State(dict[str, Any]):
    """What a file holds; a part that it lacks is said in a sentence."""

    def __init__(self, path: Path, parts: dict[str, Any]) -> None:
        super().__init__(parts)
        self._path = path

    def __missing__(self, name: str) -> Any:
        raise _damaged(self._path)


def _loaded(path: Path, *, mmap: bool = False) -> _State:
    # A pickle may hold any program: of classes, only the shapes of models are let in.
    with _damage(path), torch.serialization.safe_globals([CodecConfig, BandsConfig]):
        return _State(path, torch.load(path, map_location="cpu", weights_only=True, mmap=mmap))


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Whatever a damaged file makes torch raise, as a sentence."""
    try:
        yield
    except Exception as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> CheckpointCorrupt:
    return CheckpointCorrupt(
        f"The training state {path} is damaged: delete it to begin anew, or restore a copy."
    )


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


def refuse_other_tokens(codec: Encodec, state: Mapping[str, Any], folder: Path) -> None:
    """
    Raises:
        CheckpointCorrupt: the state of a decoder's training is of another codec than this one.
    """
    if not torch.equal(state["codec"]["quantizer.embed"].cpu(), codec.quantizer.embed.cpu()):
        raise CheckpointCorrupt(
            f"The decoder in {folder} was taught for another codec: move it away, and run `foley train decoder`."
        )
