"""Go on with the codec's decoder alone, against a multi-scale STFT discriminator (EnCodec, arXiv 2210.13438).

Encoder and quantiser stay as they are, so that every token keeps its meaning and a language model that was
trained on them need not be trained again.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from encodec.msstftd import MultiScaleSTFTDiscriminator
from torch import Tensor

from engine.codec.encodec import Encodec
from engine.training.crops import CropConfig, draw_batch
from engine.training.recordings import RecordingLibrary
from engine.training.spectral import MelDistance, excess_in_silence
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]


@dataclass(frozen=True)
class DecoderTraining:
    """`quiet_steps` pass before the decoder first hears of the discriminator."""

    steps: int = 700
    batch: int = 8
    learning_rate: float = 3e-4
    discriminator_filters: int = 8
    quiet_steps: int = 150
    adversarial_weight: float = 0.1
    feature_weight: float = 0.3
    gain_spread_db: float = 36.0
    log_every: int = 25
    checkpoint_every: int = 100
    seed: int = 2


class DecoderTrainer:
    """One decoder and its discriminator; `run` goes on from the newest checkpoint of `folder`."""

    def __init__(
        self, codec: Encodec, training: DecoderTraining, library: RecordingLibrary, folder: Path, log: Log
    ) -> None:
        self.codec, self.training, self.folder, self.log = codec, training, folder, log
        torch.manual_seed(training.seed)
        codec.requires_grad_(False)
        codec.decoder.requires_grad_(True)
        with warnings.catch_warnings():
            # The package's weight norm is torch's deprecated one.
            warnings.simplefilter("ignore", FutureWarning)
            self.discriminator = MultiScaleSTFTDiscriminator(
                training.discriminator_filters,
                n_ffts=[1024, 512, 256],
                hop_lengths=[256, 128, 64],
                win_lengths=[1024, 512, 256],
            )
        self.mel = MelDistance(codec.config.sample_rate)
        self.optimizer = torch.optim.AdamW(
            codec.decoder.parameters(), training.learning_rate, betas=(0.5, 0.9)
        )
        self.rival = torch.optim.AdamW(
            self.discriminator.parameters(), training.learning_rate, betas=(0.5, 0.9)
        )
        self.recordings = library.of_split("train")
        self.crops = CropConfig(sample_rate=codec.config.sample_rate)
        self.step = 0
        self._resume()

    def run(self) -> None:
        started, since = time.monotonic(), self.step
        while self.step < self.training.steps:
            line = self._train_step()
            self.step += 1
            if self.step % self.training.log_every == 0:
                pace = (time.monotonic() - started) / (self.step - since)
                self.log(f"step {self.step} {line} {pace:.2f} s/step")
            if self.step % self.training.checkpoint_every == 0:
                self._checkpoint()
        self._checkpoint()

    def _train_step(self) -> str:
        training = self.training
        rng = np.random.default_rng((training.seed, self.step))
        drawn = draw_batch(rng, self.recordings, self.crops, training.batch, training.gain_spread_db)
        wav = torch.from_numpy(drawn)[:, None]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents = self.codec.encoder(wav)
        latents = self.codec.quantizer.decode(self.codec.quantizer.encode(latents.float()))
        with torch.autocast("cpu", torch.bfloat16):
            output = self.codec.decoder(latents)
        output = output.float()
        rival_loss = self._teach_rival(output.detach(), wav)
        log_mel, linear = self.mel(output[:, 0], wav[:, 0])
        silence = excess_in_silence(output[:, 0], wav[:, 0])
        loss = log_mel + 0.5 * linear + (output - wav).abs().mean() + 0.3 * silence
        if self.step >= training.quiet_steps:
            adversarial, features = self._rival_says(output, wav)
            loss = loss + training.adversarial_weight * adversarial + training.feature_weight * features
        refuse_nan(loss, self.step)
        _step(self.optimizer, loss, self._schedule() * training.learning_rate)
        return f"mel {float(log_mel.detach()):.3f} rival {rival_loss:.3f} loss {float(loss.detach()):.3f}"

    def _teach_rival(self, output: Tensor, wav: Tensor) -> float:
        """Hinge loss; the rival hears each pair at one level, so that loudness tells it nothing."""
        scale = _level(wav)
        with torch.autocast("cpu", torch.bfloat16):
            made, _ = self.discriminator(output / scale)
            real, _ = self.discriminator(wav / scale)
        losses = [
            (1 - good.float()).clamp(min=0).mean() + (1 + bad.float()).clamp(min=0).mean()
            for good, bad in zip(real, made, strict=True)
        ]
        loss = torch.stack(losses).mean()
        _step(self.rival, loss, self.training.learning_rate)
        return float(loss.detach())

    def _rival_says(self, output: Tensor, wav: Tensor) -> tuple[Tensor, Tensor]:
        """(adversarial loss, relative distance of the rival's features), scalars."""
        scale = _level(wav)
        with torch.autocast("cpu", torch.bfloat16):
            made, made_features = self.discriminator(output / scale)
            with torch.no_grad():
                _, real_features = self.discriminator(wav / scale)
        adversarial = torch.stack([-verdict.float().mean() for verdict in made]).mean()
        distances = [
            (one.float() - other.float()).abs().mean() / other.float().abs().mean().clamp(min=1e-4)
            for ones, others in zip(made_features, real_features, strict=True)
            for one, other in zip(ones, others, strict=True)
        ]
        return adversarial, torch.stack(distances).mean()

    def _schedule(self) -> float:
        done = min(1.0, self.step / self.training.steps)
        return 0.1 + 0.9 * (0.5 + 0.5 * math.cos(math.pi * done))

    def _checkpoint(self) -> None:
        write_state(
            self.folder,
            {
                "step": self.step,
                "decoder": self.codec.decoder.state_dict(),
                "discriminator": self.discriminator.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "rival": self.rival.state_dict(),
                "training": asdict(self.training),
            },
        )

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is not None:
            self.step = state["step"]
            self.codec.decoder.load_state_dict(state["decoder"])
            self.discriminator.load_state_dict(state["discriminator"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.rival.load_state_dict(state["rival"])
            self.log(f"resumed at step {self.step}")


def _level(wav: Tensor) -> Tensor:
    """RMS of each row of wav [B, 1, T], never zero: [B, 1, 1]."""
    return wav.square().mean(dim=-1, keepdim=True).sqrt().clamp(min=1e-3) * 10


def _step(optimizer: torch.optim.Optimizer, loss: Tensor, learning_rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
    optimizer.step()
