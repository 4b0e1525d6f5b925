"""How models draw the samples that are measured: as users draw, unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.opening import most_side_by_side, open_model
from engine.pipeline import Pipeline


@dataclass(frozen=True)
class Drawing:
    """
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
        return Pipeline(open_model(folder, dtype=self.dtype, device=self.device))

    def most_at_once(self, pipeline: Pipeline) -> int:
        return self.batch or most_side_by_side(pipeline.model)
