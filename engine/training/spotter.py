"""Training the spotter: an explicit loop that can be stopped and gone on with at any time.

Scenes are drawn afresh for ever. The learning rate follows the minutes that were spent of those that were
given, so that a training that goes on after a stop goes on where it was. Minutes are of processor time: a
machine that is busy with something else takes longer and ends in the same place.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from msgspec import Struct
from torch import Tensor
from torch.nn import functional

from engine.config import SpotterConfig
from engine.training.spotter_scenes import WatchedScene, watched_scene
from engine.training.state import read_state, refuse_nan, write_state
from engine.visual.motion import Motion, MotionNet
from engine.visual.spotter import Spotter

Log = Callable[[str], None]


class SpotterTraining(Struct, frozen=True):
    """How the spotter is trained.

    `minutes` and the time between checkpoints are of processor time. Each scene is looked at `replays` times
    on average, from a pool of `pool_scenes`.
    """

    net: SpotterConfig = SpotterConfig()
    minutes: float = 45.0
    batch_scenes: int = 16
    replays: int = 3
    pool_scenes: int = 480
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warmup_steps: int = 60
    ema_decay: float = 0.998
    hit_width_frames: float = 1.0
    """Frames this near a hit are hardly wrong to fire; wider where the footage has fewer frames."""
    checkpoint_every_s: float = 60.0
    first_seed: int = 10**9


@dataclass
class _Loop:
    """All that changes while training, and what a checkpoint holds."""

    net: MotionNet
    averaged: MotionNet
    optimizer: torch.optim.Optimizer
    step: int = 0
    spent_s: float = 0.0
    next_seed: int = 0

    def state(self) -> dict[str, object]:
        return {
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
            "next_seed": self.next_seed,
        }


def train_spotter(
    training: SpotterTraining,
    out_dir: str | Path,
    *,
    log: Log = lambda line: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Spotter:
    """Train until the minutes are spent, checkpoint by checkpoint in `out_dir`; goes on from the newest one.

    Returns:
        The averaged network, its thresholds still the defaults (see `engine.training.spotter_thresholds`).

    Raises:
        TrainingDiverged.
    """
    out_dir = Path(out_dir)
    loop = _started_or_resumed(training, out_dir)
    pool = ScenePool(training, loop.next_seed)
    last_s, last_saved_s = time.process_time(), loop.spent_s
    while loop.spent_s < training.minutes * 60 and not is_cancelled():
        batch = pool.next_batch()
        loop.next_seed = pool.next_seed
        losses = _train_step(loop, training, batch)
        now_s = time.process_time()
        loop.spent_s += now_s - last_s
        last_s = now_s
        if loop.step % 50 == 0:
            log(_progress_line(loop, losses))
        if loop.spent_s - last_saved_s >= training.checkpoint_every_s:
            write_state(out_dir, loop.state())
            last_saved_s = loop.spent_s
    write_state(out_dir, loop.state())
    return Spotter(loop.averaged)


def _started_or_resumed(training: SpotterTraining, out_dir: Path) -> _Loop:
    state = read_state(out_dir)
    if state is None:
        torch.manual_seed(training.first_seed)
    net, averaged = MotionNet(training.net), MotionNet(training.net)
    averaged.load_state_dict(net.state_dict())
    averaged.requires_grad_(False)
    net.look.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
    )
    loop = _Loop(net, averaged, optimizer, next_seed=training.first_seed)
    if state is not None:
        net.load_state_dict(state["net"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        loop.step, loop.spent_s, loop.next_seed = state["step"], state["spent_s"], state["next_seed"]
    return loop


class ScenePool:
    """Scenes in memory: each batch draws from them at random, and a few make room for new ones."""

    def __init__(self, training: SpotterTraining, next_seed: int) -> None:
        self._training = training
        self._rng = np.random.default_rng(next_seed)
        self._scenes: list[WatchedScene] = []
        self.next_seed = next_seed

    def next_batch(self) -> list[WatchedScene]:
        training = self._training
        is_filling = len(self._scenes) < training.pool_scenes
        fresh = training.batch_scenes if is_filling else max(1, training.batch_scenes // training.replays)
        for _ in range(fresh):
            scene = watched_scene(self.next_seed, training.net)
            self.next_seed += 1
            if is_filling:
                self._scenes.append(scene)
            else:
                self._scenes[int(self._rng.integers(len(self._scenes)))] = scene
        chosen = self._rng.choice(len(self._scenes), training.batch_scenes, replace=False)
        return [self._scenes[i] for i in chosen]


def _train_step(loop: _Loop, training: SpotterTraining, batch: list[WatchedScene]) -> dict[str, float]:
    for group in loop.optimizer.param_groups:
        group["lr"] = training.learning_rate * _rate_factor(loop, training)
    frames = torch.from_numpy(np.stack([scene.frames for scene in batch]))
    with torch.autocast("cpu", torch.bfloat16):
        motion = loop.net(frames)
    losses = spotter_losses(motion, targets_of(batch, training))
    total = torch.stack(list(losses.values())).sum()
    refuse_nan(total, loop.step)
    loop.optimizer.zero_grad()
    total.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(loop.net.parameters(), 1.0)
    loop.optimizer.step()
    loop.step += 1
    decay = min(training.ema_decay, loop.step / (loop.step + 10))
    with torch.no_grad():
        for mean, now in zip(loop.averaged.parameters(), loop.net.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)
    return {name: float(loss.detach()) for name, loss in losses.items()}


def _rate_factor(loop: _Loop, training: SpotterTraining) -> float:
    """Up over the first steps, then down along a cosine of the time spent."""
    warm = min(1.0, (loop.step + 1) / training.warmup_steps)
    share = min(1.0, loop.spent_s / (training.minutes * 60))
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))


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


def targets_of(batch: list[WatchedScene], training: SpotterTraining) -> Targets:
    """Targets of equally long scenes."""
    frame_rate = training.net.frame_rate
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
        width = max(training.hit_width_frames, 0.4 * frame_rate / scene.source_frame_rate)
        nearness[row] = np.exp(-0.5 * (offset[row] / width) ** 2)
        has_hit[row, at_frames.astype(int).clip(0, num_frames - 1)] = 1
        near_hit[row] = np.abs(offset[row]) <= 2.0
    curve = np.stack([scene.curve for scene in batch])
    return Targets(*map(torch.from_numpy, (nearness, has_hit, near_hit, offset, strength, curve)))


def spotter_losses(motion: Motion, targets: Targets) -> dict[str, Tensor]:
    """The parts of the loss.

    Hits: the focal loss of key points (CornerNet, arXiv 1808.01244): frames beside a hit are punished less
    for firing, and sure ones count little.
    """
    logit = motion.hit_logit.float()
    probability = logit.sigmoid()
    num_hits = targets.has_hit.sum().clamp_min(1)
    found = (1 - probability).square() * functional.logsigmoid(logit) * targets.has_hit
    wrong = (
        (1 - targets.nearness).pow(4)
        * probability.square()
        * functional.logsigmoid(-logit)
        * (1 - targets.has_hit)
    )
    num_near = targets.near_hit.sum().clamp_min(1)
    offset = functional.smooth_l1_loss(motion.offset_frames.float(), targets.offset_frames, reduction="none")
    strength = (motion.strength.float() - targets.strength).abs()
    return {
        "hits": -(found + wrong).sum() / num_hits,
        "offset": 0.5 * (offset * targets.near_hit).sum() / num_near,
        "strength": 0.5 * (strength * targets.near_hit).sum() / num_near,
        "curve": 2.0 * (motion.curve.float() - targets.curve).abs().mean(),
    }


def _progress_line(loop: _Loop, losses: dict[str, float]) -> str:
    parts = " ".join(f"{name} {value:.3f}" for name, value in losses.items())
    return f"{loop.spent_s / 60:.1f} min, step {loop.step}, scene {loop.next_seed}: {parts}"
