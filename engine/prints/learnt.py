"""What a model learned from, as prints: so that it can be heard whether a sound repeats one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import CheckpointCorrupt
from engine.prints.event import PRINT_SHAPE, Print, distances

LEARNT_FILE = "learnt.safetensors"
PRINTS, NEAR = "prints.", "near_db."


@dataclass(frozen=True)
class LearntEvents:
    """Prints by label, and by label the distance in dB under which an event is near another one.

    They are levels in bands and steps of 10 ms, no recordings.
    """

    prints: Mapping[str, Sequence[Print]]
    near_db: Mapping[str, float]

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> LearntEvents:
        """From what `tensors` gave.

        Raises:
            CheckpointCorrupt: it is something else.
        """
        labels = [name.removeprefix(PRINTS) for name in tensors if name.startswith(PRINTS)]
        for label in labels:
            if NEAR + label not in tensors or tensors[PRINTS + label].shape[1:] != PRINT_SHAPE:
                raise CheckpointCorrupt(
                    f"The model's prints of {label} are none of this version: install the model again."
                )
        prints = {label: [Print(levels) for levels in tensors[PRINTS + label]] for label in labels}
        return cls(prints, {label: float(tensors[NEAR + label]) for label in labels})

    def tensors(self) -> dict[str, Tensor]:
        """For a model's folder: of each label its levels [N, frames, bands], and how near is near [1]."""
        return {
            PRINTS + label: torch.stack([each.levels for each in found])
            for label, found in self.prints.items()
        } | {NEAR + label: torch.tensor([near_db]) for label, near_db in self.near_db.items()}

    def farness(self, label: str, prints: Sequence[Print]) -> NDArray[np.float64]:
        """How far each print is from the label's nearest event: under 1 it is near, and repeats that one.

        Infinite where the label has no events.
        """
        known = self.prints.get(label)
        if not known or not prints:
            return np.full(len(prints), np.inf)
        return np.asarray(distances(prints, known).min(axis=1) / self.near_db[label])
