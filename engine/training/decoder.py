"""Go on with the codec's decoder alone, against a multi-scale STFT discriminator (EnCodec, arXiv 2210.13438).

For SEANet's decoder; of a codec of bands the detail is taught (`engine.training.detail`). Encoder and quantiser stay as
they are, so that every token keeps its meaning and a language model that was trained on them need not be trained again.
What gets shipped is the average of the decoder's weights: the run's folder is a codec's, with that decoder in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.codec.encodec import Encodec
from engine.errors import RequestError
from engine.training.adversary import Balancer, discriminator, rival_loss, rival_says
from engine.training.ahead import Ahead
from engine.training.averaging import Average
from engine.training.crops import CropConfig, draw_batch, pooled
from engine.training.distributed import whole
from engine.training.journal import Journal
from engine.training.optimizer import take_step
from engine.training.precision import autocast
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.schedule import Schedule
from engine.training.settings import AtLeastOne, NotNegative, Positive
from engine.training.spectral import MelDistance, excess_in_silence
from engine.training.state import read_state, refuse_nan, refuse_other_tokens, write_state

Log = Callable[[str], None]

TOLD = ("mel", "distance", "rival", "adversarial")


@dataclass(frozen=True)
class DecoderTraining:
    """`quiet_steps` pass before the decoder first hears of the discriminator. Weights are shares of the gradient.

    Without an adversarial and a feature weight there is no discriminator.
    """

    steps: AtLeastOne = 700
    batch: AtLeastOne = 8
    crops: CropConfig = field(default_factory=CropConfig)
    learning_rate: Positive = 3e-4
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
    betas: tuple[float, float] = (0.5, 0.9)
    warmup_steps: NotNegative = 1
    log_every: AtLeastOne = 25
    checkpoint_every: AtLeastOne = 100
    seed: NotNegative = 2
    workers: NotNegative = 0
    """Processes that draw crops; 0 for a thread."""
    minutes: float | None = None
    """See `engine.training.schedule.Schedule`."""

    @property
    def has_rival(self) -> bool:
        return self.adversarial_weight > 0 or self.feature_weight > 0


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
        if codec.config.bands is not None:
            raise RequestError(
                "A codec of bands is found, not trained: of its decoder, the detail alone is taught."
            )
        refuse_other_rate(library, rate)
        torch.manual_seed(training.seed)
        self.codec = codec.to(self.device)
        codec.requires_grad_(False)
        codec.decoder.requires_grad_(True)
        self.mel = MelDistance(rate).to(self.device)
        self.optimizer = torch.optim.AdamW(
            codec.decoder.parameters(), training.learning_rate, betas=training.betas
        )
        self.rival = Rival(training, self.device) if training.has_rival else None
        self.average = Average(codec.decoder, training.ema_decay)
        self.schedule = Schedule(
            training.steps, training.warmup_steps, training.final_share, training.minutes
        )
        self.balancer = Balancer(
            {
                "distance": training.distance_weight,
                "adversarial": training.adversarial_weight,
                "features": training.feature_weight,
            }
        )
        self.pools = pooled(library.of_split("train"))
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
                    told = " ".join(f"{name} {numbers[name]:.3f}" for name in TOLD if name in numbers)
                    self.log(f"step {self.step} {told} {pace_s:.2f} s/step")
                if self.step % training.checkpoint_every == 0:
                    self._checkpoint()
        self._checkpoint()

    def draw(self, step: int) -> Tensor:
        """A step's crops [B, 1, T_samples]."""
        training = self.training
        rng = np.random.default_rng((training.seed, step))
        drawn = draw_batch(rng, self.pools, self.crops, training.batch, training.gain_spread_db)
        return torch.from_numpy(drawn)[:, None]

    def _train_step(self, drawn: Tensor) -> dict[str, float]:
        training, wav = self.training, drawn.to(self.device)
        rate = training.learning_rate * self.schedule.factor(self.step)
        output = self._again(wav)
        numbers: dict[str, float] = {}
        losses, mel = self._distance(output, wav)
        if self.rival is not None:
            numbers["rival"] = self.rival.learn(output.detach(), wav, rate, self.step)
            if self.step >= training.quiet_steps:
                losses["adversarial"], losses["features"] = self.rival.says(output, wav)
        for name, loss in losses.items():
            numbers[name] = refuse_nan(loss, self.step, what=name)
        output.backward(self.balancer.gradient(losses, output))  # type: ignore[no-untyped-call]
        take_step(self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step)
        if self.rival is not None:
            self.rival.forget_gradients()
        self.average.follow(self.codec.decoder, self.step)
        return {**numbers, "mel": mel, "learning_rate": rate}

    def _distance(self, output: Tensor, wav: Tensor) -> tuple[dict[str, Tensor], float]:
        """The loss without a rival, and the log-mel distance."""
        silence = excess_in_silence(output[:, 0], wav[:, 0], self.codec.config.sample_rate)
        log_mel, linear = self.mel(output[:, 0], wav[:, 0])
        distance = log_mel + 0.5 * linear + (output - wav).abs().mean() + 0.3 * silence
        return {"distance": distance}, float(log_mel.detach())

    def _again(self, wav: Tensor) -> Tensor:
        """What becomes of wav [B, 1, T] on its way through the tokens."""
        with torch.no_grad(), autocast(self.device):
            latents = self.codec.encoder(wav)
        quantized = self.codec.quantizer.decode(self.codec.quantizer.encode(latents.float()))
        with autocast(self.device):
            output: Tensor = self.codec.decoder(quantized)
        return output.float()

    def _checkpoint(self) -> None:
        rival = {} if self.rival is None else self.rival.state()
        averaged = {f"decoder.{name}": tensor for name, tensor in self.average.tensors.items()}
        state = {
            "step": self.step,
            "codec": {**self.codec.state_dict(), **averaged},
            "decoder": self.codec.decoder.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "norms": self.balancer.norms,
            "training": asdict(self.training),
            **rival,
        }
        write_state(self.folder, {**whole(state), "config": self.codec.config})

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is not None:
            refuse_other_tokens(self.codec, state, self.folder)
            self.step = state["step"]
            self.codec.decoder.load_state_dict(state["decoder"])
            self.average.tensors = {
                name.removeprefix("decoder."): tensor.to(self.device)
                for name, tensor in state["codec"].items()
                if name.startswith("decoder.")
            }
            self.optimizer.load_state_dict(state["optimizer"])
            if self.rival is not None and "rival" in state:
                self.rival.load(state)
            self.balancer.norms = state["norms"]
            self.log(f"resumed at step {self.step}")


class Rival:
    """The discriminator and what teaches it."""

    def __init__(self, training: DecoderTraining, device: torch.device) -> None:
        self.device, self.max_norm = device, training.max_norm
        self.net = discriminator(training.discriminator_filters, training.n_ffts).to(device)
        self.optimizer = torch.optim.AdamW(
            self.net.parameters(), training.learning_rate, betas=training.betas
        )

    def learn(self, output: Tensor, wav: Tensor, rate: float, step: int) -> float:
        """One step at telling wav [B, 1, T] from output; its loss."""
        with autocast(self.device):
            loss = rival_loss(self.net, output, wav)
        value = refuse_nan(loss, step, what="rival's loss")
        torch.autograd.backward(loss)
        take_step(self.optimizer, learning_rate=rate, max_norm=self.max_norm, step=step)
        return value

    def says(self, output: Tensor, wav: Tensor) -> tuple[Tensor, Tensor]:
        with autocast(self.device):
            return rival_says(self.net, output, wav)

    def forget_gradients(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict[str, object]:
        return {"discriminator": self.net.state_dict(), "rival": self.optimizer.state_dict()}

    def load(self, state: Mapping[str, Any]) -> None:
        self.net.load_state_dict(state["discriminator"])
        self.optimizer.load_state_dict(state["rival"])
