"""What the spotter is to say of each frame, and how wrong it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.training.spotter_scenes import WatchedScene
from engine.visual.motion import Motion


@dataclass(frozen=True)
class Targets:
    """What is true of each frame, all [B, T].

    `nearness` is 1 at the frame of a hit and falls off beside it; `offset_frames` leads from a frame's middle
    to the nearest hit, and counts where `near_hit` is 1.
    """

    nearness: Tensor
    has_hit: Tensor
    near_hit: Tensor
    offset_frames: Tensor
    strength: Tensor
    curve: Tensor

    def to(self, device: torch.device) -> Targets:
        return Targets(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})

    def counts(self) -> Counts:
        return Counts(self.has_hit.sum().clamp_min(1), self.near_hit.sum().clamp_min(1))


@dataclass(frozen=True)
class Counts:
    """How many hits a global batch has, and how many frames lie near one: what the loss is divided by; never 0."""

    hits: Tensor
    near: Tensor


def targets_of(batch: Sequence[WatchedScene], frame_rate: int, *, hit_width_frames: float = 1.0) -> Targets:
    """Targets of equally long scenes."""
    num_frames = len(batch[0].frames)
    middles = np.arange(num_frames) + 0.5
    nearness, offset, strength = (np.zeros((len(batch), num_frames), np.float32) for _ in range(3))
    has_hit, near_hit = np.zeros_like(nearness), np.zeros_like(nearness)
    for row, scene in enumerate(batch):
        if not scene.hits:
            continue
        at_frames = np.array([hit.time_s for hit in scene.hits]) * frame_rate
        nearest = np.abs(at_frames[None] - middles[:, None]).argmin(axis=1)
        offset[row] = at_frames[nearest] - middles
        strength[row] = np.array([hit.strength for hit in scene.hits])[nearest]
        width = max(hit_width_frames, 0.4 * frame_rate / scene.source_frame_rate)
        nearness[row] = np.exp(-0.5 * (offset[row] / width) ** 2)
        has_hit[row, at_frames.astype(int).clip(0, num_frames - 1)] = 1
        near_hit[row] = np.abs(offset[row]) <= 2.0
    curve = np.stack([scene.curve for scene in batch])
    return Targets(*map(torch.from_numpy, (nearness, has_hit, near_hit, offset, strength, curve)))


def spotter_losses(motion: Motion, targets: Targets, counts: Counts | None = None) -> dict[str, Tensor]:
    """The parts of the loss.

    Args:
        counts: of the global batch, over its number of equal parts; these targets' own if not given.

    Hits: the focal loss of key points (CornerNet, arXiv 1808.01244): frames beside a hit are punished less
    for firing, and sure ones count little.
    """
    logit = motion.hit_logit.float()
    probability = logit.sigmoid()
    counts = counts or targets.counts()
    found = (1 - probability).square() * functional.logsigmoid(logit) * targets.has_hit
    wrong = (
        (1 - targets.nearness).pow(4)
        * probability.square()
        * functional.logsigmoid(-logit)
        * (1 - targets.has_hit)
    )
    offset = functional.smooth_l1_loss(motion.offset_frames.float(), targets.offset_frames, reduction="none")
    strength = (motion.strength.float() - targets.strength).abs()
    return {
        "hits": -(found + wrong).sum() / counts.hits,
        "offset": 0.5 * (offset * targets.near_hit).sum() / counts.near,
        "strength": 0.5 * (strength * targets.near_hit).sum() / counts.near,
        "curve": 2.0 * (motion.curve.float() - targets.curve).abs().mean(),
    }
