"""Train foley-ear: name the label of a real recording, and its family, from windows of 0.96 s.

Every step draws its own windows: labels evenly by the root of their recordings, then a crop, a speed, a
neighbour in time of the same label, and in the power spectrum an equaliser, a low-pass, noise, masks and a
mix with another window (mixup, arXiv 1710.09412; masks after SpecAugment, arXiv 1904.08779). The weights that
ship are an average over the steps.
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
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.evaluation.embeddings.ear import (
    HOP_SAMPLES,
    NUM_BANDS,
    WINDOW_FRAMES,
    Ear,
    EarConfig,
    EarNet,
    band_power,
    scaled,
)
from engine.evaluation.families import family_of
from engine.training.recordings import Recording, RecordingLibrary
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]

WINDOW_SAMPLES = (WINDOW_FRAMES - 1) * HOP_SAMPLES
"""So many samples make 96 frames."""


class EarTraining(Struct, frozen=True):
    """Numbers of one training. Decibels and shares say how far windows are varied."""

    steps: int = 5000
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_steps: int = 200
    ema_decay: float = 0.999
    label_smoothing: float = 0.1
    family_weight: float = 0.5
    mixup_share: float = 0.5
    mixup_alpha: float = 0.4
    neighbour_share: float = 0.3
    speed_octaves: float = 0.25
    quieter_db: float = 25.0
    log_every: int = 250
    seed: int = 1


class EarAccuracy(Struct, frozen=True):
    """Over held-out recordings, heard whole. The mean over labels counts each label once."""

    num_recordings: int
    num_labels: int
    label: float
    label_top3: float
    label_mean_over_labels: float
    family: float
    family_chance: float
    """What naming the commonest family of the training recordings would get."""


def ear_config(library: RecordingLibrary) -> EarConfig:
    return EarConfig(labels=library.labels, families=tuple(family_of(label) for label in library.labels))


class EarTrainer:
    """One ear over a library's training recordings; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self, training: EarTraining, library: RecordingLibrary, folder: Path, log: Log, config: EarConfig | None = None
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
        self._family_of = torch.tensor([families.index(family) for family in self.config.families])
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
        windows, targets = draw_windows(rng, self.pool, self.training)
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
        families = torch.zeros(len(self._family_of), int(self._family_of.max()) + 1)
        families[torch.arange(len(self._family_of)), self._family_of] = 1
        log_family = torch.log(logits.softmax(dim=1) @ families + 1e-6)
        family_loss = -((targets @ families) * log_family).sum(dim=1).mean()
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


@dataclass(frozen=True)
class LabelPool:
    """Recordings by label, and how likely each label is drawn."""

    by_label: list[list[Recording]]
    shares: NDArray[np.float64]

    def __init__(self, recordings: list[Recording], labels: tuple[str, ...]) -> None:
        by_label = [[r for r in recordings if r.label == label and r.wav.size] for label in labels]
        roots = np.sqrt([len(each) for each in by_label])
        object.__setattr__(self, "by_label", by_label)
        object.__setattr__(self, "shares", roots / roots.sum())


def draw_windows(rng: np.random.Generator, pool: LabelPool, training: EarTraining) -> tuple[Tensor, Tensor]:
    """A batch: levels [B, 96, 64] as `scaled` makes them, and targets [B, labels] of sum 1."""
    labels = rng.choice(len(pool.shares), size=training.batch, p=pool.shares)
    crops = np.stack([_draw_crop(rng, pool.by_label[label], training) for label in labels])
    power = _coloured(rng, band_power(torch.from_numpy(crops)))
    targets = F.one_hot(torch.from_numpy(labels), len(pool.shares)).float()
    power, targets = _mixed(rng, power, targets, training)
    below = np.where(rng.random(len(labels)) < 0.6, 0.0, rng.uniform(0, training.quieter_db, len(labels)))
    return _masked(rng, scaled(power, torch.from_numpy(below.astype(np.float32)))), targets


def _draw_crop(
    rng: np.random.Generator, recordings: list[Recording], training: EarTraining
) -> NDArray[np.float32]:
    """0.95 s that holds sound of one label, at full scale: one recording, at times a second one beside it."""
    crop = _one_crop(rng, recordings[rng.integers(len(recordings))].wav, training)
    if rng.random() < training.neighbour_share:
        other = _one_crop(rng, recordings[rng.integers(len(recordings))].wav, training)
        crop = crop + other * np.float32(10 ** (-rng.uniform(0, 15) / 20))
    return crop / max(float(np.abs(crop).max()), 1e-6)


def _one_crop(rng: np.random.Generator, wav: NDArray[np.float32], training: EarTraining) -> NDArray[np.float32]:
    """The louder of two places, at another speed, padded with silence where the recording ends."""
    speed = 2 ** rng.uniform(-training.speed_octaves, training.speed_octaves)
    need = WINDOW_SAMPLES * speed
    best = np.zeros(WINDOW_SAMPLES, np.float32)
    for _ in range(2):
        start = rng.uniform(-0.6 * need, max(1.0, wav.size - 0.4 * need))
        first, last = max(0, int(start)), min(wav.size, int(start + need) + 2)
        at = start + speed * np.arange(WINDOW_SAMPLES)
        piece = np.interp(at, np.arange(first, last), wav[first:last], left=0.0, right=0.0)
        if np.abs(piece).max() > 1.5 * np.abs(best).max():
            best = piece.astype(np.float32)
    return best / max(float(np.abs(best).max()), 1e-6)


def _coloured(rng: np.random.Generator, power: Tensor) -> Tensor:
    """An equaliser of four bends, at times a low-pass, at times steady noise under the sound."""
    batch = len(power)
    band = np.arange(NUM_BANDS)
    bends = rng.normal(0, 3.5, (batch, 5))
    gain_db = np.stack([np.interp(band, np.linspace(0, NUM_BANDS - 1, 5), row) for row in bends])
    cut = np.where(rng.random(batch) < 0.3, rng.uniform(28, NUM_BANDS, batch), NUM_BANDS)
    gain_db -= 2.5 * np.maximum(0, band - cut[:, None])
    power = power * _tensor(10 ** (gain_db / 10))[:, None]
    noise_db = np.where(rng.random(batch) < 0.4, rng.uniform(-65, -25, batch), -120)[:, None]
    colour = noise_db + rng.normal(0, 8, (batch, 1)) * np.linspace(-1, 1, NUM_BANDS)
    peak = power.amax(dim=(1, 2), keepdim=True)
    grain = _tensor(rng.exponential(1.0, tuple(power.shape)))
    return power + peak * grain * _tensor(10 ** (colour / 10))[:, None]


def _mixed(
    rng: np.random.Generator, power: Tensor, targets: Tensor, training: EarTraining
) -> tuple[Tensor, Tensor]:
    """Some windows share their power and their target with another."""
    power = power / power.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    kept = rng.beta(training.mixup_alpha, training.mixup_alpha, len(power))
    kept = np.where(rng.random(len(power)) < training.mixup_share, np.maximum(kept, 1 - kept), 1.0)
    share, order = _tensor(kept), torch.from_numpy(rng.permutation(len(power)))
    mixed = share[:, None, None] * power + (1 - share)[:, None, None] * power[order]
    return mixed, share[:, None] * targets + (1 - share)[:, None] * targets[order]


def _masked(rng: np.random.Generator, levels: Tensor) -> Tensor:
    """Silence a stretch of time and one of bands."""
    for row in levels:
        time_width, band_width = int(rng.integers(0, 16)), int(rng.integers(0, 9))
        time_start = int(rng.integers(0, WINDOW_FRAMES - time_width))
        band_start = int(rng.integers(0, NUM_BANDS - band_width))
        row[time_start : time_start + time_width] = -1
        row[:, band_start : band_start + band_width] = -1
    return levels


def _tensor(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))


def measure_ear(ear: Ear, library: RecordingLibrary) -> EarAccuracy:
    """How often the held-out recordings' labels and families are named right."""
    held_out = library.of_split("held_out")
    truth = [ear.labels.index(recording.label) for recording in held_out]
    heard = np.stack([ear.label_probabilities(recording.wav) for recording in held_out])
    ranked = np.argsort(-heard, axis=1)
    right = ranked[:, 0] == np.array(truth)
    families = [max(p := ear.family_probabilities(r.wav), key=lambda f: p[f]) for r in held_out]
    true_families = [ear.config.families[index] for index in truth]
    trained = [ear.config.families[ear.labels.index(r.label)] for r in library.of_split("train")]
    commonest = max(set(trained), key=trained.count)
    return EarAccuracy(
        num_recordings=len(held_out),
        num_labels=len(set(truth)),
        label=float(right.mean()),
        label_top3=float(np.mean([t in row[:3] for t, row in zip(truth, ranked, strict=True)])),
        label_mean_over_labels=float(np.mean([right[np.array(truth) == t].mean() for t in sorted(set(truth))])),
        family=float(np.mean([a == b for a, b in zip(families, true_families, strict=True)])),
        family_chance=float(np.mean([family == commonest for family in true_families])),
    )
