"""Train the language model on encoded scenes: true hits with a little jitter, conditions dropped at random.

AdamW with FoleyGen's betas and weight decay (arXiv 2309.10537, section 4.2), warm-up and a cosine, an
exponential average of the weights that is what gets shipped. Crops start anywhere in longer scenes and last
1 to 10 s, since a continuation starts mid-sound. The loss is over real audio cells only.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.config import CodecConfig, LMConfig
from engine.lm.delay import delay, real_cells
from engine.lm.model import Conditions, LanguageModel
from engine.lm.sync import render_sync
from engine.media.intensity import intensity_curve
from engine.protocol import Hit
from engine.training.scene_set import PICTURES_PER_S, codes_path, read_shard, shard_paths
from engine.training.state import read_state, refuse_nan, write_state
from engine.visual.tower import ImageTower

Log = Callable[[str], None]


@dataclass(frozen=True)
class LMTraining:
    """Numbers of one training. `frames_per_step` is how many codec frames one step holds."""

    steps: int = 3600
    frames_per_step: int = 2000
    learning_rate: float = 1e-3
    final_share: float = 0.05
    warmup_steps: int = 150
    weight_decay: float = 0.1
    ema_decay: float = 0.998
    drop_all: float = 0.1
    drop_visual: float = 0.3
    drop_label: float = 0.1
    drop_sync: float = 0.1
    drop_curve: float = 0.4
    jitter_s: float = 0.01
    strength_noise: float = 0.1
    log_every: int = 20
    checkpoint_every: int = 100
    validate_every: int = 250
    seed: int = 1
    bf16: bool = True


@dataclass(frozen=True)
class Scene:
    """One encoded scene: codes [K, 500], features [20, D] at 2 a second, curve [500], label, hits."""

    codes: NDArray[np.int16]
    features: NDArray[np.float32]
    curve: NDArray[np.float32]
    label: int
    hits: list[Hit]


class SceneCorpus:
    """All scenes of a set that are encoded; looks for new shards when told to."""

    def __init__(self, folder: Path, codec_id: str, tower: ImageTower) -> None:
        self._folder, self._codec_id, self._tower = folder, codec_id, tower
        self._seen: set[Path] = set()
        self.scenes: list[Scene] = []
        self.refresh()

    def refresh(self) -> None:
        for path in shard_paths(self._folder):
            codes_file = codes_path(path, self._codec_id)
            if path not in self._seen and codes_file.exists():
                self._seen.add(path)
                self._append(path, np.load(codes_file))

    def _append(self, path: Path, codes: NDArray[np.int16]) -> None:
        shard = read_shard(path)
        for i in range(len(codes)):
            # Curves are taken from the sound, so that what the model follows is what it hears.
            curve = intensity_curve(shard.wav[i].astype(np.float32) / 32767, 16000)
            features = self._tower.encode(shard.frames[i][:, None]).numpy()
            self.scenes.append(Scene(codes[i], features, curve, int(shard.label[i]), shard.hits_of(i)))


class LMTrainer:
    """One language model over a corpus; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self,
        config: LMConfig,
        codec: CodecConfig,
        training: LMTraining,
        corpus: SceneCorpus,
        folder: Path,
        log: Log,
    ) -> None:
        self.config, self.training, self.corpus, self.folder, self.log = config, training, corpus, folder, log
        torch.manual_seed(training.seed)
        self.frame_rate = codec.frame_rate
        self.lm = LanguageModel(config, codec)
        self.average = {name: tensor.detach().clone() for name, tensor in self.lm.state_dict().items()}
        decayed = [p for p in self.lm.parameters() if p.dim() >= 2]
        plain = [p for p in self.lm.parameters() if p.dim() < 2]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": training.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            training.learning_rate,
            betas=(0.9, 0.95),
        )
        self.step = 0
        self._resume()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        started, since = time.monotonic(), self.step
        losses: list[float] = []
        while self.step < self.training.steps and not until():
            losses.append(self._train_step())
            self.step += 1
            if self.step % self.training.log_every == 0:
                pace = (time.monotonic() - started) / (self.step - since)
                self.log(
                    f"step {self.step} loss {np.mean(losses):.4f} {pace:.2f} s/step, {len(self.corpus.scenes)} scenes"
                )
                losses.clear()
            if self.step % self.training.checkpoint_every == 0:
                self._checkpoint()
                self.corpus.refresh()
        self._checkpoint()

    def _train_step(self) -> float:
        rng = np.random.default_rng((self.training.seed, self.step))
        for group in self.optimizer.param_groups:
            group["lr"] = self.training.learning_rate * self._schedule()
        loss = self.loss(*self.draw(rng))
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.lm.parameters(), 1.0)
        self.optimizer.step()
        self._average()
        return refuse_nan(loss, self.step)

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Conditions]:
        """Codes [B, K, T] and conditions of a batch of crops of one length."""
        length = int(rng.integers(self.frame_rate, 10 * self.frame_rate + 1))
        rows = max(1, self.training.frames_per_step // length)
        chosen = [self.corpus.scenes[i] for i in rng.integers(len(self.corpus.scenes), size=rows)]
        starts = [int(rng.integers(scene.codes.shape[1] - length + 1)) for scene in chosen]
        codes = np.stack(
            [s.codes[:, start : start + length] for s, start in zip(chosen, starts, strict=True)]
        )
        return torch.from_numpy(codes.astype(np.int64)), self._conditions(rng, chosen, starts, length)

    def loss(self, codes: Tensor, conditions: Conditions) -> Tensor:
        """Mean cross-entropy over the real cells of the delayed codes."""
        delayed = delay(codes, self.config.pad_id)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training.bf16):
            logits = self.lm(delayed, conditions)
        cells = real_cells(self.config.num_codebooks, codes.shape[-1])
        return F.cross_entropy(logits[:, cells].flatten(0, 1).float(), delayed[:, cells].flatten())

    def _conditions(
        self, rng: np.random.Generator, scenes: list[Scene], starts: list[int], length: int
    ) -> Conditions:
        training, rows = self.training, len(scenes)
        drop_all = rng.random(rows) < training.drop_all
        features = -(-length // self.frame_rate)
        visual = np.zeros((rows, features, self.config.visual_dim), np.float32)
        labels = np.empty(rows, np.int64)
        tracks = []
        for row, (scene, start) in enumerate(zip(scenes, starts, strict=True)):
            moments = start * PICTURES_PER_S / self.frame_rate + PICTURES_PER_S * np.arange(features)
            visual[row] = scene.features[np.clip(np.round(moments), 0, len(scene.features) - 1).astype(int)]
            dropped = drop_all[row] or rng.random() < training.drop_label
            labels[row] = len(self.config.labels) if dropped else scene.label
            tracks.append(self._track(rng, scene, start, length))
        keep_visual = ~drop_all & (rng.random(rows) >= training.drop_visual)
        keep_sync = ~drop_all & (rng.random(rows) >= training.drop_sync)
        return Conditions(
            visual=torch.from_numpy(visual),
            visual_known=torch.from_numpy(keep_visual),
            labels=torch.from_numpy(labels),
            sync=torch.from_numpy(np.stack(tracks)),
            sync_known=torch.from_numpy(keep_sync),
        )

    def _track(self, rng: np.random.Generator, scene: Scene, start: int, length: int) -> NDArray[np.float32]:
        """True hits, each up to 10 ms off; noise on strength only; the curve sometimes unknown."""
        assert self.config.sync is not None
        training = self.training
        hits = [
            Hit(
                hit.time_s + float(rng.uniform(-training.jitter_s, training.jitter_s)),
                float(np.clip(hit.strength + rng.normal(0, training.strength_noise), 0.05, 1.0)),
            )
            for hit in scene.hits
        ]
        radius = self.config.sync.kernel_radius_frames
        return render_sync(
            hits,
            None if rng.random() < training.drop_curve else scene.curve,
            start_frame=start - radius,
            num_frames=length + 2 * radius,
            frame_rate=self.frame_rate,
            config=self.config.sync,
        )

    def _schedule(self) -> float:
        if self.step < self.training.warmup_steps:
            return (self.step + 1) / self.training.warmup_steps
        done = min(1.0, self.step / self.training.steps)
        low = self.training.final_share
        return low + (1 - low) * (0.5 + 0.5 * math.cos(math.pi * done))

    @torch.no_grad()
    def _average(self) -> None:
        # Early on the average follows closely, so that the random start is soon forgotten.
        decay = min(self.training.ema_decay, (1 + self.step) / (10 + self.step))
        for name, tensor in self.lm.state_dict().items():
            self.average[name].lerp_(tensor, 1 - decay)

    def _checkpoint(self) -> None:
        write_state(
            self.folder,
            {
                "step": self.step,
                "lm": self.lm.state_dict(),
                "average": self.average,
                "optimizer": self.optimizer.state_dict(),
                "training": asdict(self.training),
            },
        )

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is not None:
            self.step = state["step"]
            self.lm.load_state_dict(state["lm"])
            self.average = state["average"]
            self.optimizer.load_state_dict(state["optimizer"])
            self.log(f"resumed at step {self.step}")
