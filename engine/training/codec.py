"""Train the codec: first without the quantiser, then with codebooks started by k-means.

Losses: mel distance over three resolutions relative to each crop's own peak, linear spectral distance, a
waveform term that fades out, commitment, and what stands above silence. One process; resumable; AdamW with
a cosine to a tenth.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codec.encodec import Encodec, preserve_variance
from engine.config import CodecConfig
from engine.training.crops import CropConfig, draw_batch
from engine.training.recordings import RecordingLibrary
from engine.training.spectral import MelDistance, excess_in_silence
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]


@dataclass(frozen=True)
class CodecTraining:
    """Numbers of one codec training. `kmeans_step` is where the quantiser comes in."""

    steps: int = 2400
    batch: int = 16
    learning_rate: float = 1.2e-3
    warmup_steps: int = 50
    kmeans_step: int = 500
    waveform_steps: int = 800
    gain_spread_db: float = 36.0
    log_every: int = 25
    validate_every: int = 250
    checkpoint_every: int = 200
    seed: int = 1
    bf16: bool = True


class CodecTrainer:
    """One codec, its optimiser, its data; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self, config: CodecConfig, training: CodecTraining, library: RecordingLibrary, folder: Path, log: Log
    ) -> None:
        self.config, self.training, self.folder, self.log = config, training, folder, log
        torch.manual_seed(training.seed)
        self.codec = Encodec(config)
        preserve_variance(self.codec, gain=1.6 if config.activation == "ELU" else 2.2)
        self.mel = MelDistance(config.sample_rate)
        self.optimizer = torch.optim.AdamW(
            self.codec.parameters(), training.learning_rate, betas=(0.8, 0.99), weight_decay=0.01
        )
        self.recordings = library.of_split("train")
        self.held_out = library.of_split("held_out")
        self.crops = CropConfig(sample_rate=config.sample_rate)
        self.step = 0
        self._resume()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Train to the last step, or until `until()`; a checkpoint is always left behind."""
        started, since = time.monotonic(), self.step
        while self.step < self.training.steps and not until():
            line = self._train_step()
            self.step += 1
            if self.step == self.training.kmeans_step:
                self._start_codebooks()
            if self.step % self.training.log_every == 0:
                pace = (time.monotonic() - started) / (self.step - since)
                self.log(f"step {self.step} {line} {pace:.2f} s/step")
            if self.step % self.training.validate_every == 0:
                self.log(f"step {self.step} held-out mel {self.held_out_mel():.4f}")
            if self.step % self.training.checkpoint_every == 0:
                self._checkpoint()
        self._checkpoint()

    @property
    def quantizing(self) -> bool:
        return self.step >= self.training.kmeans_step

    def _train_step(self) -> str:
        training = self.training
        for group in self.optimizer.param_groups:
            group["lr"] = training.learning_rate * self._schedule()
        wav = torch.from_numpy(self._batch(self.step, training.batch))[:, None]
        with torch.autocast("cpu", torch.bfloat16, enabled=training.bf16):
            latents = self.codec.encoder(wav)
        latents = latents.float()
        commitment = latents.new_zeros(())
        carried = latents
        if self.quantizing:
            quantized = self.codec.quantizer.quantize(latents, update=True)
            carried, commitment = quantized.latents, quantized.commitment
        with torch.autocast("cpu", torch.bfloat16, enabled=training.bf16):
            output = self.codec.decoder(carried)
        output = output.float()
        log_mel, linear = self.mel(output[:, 0], wav[:, 0])
        silence = excess_in_silence(output[:, 0], wav[:, 0])
        waveform_weight = 10.0 * max(0.1, 1 - self.step / training.waveform_steps)
        waveform = (output - wav).abs().mean()
        loss = log_mel + 0.5 * linear + waveform_weight * waveform + 0.25 * commitment + 0.3 * silence
        refuse_nan(loss, self.step)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.codec.parameters(), 1.0)
        self.optimizer.step()
        terms = {"mel": log_mel, "lin": linear, "wav": waveform, "commit": commitment, "silence": silence}
        told = " ".join(f"{name} {float(term.detach()):.4f}" for name, term in terms.items())
        return f"{told} latent std {float(latents.detach().std(dim=2).mean()):.4f}"

    def _schedule(self) -> float:
        if self.step < self.training.warmup_steps:
            return (self.step + 1) / self.training.warmup_steps
        done = min(1.0, self.step / self.training.steps)
        return 0.1 + 0.9 * (0.5 + 0.5 * math.cos(math.pi * done))

    def _batch(self, step: int, size: int) -> np.ndarray:
        # Seeded by the step, so that a resumed training sees what an unbroken one would have.
        rng = np.random.default_rng((self.training.seed, step))
        spread = self.training.gain_spread_db * min(1.0, step / (2 * self.training.kmeans_step))
        return draw_batch(rng, self.recordings, self.crops, size, spread)

    @torch.no_grad()
    def _start_codebooks(self) -> None:
        pool: list[Tensor] = []
        for batch in range(24):
            wav = torch.from_numpy(self._batch(10_000_000 + batch, 24))[:, None]
            pool.append(self.codec.encoder(wav).transpose(1, 2).reshape(-1, self.config.latent_dim))
        self.codec.quantizer.start_by_kmeans(torch.cat(pool))
        self.log(f"step {self.step} codebooks started by k-means; held-out mel {self.held_out_mel():.4f}")

    @torch.no_grad()
    def held_out_mel(self) -> float:
        """Mel distance on fixed crops of recordings never trained on."""
        rng = np.random.default_rng(99)
        crops = CropConfig(
            num_samples=16000,
            sample_rate=self.config.sample_rate,
            recordings_share=1.0,
            silence_share=0.0,
            sparse_share=0.0,
        )
        wav = torch.from_numpy(draw_batch(rng, self.held_out, crops, 32, 12.0))[:, None]
        latents = self.codec.encoder(wav)
        if self.quantizing:
            latents = self.codec.quantizer.decode(self.codec.quantizer.encode(latents))
        return float(self.mel(self.codec.decoder(latents)[:, 0], wav[:, 0])[0])

    def _checkpoint(self) -> None:
        state = {
            "step": self.step,
            "codec": self.codec.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "training": asdict(self.training),
        }
        write_state(self.folder, state)
        (self.folder / "training.json").write_text(
            json.dumps(asdict(self.training), indent=1), encoding="utf-8"
        )

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is not None:
            self.step = state["step"]
            self.codec.load_state_dict(state["codec"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.log(f"resumed at step {self.step}")
