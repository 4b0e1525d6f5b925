"""Teach a codec of bands its detail (`engine.codec.detail`), against a discriminator of log magnitudes.

Components, codebooks and encoder stay as they were found, so that every token keeps its meaning. Beside the
discriminator, and the distance of its features (EnCodec, arXiv 2210.13438, section 3.4), stand the log-mel distance and
how much flatter or brighter each crop comes back. What gets shipped is the average of the weights: the run's folder is
a codec's, with that detail in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codec.bands import BandDecoder
from engine.codec.detail import Detail
from engine.codec.encodec import Encodec
from engine.errors import RequestError
from engine.training.ahead import Ahead
from engine.training.averaging import Average
from engine.training.crops import CropConfig, draw_batch, pooled
from engine.training.journal import Journal
from engine.training.magnitude_rival import MagnitudeRivals
from engine.training.optimizer import take_step
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.schedule import Schedule
from engine.training.settings import AtLeastOne, NotNegative, Positive
from engine.training.spectral import Balance, MelDistance
from engine.training.state import read_state, refuse_nan, refuse_other_tokens, write_state

Log = Callable[[str], None]

TOLD = ("mel", "balance", "rival", "adversarial", "features")
MOST_OFF = 12.0
"""Of a crop's balance: some have nothing at all where it looks."""


@dataclass(frozen=True)
class DetailTraining:
    """The discriminator learns from `rival_from` on; over `ramp_steps` after `quiet_steps` it comes to be heard."""

    steps: AtLeastOne = 3600
    batch: AtLeastOne = 4
    crops: CropConfig = field(
        default_factory=lambda: CropConfig(
            num_samples=61_440, recordings_share=0.8, sparse_share=0.1, silence_share=0.0, tilted_share=0.5
        )
    )
    learning_rate: Positive = 5e-4
    final_share: float = 0.1
    max_norm: float = 1.0
    rival_max_norm: float = 5.0
    ema_decay: float = 0.995
    rival_filters: int = 16
    rival_from: NotNegative = 30
    quiet_steps: NotNegative = 100
    ramp_steps: AtLeastOne = 200
    mel_weight: float = 1.0
    balance_weight: float = 0.5
    adversarial_weight: float = 0.3
    feature_weight: float = 1.0
    gain_spread_db: float = 24.0
    betas: tuple[float, float] = (0.5, 0.9)
    warmup_steps: NotNegative = 50
    log_every: AtLeastOne = 25
    checkpoint_every: AtLeastOne = 100
    seed: NotNegative = 7
    workers: NotNegative = 0
    """Processes that draw crops; 0 for a thread."""
    minutes: float | None = None
    """See `engine.training.schedule.Schedule`."""


class DetailTrainer:
    """One codec's detail and its rival; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self,
        codec: Encodec,
        training: DetailTraining,
        library: RecordingLibrary,
        folder: Path,
        log: Log,
        *,
        device: torch.device | None = None,
    ) -> None:
        self.training, self.folder, self.log = training, folder, log
        self.device = device or torch.device("cpu")
        decoder, rate = codec.decoder, codec.config.sample_rate
        if not isinstance(decoder, BandDecoder) or decoder.detail is None:
            raise RequestError(
                "This codec of bands is found, not trained, and has no detail to teach: set codec.bands.detail_width."
            )
        refuse_other_rate(library, rate)
        torch.manual_seed(training.seed)
        self.codec = codec.to(self.device).requires_grad_(False)
        self.decoder: BandDecoder = decoder
        self.detail: Detail = decoder.detail.requires_grad_(True)
        self.rivals = MagnitudeRivals(training.rival_filters).to(self.device)
        self.mel, self.balance = MelDistance(rate).to(self.device), Balance(rate).to(self.device)
        self.optimizer, self.rival_optimizer = (
            torch.optim.AdamW(net.parameters(), training.learning_rate, betas=training.betas)
            for net in (self.detail, self.rivals)
        )
        self.average = Average(self.detail, training.ema_decay)
        self.schedule = Schedule(
            training.steps, training.warmup_steps, training.final_share, training.minutes
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
        """A step's crops [B, T_samples]."""
        training = self.training
        rng = np.random.default_rng((training.seed, step))
        return torch.from_numpy(
            draw_batch(rng, self.pools, self.crops, training.batch, training.gain_spread_db)
        )

    def _train_step(self, drawn: Tensor) -> dict[str, float]:
        training, wav = self.training, drawn.to(self.device)
        rate = training.learning_rate * self.schedule.factor(self.step)
        output = self._again(wav)
        numbers = {"learning_rate": rate}
        if self.step >= training.rival_from:
            numbers["rival"] = self._teach_rivals(output.detach(), wav, rate)
        losses = {"mel": training.mel_weight * self.mel(output, wav)[0]}
        losses["balance"] = training.balance_weight * self._off_balance(output, wav)
        heard = min(1.0, (self.step - training.quiet_steps) / training.ramp_steps)
        if heard > 0 and self.step >= training.rival_from:
            adversarial, features = self.rivals.says(output, wav)
            losses["adversarial"] = heard * training.adversarial_weight * adversarial
            losses["features"] = heard * training.feature_weight * features
        numbers |= {name: refuse_nan(loss, self.step, what=name) for name, loss in losses.items()}
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        take_step(self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step)
        self.rival_optimizer.zero_grad(set_to_none=True)
        self.average.follow(self.detail, self.step)
        return numbers

    def _again(self, wav: Tensor) -> Tensor:
        """What becomes of wav [B, T_samples] on its way through the tokens."""
        with torch.no_grad():
            codes = self.codec.encode(wav[:, None])
            latents, white = self.codec.quantizer.decode(codes), self.decoder.noise_of(codes)
        output: Tensor = self.decoder(latents, white, 0)[:, 0]
        return output

    def _teach_rivals(self, output: Tensor, wav: Tensor, rate: float) -> float:
        loss = self.rivals.loss(output, wav)
        value = refuse_nan(loss, self.step, what="rival's loss")
        torch.autograd.backward(loss)
        take_step(
            self.rival_optimizer,
            learning_rate=rate,
            max_norm=self.training.rival_max_norm,
            step=self.step,
        )
        return value

    def _off_balance(self, output: Tensor, wav: Tensor) -> Tensor:
        """Straight near nothing, so that most crops are met, and steeper far away, so that their mean is."""
        flatter, brighter = self.balance(output, wav)
        flat = flatter.abs() + 0.5 * flatter.square()
        bright = brighter.abs() + 0.25 * brighter.square()
        total: Tensor = flat.clamp(max=MOST_OFF).mean() + 0.5 * bright.clamp(max=MOST_OFF).mean()
        return total

    def _checkpoint(self) -> None:
        averaged = {f"decoder.detail.{name}": tensor for name, tensor in self.average.tensors.items()}
        state = {
            "step": self.step,
            "codec": {**self.codec.state_dict(), **averaged},
            "detail": self.detail.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rivals": self.rivals.state_dict(),
            "rival_optimizer": self.rival_optimizer.state_dict(),
            "training": asdict(self.training),
            "config": self.codec.config,
        }
        write_state(self.folder, state)

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is None:
            return
        refuse_other_tokens(self.codec, state, self.folder)
        self.step = state["step"]
        self.detail.load_state_dict(state["detail"])
        self.rivals.load_state_dict(state["rivals"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rival_optimizer.load_state_dict(state["rival_optimizer"])
        first = "decoder.detail."
        self.average.tensors = {
            name.removeprefix(first): tensor.to(self.device)
            for name, tensor in state["codec"].items()
            if name.startswith(first)
        }
        self.log(f"resumed at step {self.step}")
