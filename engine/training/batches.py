"""Crops of encoded clips as batches: a function of (seed, step, row) alone, whoever draws them.

Crops start anywhere in longer clips, since a continuation starts mid-sound; all crops of a step are of one
length. A clip that is shorter is padded behind its end with cells that nothing is learned from.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import LMConfig
from engine.errors import RequestError
from engine.lm.model import Conditions
from engine.lm.sync import render_sync
from engine.protocol import Hit
from engine.training.corpus import Corpus, EncodedClip
from engine.training.settings import AtLeastOne, Positive


@dataclass(frozen=True)
class Cropping:
    """How crops are drawn. `rows` a step; None for as many as `frames_per_step` codec frames hold.

    All conditions are dropped together with `drop_all`, then each alone. With `on_pictures` crops start where
    the clip has a picture, so that feature i is exactly the picture i seconds into the crop.
    """

    rows: AtLeastOne | None = None
    frames_per_step: AtLeastOne = 2000
    min_s: Positive = 1.0
    max_s: Positive = 10.0
    on_pictures: bool = False
    drop_all: float = 0.1
    drop_visual: float = 0.3
    drop_label: float = 0.1
    drop_prompt: float = 0.1
    drop_sync: float = 0.1
    drop_curve: float = 0.4
    jitter_s: float = 0.01
    strength_noise: float = 0.1

    def __post_init__(self) -> None:
        if self.min_s > self.max_s:
            raise ValueError(
                f"the shortest crops, cropping.min_s={self.min_s:g}, are longer than the longest, "
                f"cropping.max_s={self.max_s:g}"
            )


@dataclass(frozen=True)
class Batch:
    """codes [B, K, T], the pad id behind a clip's end, and what they should follow."""

    codes: Tensor
    conditions: Conditions

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        if device.type == "cpu":
            return self
        moved: dict[str, Any] = {
            field.name: None if value is None else value.pin_memory().to(device, non_blocking=True)
            for field in fields(self.conditions)
            for value in [getattr(self.conditions, field.name)]
        }
        codes = self.codes.pin_memory().to(device, non_blocking=True)
        return Batch(codes, Conditions(**moved))


@dataclass(frozen=True)
class _Row:
    codes: NDArray[np.int64]
    visual: NDArray[np.float32]
    visual_known: bool
    label: int
    sync: NDArray[np.float32] | None
    sync_known: bool
    prompt: NDArray[np.float32] | None
    prompt_known: bool


class Batches:
    """All batches that a corpus can give a model.

    Raises:
        RequestError: the corpus is empty, or its features or prompts are not what the model takes.
    """

    def __init__(
        self, corpus: Corpus, config: LMConfig, frame_rate: int, cropping: Cropping, seed: int
    ) -> None:
        self.corpus, self.config, self.frame_rate = corpus, config, frame_rate
        self.cropping, self.seed = cropping, seed
        if len(corpus) == 0:
            raise RequestError("There are no clips to learn from: prepare some with `foley data prepare`.")
        width = corpus[0].features.shape[1]
        if width != config.visual_dim:
            raise RequestError(
                f"The clips have visual features of {width}, the model takes {config.visual_dim}: "
                f"set lm.visual_dim={width}."
            )

    def size(self, step: int) -> tuple[int, int]:
        """(rows, codec frames of each) of the global batch."""
        cropping = self.cropping
        rng = np.random.default_rng((self.seed, step))
        shortest, longest = (round(limit * self.frame_rate) for limit in (cropping.min_s, cropping.max_s))
        length = int(rng.integers(shortest, longest + 1))
        return cropping.rows or max(1, cropping.frames_per_step // length), length

    def draw(self, step: int, rows: range) -> Batch:
        """The given rows of a step's global batch."""
        length = self.size(step)[1]
        drawn = [self._row(np.random.default_rng((self.seed, step, 1 + row)), length) for row in rows]
        return self._stacked(drawn)

    def empty(self, step: int) -> Batch:
        """One row in which nothing counts: for a process that has no share of a small batch."""
        batch = self.draw(step, range(1))
        return Batch(torch.full_like(batch.codes, self.config.pad_id), batch.conditions)

    def _row(self, rng: np.random.Generator, length: int) -> _Row:
        clip = self.corpus[int(rng.integers(len(self.corpus)))]
        start = self._start(rng, clip, length)
        piece = clip.codes[:, start : start + length]
        codes = np.full((self.config.num_codebooks, length), self.config.pad_id, np.int64)
        codes[:, : piece.shape[1]] = piece
        return self._with_conditions(rng, clip, codes, start, length)

    def _start(self, rng: np.random.Generator, clip: EncodedClip, length: int) -> int:
        room = max(0, clip.codes.shape[1] - length)
        grid = self.frame_rate // clip.features_per_s if self.cropping.on_pictures else 1
        return grid * int(rng.integers(room // grid + 1))

    def _with_conditions(
        self, rng: np.random.Generator, clip: EncodedClip, codes: NDArray[np.int64], start: int, length: int
    ) -> _Row:
        cropping, config = self.cropping, self.config
        # Drawn in one go, so that a condition a model lacks does not shift the others.
        all_, visual, label, prompt, sync, curve = rng.random(6)
        keep = all_ >= cropping.drop_all
        keeps_label = keep and label >= cropping.drop_label and clip.label is not None and bool(config.labels)
        moments = (start / self.frame_rate + np.arange(ceil(length / self.frame_rate))) * clip.features_per_s
        seen = np.clip(np.round(moments), 0, len(clip.features) - 1).astype(int)
        known_curve = clip.curve if curve >= cropping.drop_curve else None
        return _Row(
            codes=codes,
            visual=np.asarray(clip.features[seen], np.float32),
            visual_known=bool(keep and visual >= cropping.drop_visual),
            label=clip.label if keeps_label and clip.label is not None else len(config.labels),
            sync=self._track(rng, clip, known_curve, start, length) if config.sync else None,
            sync_known=bool(keep and sync >= cropping.drop_sync),
            prompt=self._prompt(clip),
            prompt_known=bool(keep and prompt >= cropping.drop_prompt and clip.prompt is not None),
        )

    def _prompt(self, clip: EncodedClip) -> NDArray[np.float32] | None:
        if self.config.prompt_dim is None:
            return None
        return np.zeros(self.config.prompt_dim, np.float32) if clip.prompt is None else clip.prompt

    def _track(
        self,
        rng: np.random.Generator,
        clip: EncodedClip,
        curve: NDArray[np.float32] | None,
        start: int,
        length: int,
    ) -> NDArray[np.float32]:
        """True hits, each a little off; noise on strength only; the curve sometimes unknown."""
        assert self.config.sync is not None
        cropping = self.cropping
        hits = [
            Hit(
                hit.time_s + float(rng.uniform(-cropping.jitter_s, cropping.jitter_s)),
                float(np.clip(hit.strength + rng.normal(0, cropping.strength_noise), 0.05, 1.0)),
            )
            for hit in clip.hits
        ]
        radius = self.config.sync.kernel_radius_frames
        return render_sync(
            hits,
            curve,
            start_frame=start - radius,
            num_frames=length + 2 * radius,
            frame_rate=self.frame_rate,
            config=self.config.sync,
        )

    def _stacked(self, rows: list[_Row]) -> Batch:
        def stack(name: str) -> Tensor | None:
            column = [getattr(row, name) for row in rows]
            return None if column[0] is None else torch.from_numpy(np.stack(column))

        def flags(name: str) -> Tensor:
            return torch.tensor([getattr(row, name) for row in rows])

        codes, visual, sync, prompts = (stack(name) for name in ("codes", "visual", "sync", "prompt"))
        assert codes is not None and visual is not None
        conditions = Conditions(
            visual=visual,
            visual_known=flags("visual_known"),
            labels=flags("label") if self.config.labels else None,
            sync=sync,
            sync_known=None if sync is None else flags("sync_known"),
            prompts=prompts,
            prompts_known=None if prompts is None else flags("prompt_known"),
        )
        return Batch(codes, conditions)
