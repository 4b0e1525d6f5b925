"""Models opened as users draw with them: what is measured is what the editor hears."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.batching import bytes_of_unit, free_bytes, number_that_fit
from engine.checkpoints import read_model_folder
from engine.lm.decoding.opening import dtype_for
from engine.lm.on_device import PLACES
from engine.lm.units import TakeUnit
from engine.pipeline import Model, Pipeline, load_model

SIDE_BY_SIDE = {"cpu": 8, "cuda": PLACES}
"""As the engine serves: more drafts at once are not faster."""


@dataclass(frozen=True)
class Drawing:
    """How models draw the samples that are measured.

    Attributes:
        dtype: of the language model's weights: float32, bfloat16 or int8; None takes FOLEY_DTYPE, or the quickest.
        device: "cpu" or "cuda"; None takes FOLEY_DEVICE, or the CPU.
        batch: so many drafts of takes at once, at most; None leaves it to the device and to the memory that is
            free. No take depends on it.
    """

    dtype: str | None = None
    device: str | None = None
    batch: int | None = None

    def open(self, folder: Path) -> Pipeline:
        """
        Raises:
            CheckpointError: the model cannot be read.
            RequestError: there are no weights of this type, or no such device.
        """
        device = self.device or os.environ.get("FOLEY_DEVICE") or "cpu"
        return Pipeline(load_as_drawn(folder, dtype=self.dtype, device=device))

    def most_at_once(self, pipeline: Pipeline) -> int:
        return self.batch or SIDE_BY_SIDE.get(pipeline.model.device, PLACES)

    def side_by_side(self, pipeline: Pipeline, units: Sequence[TakeUnit]) -> int:
        """How many drafts of these takes are drawn at once: no more than the free memory holds."""
        model = pipeline.model
        needed = [
            bytes_of_unit(model.config, unit.num_frames) for unit in units for _ in range(unit.drafts_at_once)
        ]
        fit = number_that_fit(needed, free_bytes(torch.device(model.device)))
        return min(fit, self.most_at_once(pipeline))


def load_as_drawn(folder: Path, *, dtype: str | None = None, device: str = "cpu") -> Model:
    """As the program draws by default.

    Raises:
        CheckpointError: the model cannot be read.
        RequestError: there are no weights of this type, or no such device.
    """
    weights = dtype_for(read_model_folder(folder).model.lm, dtype, device=device)
    return load_model(folder, dtype=weights, device=device)
