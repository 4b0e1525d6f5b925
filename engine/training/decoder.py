"""Go on with the codec's decoder alone, against a multi-scale STFT discriminator (EnCodec, arXiv 2210.13438).

Encoder and quantiser stay as they are, so that every token keeps its meaning and a language model that was
trained on them need not be trained again. What gets shipped is the average of the decoder's weights.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codec.encodec import Encodec
from engine.training.adversary import Balancer, discriminator, rival_loss, rival_says
from engine.training.ahead import Ahead
from engine.training.averaging import Average
from engine.training.crops import CropConfig, draw_batch
from engine.training.distributed import whole
from engine.training.journal import Journal
from engine.training.optimizer import take_step
from engine.training.precision import autocast
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.schedule import Schedule
from engine.training.spectral import MelDistance, excess_in_silence
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]


@dataclass(frozen=True)
class DecoderTraining:
    """`quiet_steps` pass before the decoder first hears of the discriminator. Weights are shares of the gradient."""

    steps: int = 700
    batch: int = 8
    crops: CropConfig = field(default_factory=CropConfig)
    learning_rate: float = 3e-4
    final_share: float = 0.1
    max_norm: float = 5.0
    ema_decay: float = 0.998
    n_ffts: tuple[int, ...] = (2048, 1024, 512)
    discriminator_filters: int = 8
    quiet_steps: int = 150
    distance_weight: float = 2.0
    adversarial_weight: float = 1.0
    feature_weight: float = 2.0
    gain_spread_db: float = 36.0
    log_every: int = 25
    checkpoint_every: int = 100
    seed: int = 2
    workers: int = 0
    """Processes that draw crops; 0 for a thread."""
    minutes: float | None = None
    """See `engine.training.schedule.Schedule`."""


class DecoderTrainer:
    """One decoder and its discriminator; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self,
        codec: Encodec,
        training: DecoderTraining,
        library: RecordingLibrary,
        folder: Path,
        log: Log,
        *,
        device: torch.device | None = None,
    ) -> None:
        self.training, self.folder, self.log = training, folder, log
        self.device = device or torch.device("cpu")
        rate = codec.config.sample_rate
        refuse_other_rate(library, rate)
        torch.manual_seed(training.seed)
        self.codec = codec.to(self.device)
        codec.requires_grad_(False)
        codec.decoder.requires_grad_(True)
        self.rival = discriminator(training.discriminator_filters, training.n_ffts).to(self.device)
        self.mel = MelDistance(rate).to(self.device)
        betas = (0.5, 0.9)
        self.optimizer = torch.optim.AdamW(codec.decoder.parameters(), training.learning_rate, betas=betas)
        self.rival_optimizer = torch.optim.AdamW(self.rival.parameters(), training.learning_rate, betas=betas)
        self.average = Average(codec.decoder, training.ema_decay)
        self.schedule = Schedule(training.steps, 1, training.final_share, training.minutes)
        self.balancer = Balancer(
            {
                "distance": training.distance_weight,
                "adversarial": training.adversarial_weight,
                "features": training.feature_weight,
            }
        )
        self.recordings = library.of_split("train")
        self.crops = replace(training.crops, sample_rate=rate)
        self.step = 0
        self._resume()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Train to the last step, or until `until()`; a checkpoint is always left behind.

        Raises:
            TrainingDiverged: a loss or a gradient is no number; the last checkpoint stays.
        """
        training, started, since = self.training, time.monotonic(), self.step
        with Journal(self.folder, self.step) as journal, Ahead(self.draw, workers=training.workers) as ahead:
            while not self.schedule.is_over(self.step) and not until():
                numbers = self._train_step(ahead.take(self.step))
                self.step += 1
                journal.write(self.step, numbers)
                if self.step % training.log_every == 0:
                    pace_s = (time.monotonic() - started) / (self.step - since)
                    told = " ".join(f"{name} {numbers[name]:.3f}" for name in ("mel", "rival", "adversarial"))
                    self.log(f"step {self.step} {told} {pace_s:.2f} s/step")
                if self.step % training.checkpoint_every == 0:
                    self._checkpoint()
        self._checkpoint()

    def draw(self, step: int) -> Tensor:
        """A step's crops [B, 1, T_samples]."""
        training = self.training
        rng = np.random.default_rng((training.seed, step))
        drawn = draw_batch(rng, self.recordings, self.crops, training.batch, training.gain_spread_db)
        return torch.from_numpy(drawn)[:, None]

    def _train_step(self, drawn: Tensor) -> dict[str, float]:
        training, wav = self.training, drawn.to(self.device)
        rate = training.learning_rate * self.schedule.factor(self.step)
        output = self._decode(wav)
        numbers = {"rival": self._teach_rival(output.detach(), wav, rate)}
        log_mel, linear = self.mel(output[:, 0], wav[:, 0])
        silence = excess_in_silence(output[:, 0], wav[:, 0], self.codec.config.sample_rate)
        losses = {"distance": log_mel + 0.5 * linear + (output - wav).abs().mean() + 0.3 * silence}
        if self.step >= training.quiet_steps:
            with autocast(self.device):
                losses["adversarial"], losses["features"] = rival_says(self.rival, output, wav)
        for name, loss in losses.items():
            numbers[name] = refuse_nan(loss, self.step, what=name)
        output.backward(self.balancer.gradient(losses, output))  # type: ignore[no-untyped-call]
        take_step(self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step)
        self.rival_optimizer.zero_grad(set_to_none=True)
        self.average.follow(self.codec.decoder, self.step)
        return {"adversarial": 0.0, **numbers, "mel": float(log_mel.detach()), "learning_rate": rate}

    def _decode(self, wav: Tensor) -> Tensor:
        """What becomes of wav [B, 1, T] on its way through the frozen tokens."""
        with torch.no_grad(), autocast(self.device):
            latents = self.codec.encoder(wav)
        latents = self.codec.quantizer.decode(self.codec.quantizer.encode(latents.float()))
        with autocast(self.device):
            output: Tensor = self.codec.decoder(latents)
        return output.float()

    def _teach_rival(self, output: Tensor, wav: Tensor, rate: float) -> float:
        with autocast(self.device):
            loss = rival_loss(self.rival, output, wav)
        value = refuse_nan(loss, self.step, what="rival's loss")
        torch.autograd.backward(loss)
        take_step(self.rival_optimizer, learning_rate=rate, max_norm=self.training.max_norm, step=self.step)
        return value

    def _checkpoint(self) -> None:
        write_state(
            self.folder,
            whole(
                {
                    "step": self.step,
                    "decoder": self.codec.decoder.state_dict(),
                    "average": self.average.tensors,
                    "discriminator": self.rival.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "rival": self.rival_optimizer.state_dict(),
                    "norms": self.balancer.norms,
                    "training": asdict(self.training),
                }
            ),
        )

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is not None:
            self.step = state["step"]
            self.codec.decoder.load_state_dict(state["decoder"])
            self.average.tensors = {name: t.to(self.device) for name, t in state["average"].items()}
            self.rival.load_state_dict(state["discriminator"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.rival_optimizer.load_state_dict(state["rival"])
            self.balancer.norms = state["norms"]
            self.log(f"resumed at step {self.step}")
