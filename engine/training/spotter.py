"""Training the spotter: an explicit loop that can be killed and gone on with at any time.

Scenes are drawn afresh for ever. The learning rate follows the steps that were asked for, which makes a training
exact; or the minutes that were spent of those that were given. Minutes are of processor time: a machine that is
busy with something else takes longer and ends in nearly the same place.
"""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import torch
from msgspec import Struct
from torch import Tensor

from engine.config import MotionConfig, SpotterConfig
from engine.errors import RequestError
from engine.training.board import Board
from engine.training.distributed import ALONE, Ranks, fill, fill_optimizer, whole
from engine.training.journal import Journal
from engine.training.optimizer import take_step
from engine.training.precision import autocast
from engine.training.settings import AtLeastOne, NotNegative, Positive
from engine.training.spotter_pool import ScenePool
from engine.training.spotter_scenes import WatchedScene, watched_scene
from engine.training.spotter_targets import Counts, Targets, spotter_losses, targets_of
from engine.training.state import read_state, refuse_nan, write_state
from engine.visual.motion import MotionNet, MotionNets
from engine.visual.spotter import Spotter

Log = Callable[[str], None]

WATCHED = SpotterConfig()
"""The frames that every network is shown."""


class SpotterTraining(Struct, frozen=True):
    """How the spotter is trained: for `steps`, or where that is None for `minutes`.

    `minutes` and the time between checkpoints are of processor time; with `steps`, checkpoints come every
    `checkpoint_every` steps. Each scene is looked at `replays` times on average, from a pool of `pool_scenes`.
    """

    net: MotionConfig = MotionConfig()
    steps: AtLeastOne | None = None
    minutes: float = 45.0
    batch_scenes: AtLeastOne = 16
    replays: AtLeastOne = 3
    pool_scenes: int = 480
    learning_rate: Positive = 2e-3
    weight_decay: float = 1e-2
    warmup_steps: NotNegative = 60
    max_norm: float = 1.0
    ema_decay: float = 0.998
    accumulate: AtLeastOne = 1
    hit_width_frames: float = 1.0
    """Frames this near a hit are hardly wrong to fire; wider where the footage has fewer frames."""
    log_every: AtLeastOne = 50
    checkpoint_every: AtLeastOne = 100
    checkpoint_every_s: float = 60.0
    first_seed: NotNegative = 10**9
    bf16: bool = True
    workers: NotNegative = 0
    """Processes that render scenes; 0 where the training renders them itself."""


class SpotterTrainer:
    """One spotter; `run` goes on from the newest checkpoint of `folder`.

    Raises:
        RequestError: the batch cannot be shared equally; FSDP was asked for.
    """

    def __init__(
        self,
        training: SpotterTraining,
        folder: Path,
        log: Log,
        *,
        ranks: Ranks = ALONE,
        board: Board | None = None,
    ) -> None:
        _check_shares(training, ranks)
        self.training, self.folder, self.log, self.ranks, self.board = training, folder, log, ranks, board
        torch.manual_seed(training.first_seed)
        self.motion_net = MotionNet(training.net).to(ranks.device)
        self.averaged = MotionNet(training.net).to(ranks.device)
        self.averaged.load_state_dict(self.motion_net.state_dict())
        self.averaged.requires_grad_(False)
        self.motion_net.look.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.net = ranks.wrap(self.motion_net)
        self.optimizer = torch.optim.AdamW(
            self.motion_net.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
        )
        self.pool = ScenePool(
            partial(watched_scene, config=WATCHED),
            executor=_renderers(training.workers) if training.workers else None,
            batch_scenes=training.batch_scenes,
            replays=training.replays,
            pool_scenes=training.pool_scenes,
            next_seed=training.first_seed,
        )
        self.step, self.spent_s = 0, 0.0
        self._resume()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Train until the steps or the minutes are spent, or `until()`; a checkpoint is always left behind.

        Raises:
            TrainingDiverged: the loss or the gradient is no number; the last checkpoint stays.
        """
        last_s, last_saved_s = time.process_time(), self.spent_s
        with Journal(self.folder, self.step, is_written=self.ranks.is_first) as journal:
            while not self.ranks.any(self._share_done() >= 1 or until()):
                numbers = self._train_step()
                self.step += 1
                journal.write(self.step, numbers)
                last_s = self._spend(last_s)
                if self.step % self.training.log_every == 0:
                    self._tell(numbers)
                if self._is_time_to_save(last_saved_s):
                    self._checkpoint()
                    last_saved_s = self.spent_s
        self._checkpoint()
        self.ranks.wait()

    def _spend(self, last_s: float) -> float:
        """Count the processor time since `last_s`, the mean over all processes."""
        now_s = time.process_time()
        spent = torch.tensor((now_s - last_s) / self.ranks.size, dtype=torch.float64)
        self.spent_s += float(self.ranks.total(spent.to(self.ranks.device)))
        return now_s

    def _is_time_to_save(self, last_saved_s: float) -> bool:
        if self.training.steps is not None:
            return self.step % self.training.checkpoint_every == 0
        return self.spent_s - last_saved_s >= self.training.checkpoint_every_s

    def _share_done(self) -> float:
        if self.training.steps is not None:
            return self.step / max(1, self.training.steps)
        return self.spent_s / max(1e-9, self.training.minutes * 60)

    def _rate(self) -> float:
        """Up over the first steps, then down along a cosine of the share that is done."""
        warm = min(1.0, (self.step + 1) / self.training.warmup_steps)
        share = min(1.0, self._share_done())
        return self.training.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))

    def _draw(self) -> list[tuple[Tensor, Targets]]:
        """This process's parts of the next batch: frames and targets."""
        training = self.training
        seeds = self.pool.next_seeds()
        parts = []
        for part in self.ranks.parts(training.batch_scenes, training.accumulate):
            scenes = self.pool.scenes(seeds[part.start : part.stop])
            targets = targets_of(scenes, WATCHED.frame_rate, hit_width_frames=training.hit_width_frames)
            parts.append((_frames_of(scenes).to(self.ranks.device), targets.to(self.ranks.device)))
        return parts

    def _train_step(self) -> dict[str, float]:
        training, ranks = self.training, self.ranks
        parts, rate = self._draw(), self._rate()
        # Over the global batch, in units of a part: the mean over parts and processes is then the batch's loss.
        pieces = len(parts) * ranks.size
        counts = Counts(
            *(
                ranks.total(
                    torch.stack([getattr(targets, name).sum() for _, targets in parts]).sum()
                ).clamp_min(1)
                / pieces
                for name in ("has_hit", "near_hit")
            )
        )
        sums: dict[str, Tensor] = {}
        for number, (frames, targets) in enumerate(parts):
            with ranks.exchanging(self.net, is_last=number == len(parts) - 1):
                with autocast(ranks.device, wanted=training.bf16):
                    motion = self.net(frames)
                losses = spotter_losses(motion, targets, counts)
                losses = {"loss": torch.stack(list(losses.values())).sum(), **losses}
                torch.autograd.backward(losses["loss"] / len(parts))
            for name, loss in losses.items():
                sums[name] = sums.get(name, torch.zeros_like(loss)) + loss.detach() / pieces
        numbers = {name: float(ranks.total(value)) for name, value in sums.items()}
        refuse_nan(torch.tensor(numbers["loss"]), self.step)
        numbers["gradient_norm"] = take_step(
            self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step
        )
        self._average()
        return {**numbers, "learning_rate": rate}

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.training.ema_decay, (self.step + 1) / (self.step + 11))
        for mean, now in zip(self.averaged.parameters(), self.motion_net.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)

    def _tell(self, numbers: dict[str, float]) -> None:
        told = " ".join(f"{name} {numbers[name]:.3f}" for name in ("hits", "offset", "strength", "curve"))
        if self.ranks.is_first:
            self.log(f"{self.spent_s / 60:.1f} min, step {self.step}, scene {self.pool.next_seed}: {told}")
        if self.board is not None:
            self.board.scalars(self.step, numbers)

    def _checkpoint(self) -> None:
        if self.board is not None:
            self.board.flush()
        if not self.ranks.is_first:
            return
        state = {
            "net": whole(self.motion_net.state_dict()),
            "averaged": whole(self.averaged.state_dict()),
            "optimizer": whole(self.optimizer.state_dict()),
            "step": self.step,
            "spent_s": self.spent_s,
            "next_seed": self.pool.next_seed,
            "pool": self.pool.state(),
            "training": msgspec.to_builtins(self.training),
        }
        write_state(self.folder, state)

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is None:
            return
        fill(self.motion_net.state_dict(), state["net"], what="spotter")
        fill(self.averaged.state_dict(), state["averaged"], what="spotter")
        if "optimizer" not in state:  # begun from a model that is ready
            return
        fill_optimizer(self.optimizer, state["optimizer"])
        self.step, self.spent_s = state["step"], state["spent_s"]
        if "pool" in state:  # the first checkpoints had none: they go on with an empty pool
            self.pool.go_on_from(state["pool"])
        else:
            self.pool.next_seed = state["next_seed"]


def train_spotter(
    training: SpotterTraining,
    out_dir: str | Path,
    *,
    log: Log = lambda line: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    ranks: Ranks = ALONE,
    board: Board | None = None,
) -> Spotter:
    """Train to the end, checkpoint by checkpoint in `out_dir`; goes on from the newest one.

    Returns:
        The averaged network, its thresholds still the defaults (see `engine.training.spotter_thresholds`).

    Raises:
        TrainingDiverged.
    """
    trainer = SpotterTrainer(training, Path(out_dir), log, ranks=ranks, board=board)
    trainer.run(until=is_cancelled)
    return Spotter(MotionNets.of([trainer.averaged.cpu()]))


def _renderers(workers: int) -> Executor:
    """Processes of their own that end with this one. Spawned: this one may hold a GPU."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _frames_of(scenes: list[WatchedScene]) -> Tensor:
    return torch.from_numpy(np.stack([scene.frames for scene in scenes]))


def _check_shares(training: SpotterTraining, ranks: Ranks) -> None:
    if ranks.kind == "fsdp":
        raise RequestError("The spotter is small: train it with --parallel ddp.")
    pieces = ranks.size * training.accumulate
    if training.batch_scenes % pieces:
        raise RequestError(
            f"A batch of {training.batch_scenes} scenes cannot be shared equally in {pieces} parts: choose a multiple "
            f"of {pieces} (--set batch_scenes=…)."
        )
