"""Train the default model's image tower: name the label of a rendered picture, then freeze."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from engine.config import TowerConfig
from engine.training.distributed import whole
from engine.training.scene_set import read_shard, shard_paths
from engine.training.settings import AtLeastOne, NotNegative, Positive
from engine.training.state import read_state, refuse_nan, write_state
from engine.visual.tower import ImageTower


@dataclass(frozen=True)
class TowerTraining:
    steps: AtLeastOne = 1700
    batch: AtLeastOne = 64
    learning_rate: Positive = 2e-3
    label_smoothing: float = 0.1
    held_out_shards: int = 4
    log_every: AtLeastOne = 100
    seed: NotNegative = 1


class TowerTrainer:
    """One tower over the pictures of a scene set; `run` goes on from the newest checkpoint."""

    def __init__(
        self,
        config: TowerConfig,
        training: TowerTraining,
        scenes: Path,
        folder: Path,
        log: Callable[[str], None],
        *,
        device: torch.device | None = None,
    ) -> None:
        self.training, self.folder, self.log = training, folder, log
        self.device = device or torch.device("cpu")
        torch.manual_seed(training.seed)
        self.tower = ImageTower(config).to(self.device)
        self.optimizer = torch.optim.AdamW(self.tower.parameters(), training.learning_rate, weight_decay=0.05)
        paths = shard_paths(scenes)
        held_out = training.held_out_shards
        self.frames, self.labels = _pictures(paths[: len(paths) - held_out])
        self.test_frames, self.test_labels = _pictures(paths[len(paths) - held_out :])
        self.step = 0
        state = read_state(folder)
        if state is not None:
            self.step = state["step"]
            self.tower.load_state_dict(state["tower"])
            if "optimizer" in state:  # else it is begun from a model that is ready
                self.optimizer.load_state_dict(state["optimizer"])

    def run(self) -> None:
        started = time.monotonic()
        while self.step < self.training.steps:
            loss = self._train_step()
            self.step += 1
            if self.step % self.training.log_every == 0:
                top1, top5 = self.accuracy()
                self.log(
                    f"step {self.step} loss {loss:.3f} held-out scenes top-1 {top1:.3f} top-5 {top5:.3f} "
                    f"{time.monotonic() - started:.0f} s"
                )
                self._checkpoint()
        self._checkpoint()

    def _train_step(self) -> float:
        rng = np.random.default_rng((self.training.seed, self.step))
        rows = rng.integers(len(self.labels), size=self.training.batch)
        pictures = rng.integers(self.frames.shape[1], size=self.training.batch)
        frames = torch.from_numpy(_varied(rng, self.frames[rows, pictures])).to(self.device)
        for group in self.optimizer.param_groups:
            group["lr"] = self.training.learning_rate * (1 - self.step / self.training.steps) ** 0.9 + 1e-5
        logits = self.tower(frames)
        loss = F.cross_entropy(
            logits,
            torch.from_numpy(self.labels[rows]).to(self.device),
            label_smoothing=self.training.label_smoothing,
        )
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.tower.parameters(), 1.0)
        self.optimizer.step()
        return refuse_nan(loss, self.step)

    @torch.inference_mode()
    def accuracy(self) -> tuple[float, float]:
        """Top-1 and top-5 over held-out scenes, all pictures of a scene together."""
        right = []
        for frames, label in zip(self.test_frames, self.test_labels, strict=True):
            guesses = (
                self.tower.label_probabilities(self.tower.encode(frames[:, None]).to(self.device))
                .topk(5)
                .indices.tolist()
            )
            right.append((guesses[0] == label, label in guesses))
        top1, top5 = np.mean(right, axis=0)
        return float(top1), float(top5)

    def _checkpoint(self) -> None:
        write_state(
            self.folder,
            whole(
                {
                    "step": self.step,
                    "tower": self.tower.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                }
            ),
        )


def _pictures(paths: list[Path]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    shards = [read_shard(path) for path in paths]
    return np.concatenate([s.frames for s in shards]), np.concatenate([s.label for s in shards])


def _varied(rng: np.random.Generator, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mirror, and pull contrast and brightness about."""
    mirror = rng.random(len(frames)) < 0.5
    frames = np.where(mirror[:, None, None, None], frames[:, :, ::-1], frames)
    gain = rng.uniform(0.7, 1.3, size=(len(frames), 1, 1, 1))
    lift = rng.uniform(-25, 25, size=(len(frames), 1, 1, 1))
    return np.clip((frames - 128.0) * gain + 128 + lift, 0, 255).astype(np.uint8)
