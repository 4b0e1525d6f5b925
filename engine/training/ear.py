"""Train foley-ear: name the label of a real recording, and its family, from windows of 0.96 s.

There are few sources a label, so training is all about what another microphone in another room would have heard
(see `ear_windows`). The weights that ship are an average over the steps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from msgspec import Struct
from torch import Tensor
from torch.nn import functional as F

from engine.evaluation.embeddings.ear import Ear, EarConfig, EarNet, read_ear, write_ear
from engine.evaluation.families import family_of
from engine.training.ear_card import EarAccuracy, measure_ear, write_ear_card
from engine.training.ear_windows import LabelPool, WindowVariety, draw_windows
from engine.training.recordings import RecordingLibrary
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]


class EarTraining(Struct, frozen=True):
    """Numbers of one training."""

    steps: int = 2500
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    warmup_steps: int = 200
    ema_decay: float = 0.999
    label_smoothing: float = 0.1
    family_weight: float = 1.0
    variety: WindowVariety = WindowVariety()
    log_every: int = 250
    seed: int = 1


def ear_config(library: RecordingLibrary) -> EarConfig:
    return EarConfig(labels=library.labels, families=tuple(family_of(label) for label in library.labels))


class EarTrainer:
    """One ear over a library's training recordings; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self,
        training: EarTraining,
        library: RecordingLibrary,
        folder: Path,
        log: Log,
        config: EarConfig | None = None,
    ) -> None:
        self.training, self.library, self.folder, self.log = training, library, folder, log
        self.config = config or ear_config(library)
        torch.manual_seed(training.seed)
        self.net = EarNet(self.config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {name: tensor.detach().clone() for name, tensor in self.net.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            self.net.parameters(), training.learning_rate, weight_decay=training.weight_decay
        )
        self.pool = LabelPool(library.of_split("train"), self.config.labels)
        families = sorted(set(self.config.families))
        member = [[family == each for each in families] for family in self.config.families]
        self._families = torch.tensor(member, dtype=torch.float32)  # [labels, families]
        self.step = 0
        state = read_state(folder)
        if state is not None:
            self.step = state["step"]
            self.net.load_state_dict(state["net"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average = state["average"]

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """
        Raises:
            TrainingDiverged.
        """
        started = time.monotonic()
        while self.step < self.training.steps and not until():
            loss = self._train_step()
            self.step += 1
            if self.step % self.training.log_every == 0:
                self.log(f"step {self.step} loss {loss:.3f} {time.monotonic() - started:.0f} s")
                self._checkpoint()
        self._checkpoint()

    def _train_step(self) -> float:
        rng = np.random.default_rng((self.training.seed, self.step))
        torch.manual_seed(int(rng.integers(2**62)))  # dropout
        windows, targets = draw_windows(rng, self.pool, self.training.batch, self.training.variety)
        for group in self.optimizer.param_groups:
            group["lr"] = self.training.learning_rate * self._schedule()
        self.net.train()
        loss = self.loss(windows, targets)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        decay = min(self.training.ema_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, tensor in self.net.state_dict().items():
                if tensor.is_floating_point():
                    self.average[name].lerp_(tensor, 1 - decay)
                else:
                    self.average[name].copy_(tensor)
        return refuse_nan(loss, self.step)

    def _schedule(self) -> float:
        warm = min(1.0, (self.step + 1) / self.training.warmup_steps)
        return warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * self.step / self.training.steps)))

    def loss(self, windows: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of labels, smoothed, and of families, whose probabilities are sums over their labels."""
        _, logits = self.net(windows)
        label_loss = F.cross_entropy(logits, targets, label_smoothing=self.training.label_smoothing)
        log_family = torch.log(logits.softmax(dim=1) @ self._families + 1e-6)
        family_loss = -((targets @ self._families) * log_family).sum(dim=1).mean()
        return label_loss + self.training.family_weight * family_loss

    def ear(self) -> Ear:
        """The averaged network, frozen."""
        net = EarNet(self.config)
        net.load_state_dict(self.average)
        net.eval().requires_grad_(False)
        return Ear(self.config, net)

    def _checkpoint(self) -> None:
        write_state(
            self.folder,
            {
                "step": self.step,
                "net": self.net.state_dict(),
                "average": self.average,
                "optimizer": self.optimizer.state_dict(),
            },
        )


def train_ear(
    library: RecordingLibrary, out: Path, log: Log, training: EarTraining | None = None
) -> EarAccuracy:
    """Train in `out / "ear"`, then write the ear with its card to `out / "ear" / "final"`.

    Held-out recordings are heard once, at the end: they choose nothing.

    Raises:
        TrainingDiverged.
    """
    trainer = EarTrainer(training or EarTraining(), library, out / "ear", log)
    trainer.run()
    final = out / "ear" / "final"
    record = write_ear(final, trainer.config, dict(trainer.average))
    accuracy = measure_ear(read_ear(final), library)
    write_ear_card(final, record, library, accuracy)
    return accuracy
