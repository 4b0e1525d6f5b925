"""One crop of a training of a language model, to be heard: as it is, teacher-forced, and really drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import CodecConfig, LMConfig, WindowConfig
from engine.lm.generate import TakeConditions, generate_take
from engine.lm.model import Conditions, LanguageModel
from engine.protocol import AS_PUBLISHED
from engine.training.batches import Batch, Batches

DRAWN_S = 4.0
"""More would cost the paper's model as much time on a processor as dozens of steps on a GPU."""
LOOKED_AT = 32


@dataclass(frozen=True)
class Example:
    """A crop whose picture is known, one row."""

    batch: Batch
    config: LMConfig
    codec: CodecConfig
    seed: int

    @classmethod
    def of(cls, batches: Batches, codec: CodecConfig) -> Example:
        """The first of the training that sees its picture; the first of all, where none does."""
        rows = (batches.draw(0, range(row, row + 1)) for row in range(LOOKED_AT))
        seeing = (batch for batch in rows if bool(batch.conditions.visual_known[0]))
        batch = next(seeing, None) or batches.draw(0, range(1))
        return cls(batch, batches.config, codec, batches.seed)

    @property
    def num_frames(self) -> int:
        """What is real of it."""
        return int((self.batch.codes[0, 0] != self.config.pad_id).sum())

    def drawn(self, weights: Mapping[str, Tensor]) -> Tensor:
        """The codes [K, T] of at most 4 s that a model of these weights draws, as the paper does.

        On the processor, beside the training's own generators: what is trained does not depend on it.
        """
        with torch.device("meta"):
            lm = LanguageModel(self.config, self.codec)
        lm.load_state_dict(dict(weights), assign=True)
        return generate_take(
            lm.eval().requires_grad_(False),
            _of_take(self.batch.conditions, lm.null_label),
            min(self.num_frames, round(DRAWN_S * self.codec.frame_rate)),
            AS_PUBLISHED,
            seed=self.seed,
            windows=WindowConfig(),
            on_step=lambda share: None,
        )


def _of_take(conditions: Conditions, null_label: int) -> TakeConditions:
    """The first row's."""

    def known(value: Tensor | None, is_known: Tensor | None) -> Tensor | None:
        return None if value is None or is_known is None or not bool(is_known[0]) else value[0]

    label = None if conditions.labels is None else int(conditions.labels[0])
    return TakeConditions(
        visual=known(conditions.visual, conditions.visual_known),
        label=None if label == null_label else label,
        negative_label=None,
        sync=known(conditions.sync, conditions.sync_known),
        prompt=known(conditions.prompts, conditions.prompts_known),
    )
