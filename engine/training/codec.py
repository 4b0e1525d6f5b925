"""Train the codec: first without the quantiser, then with codebooks started by k-means.

Losses: mel distance over three resolutions relative to each crop's own peak, linear spectral distance, a
waveform term that fades out, commitment, and what stands above silence. Resumable bit by bit: all that is random
is a function of (seed, step). In several processes (DDP) each hears its share of the same batch, and the
codebooks follow the latents of all.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.codec.encodec import Encodec, preserve_variance
from engine.codec.quantizer import Quantized
from engine.config import CodecConfig
from engine.errors import RequestError
from engine.training.ahead import Ahead
from engine.training.averaging import Average
from engine.training.board import Board
from engine.training.crops import CropConfig, draw_batch, draw_crop, pooled
from engine.training.distributed import ALONE, Ranks, fill, fill_optimizer, whole
from engine.training.journal import Journal
from engine.training.optimizer import take_step
from engine.training.precision import autocast
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.schedule import Schedule
from engine.training.settings import AtLeastOne, NotNegative, Positive
from engine.training.spectral import MelDistance, excess_in_silence
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]


@dataclass(frozen=True)
class CodecTraining:
    """Numbers of one codec training. `kmeans_step` is where the quantiser comes in."""

    steps: AtLeastOne = 2400
    batch: AtLeastOne = 16
    crops: CropConfig = field(default_factory=CropConfig)
    learning_rate: Positive = 1.2e-3
    final_share: float = 0.1
    warmup_steps: NotNegative = 50
    max_norm: float = 1.0
    ema_decay: float = 0.998
    kmeans_step: int = 500
    waveform_steps: int = 800
    gain_spread_db: float = 36.0
    accumulate: AtLeastOne = 1
    log_every: AtLeastOne = 25
    validate_every: AtLeastOne = 250
    checkpoint_every: AtLeastOne = 200
    seed: NotNegative = 1
    bf16: bool = True
    workers: NotNegative = 0
    """Processes that draw crops; 0 for a thread."""
    minutes: float | None = None
    """See `engine.training.schedule.Schedule`."""


class CodecTrainer:
    """One codec, its optimiser, its data; `run` goes on from the newest checkpoint of `folder`.

    Raises:
        RequestError: crops are no whole frames; the recordings were read at another rate than the codec's; the batch
            cannot be shared equally; FSDP was asked for.
    """

    def __init__(
        self,
        config: CodecConfig,
        training: CodecTraining,
        library: RecordingLibrary,
        folder: Path,
        log: Log,
        *,
        ranks: Ranks = ALONE,
        board: Board | None = None,
    ) -> None:
        _check(training, config, library, ranks)
        self.config, self.training, self.folder, self.log = config, training, folder, log
        self.ranks, self.board = ranks, board
        torch.manual_seed(training.seed)
        self.codec = Encodec(config)
        preserve_variance(self.codec, gain=1.6 if config.activation == "ELU" else 2.2)
        self.codec.to(ranks.device)
        self.net = ranks.wrap(_Pass(self.codec, bf16=training.bf16))
        self.average = Average(self.codec, training.ema_decay)
        self.mel = MelDistance(config.sample_rate).to(ranks.device)
        self.optimizer = torch.optim.AdamW(
            self.codec.parameters(), training.learning_rate, betas=(0.8, 0.99), weight_decay=0.01
        )
        self.pools = pooled(library.of_split("train"))
        self.held_out = pooled(library.of_split("held_out"))
        self.crops = replace(training.crops, sample_rate=config.sample_rate)
        self.schedule = Schedule(
            training.steps, training.warmup_steps, training.final_share, training.minutes
        )
        self.step = 0
        self._resume()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Train to the last step, or until `until()`; a checkpoint is always left behind.

        Raises:
            TrainingDiverged: the loss or the gradient is no number; the last checkpoint stays.
        """
        training, started, since = self.training, time.monotonic(), self.step
        with (
            Journal(self.folder, self.step, is_written=self.ranks.is_first) as journal,
            Ahead(self._draw, workers=training.workers) as ahead,
        ):
            while not self.ranks.any(self.schedule.is_over(self.step) or until()):
                numbers = self._train_step(ahead.take(self.step))
                self.step += 1
                journal.write(self.step, numbers)
                if self.step == training.kmeans_step:
                    self._start_codebooks()
                if self.step % training.log_every == 0:
                    self._tell(numbers, (time.monotonic() - started) / (self.step - since))
                if self.step % training.validate_every == 0:
                    self._validate()
                if self.step % training.checkpoint_every == 0:
                    self._checkpoint()
        self._checkpoint()
        self.ranks.wait()

    @property
    def quantizing(self) -> bool:
        return self.step >= self.training.kmeans_step

    def _draw(self, step: int) -> list[Tensor]:
        """This process's parts [B, 1, T_samples] of a step's batch."""
        parts = self.ranks.parts(self.training.batch, self.training.accumulate)
        return [self._crops(step, part) for part in parts]

    def _train_step(self, parts: list[Tensor]) -> dict[str, float]:
        training, ranks = self.training, self.ranks
        rate = training.learning_rate * self.schedule.factor(self.step)
        sums: dict[str, Tensor] = {}
        heard: list[Quantized] = []
        for number, part in enumerate(parts):
            with ranks.exchanging(self.net, is_last=number == len(parts) - 1):
                terms, quantized = self._terms(part.to(ranks.device))
                # Parts are equally long, so that the mean over parts and processes is the batch's.
                torch.autograd.backward(terms["loss"] / len(parts))
            for name, term in terms.items():
                sums[name] = sums.get(name, torch.zeros(())) + term.detach().cpu() / (len(parts) * ranks.size)
            heard += [] if quantized is None else [quantized]
        numbers = {name: float(ranks.total(value.to(ranks.device))) for name, value in sums.items()}
        refuse_nan(torch.tensor(numbers["loss"]), self.step)
        numbers["gradient_norm"] = take_step(
            self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step
        )
        if heard:
            self._follow(heard)
        self.average.follow(self.codec, self.step)
        return {**numbers, "learning_rate": rate}

    def _terms(self, wav: Tensor) -> tuple[dict[str, Tensor], Quantized | None]:
        output, latents, quantized = self.net(wav, self.quantizing)
        commitment = latents.new_zeros(()) if quantized is None else quantized.commitment
        log_mel, linear = self.mel(output[:, 0], wav[:, 0])
        silence = excess_in_silence(output[:, 0], wav[:, 0], self.config.sample_rate)
        waveform = (output - wav).abs().mean()
        waveform_weight = 10.0 * max(0.1, 1 - self.step / self.training.waveform_steps)
        terms = {
            "loss": log_mel + 0.5 * linear + waveform_weight * waveform + 0.25 * commitment + 0.3 * silence,
            "mel": log_mel,
            "linear": linear,
            "waveform": waveform,
            "commitment": commitment,
            "silence": silence,
            "latent_std": latents.detach().std(dim=2).mean(),
        }
        return terms, quantized

    def _follow(self, heard: list[Quantized]) -> None:
        # Every process moves its codebooks by the latents of all, in the order of the batch.
        residuals = self.ranks.gathered(torch.cat([one.residuals for one in heard]))
        codes = self.ranks.gathered(torch.cat([one.codes for one in heard]))
        self.codec.quantizer.follow(residuals, codes, generator=self._generator(self.step))

    def _generator(self, step: int) -> torch.Generator:
        return torch.Generator().manual_seed(self.training.seed * 1_000_003 + step)

    def _crops(self, step: int, rows: range) -> Tensor:
        """[len(rows), 1, T_samples], each seeded by step and row.

        So a resumed training hears what an unbroken one would have, and no process decodes what another hears.
        """
        spread = self.training.gain_spread_db * min(1.0, step / (2 * self.training.kmeans_step))
        drawn = [
            draw_crop(np.random.default_rng((self.training.seed, step, row)), self.pools, self.crops, spread)
            for row in rows
        ]
        return torch.from_numpy(np.stack(drawn))[:, None]

    @torch.no_grad()
    def _start_codebooks(self) -> None:
        pool: list[Tensor] = []
        for batch in range(24):
            wav = self._crops(10_000_000 + batch, range(24)).to(self.ranks.device)
            pool.append(self.codec.encoder(wav).transpose(1, 2).reshape(-1, self.config.latent_dim))
        self.codec.quantizer.start_by_kmeans(torch.cat(pool), generator=self._generator(-1))
        # What the codebooks were before is no part of their average.
        for name, tensor in self.codec.state_dict().items():
            if name.startswith("quantizer."):
                self.average.tensors[name].copy_(tensor)
        if self.ranks.is_first:
            heard = f"; held-out mel {self.held_out_mel():.4f}" if self.held_out else ""
            self.log(f"step {self.step} codebooks started by k-means{heard}")

    def averaged(self) -> Encodec:
        """A codec of the average's weights, frozen: what gets shipped."""
        codec = Encodec(self.config).to(self.ranks.device)
        codec.load_state_dict(self.average.tensors)
        return codec.eval().requires_grad_(False)

    def held_out_mel(self) -> float:
        """The average's mel distance on fixed crops of recordings never trained on."""
        wav, made = self._held_out()
        return float(self.mel(made[:, 0], wav[:, 0])[0])

    @torch.no_grad()
    def _held_out(self) -> tuple[Tensor, Tensor]:
        """Fixed crops [32, 1, T_samples] of held-out recordings, and what becomes of them."""
        rng = np.random.default_rng(99)
        crops = CropConfig(
            num_samples=self.config.sample_rate,
            sample_rate=self.config.sample_rate,
            recordings_share=1.0,
            silence_share=0.0,
            sparse_share=0.0,
        )
        drawn = draw_batch(rng, self.held_out, crops, 32, 12.0)
        wav = torch.from_numpy(drawn)[:, None].to(self.ranks.device)
        codec = self.averaged()
        latents = codec.encoder(wav)
        if self.quantizing:
            latents = codec.quantizer.decode(codec.quantizer.encode(latents))
        return wav, codec.decoder(latents)

    def _tell(self, numbers: dict[str, float], pace_s: float) -> None:
        names = ("mel", "linear", "waveform", "commitment", "silence")
        told = " ".join(f"{name} {numbers[name]:.4f}" for name in names)
        if self.ranks.is_first:
            self.log(f"step {self.step} {told} latent std {numbers['latent_std']:.4f} {pace_s:.2f} s/step")
        if self.board is not None:
            self.board.scalars(self.step, numbers)

    def _validate(self) -> None:
        if not self.ranks.is_first or not self.held_out:
            return
        wav, made = self._held_out()
        mel = float(self.mel(made[:, 0], wav[:, 0])[0])
        self.log(f"step {self.step} held-out mel {mel:.4f}")
        if self.board is not None:
            self.board.scalars(self.step, {"held_out_mel": mel})
            for name, sounds in {"held_out": wav, "reconstructed": made}.items():
                self.board.sound(
                    self.step, name, sounds[:4].flatten().float().cpu().numpy(), self.config.sample_rate
                )

    def _checkpoint(self) -> None:
        if self.board is not None:
            self.board.flush()
        if not self.ranks.is_first:
            return
        state = {
            "step": self.step,
            "codec": whole(self.codec.state_dict()),
            "average": whole(self.average.tensors),
            "optimizer": whole(self.optimizer.state_dict()),
            "config": self.config,
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
            fill(self.codec.state_dict(), state["codec"], what="codec")
            # A state from before there was an average: it begins with the weights as they are.
            fill(self.average.tensors, state.get("average", state["codec"]), what="codec")
            fill_optimizer(self.optimizer, state["optimizer"])
            if self.ranks.is_first:
                begun = (
                    "" if "average" in state else "; its state has no average: it begins with these weights"
                )
                self.log(f"resumed at step {self.step}{begun}")


class _Pass(nn.Module):
    """Wave to wave, as one module, so that DDP sees the whole pass."""

    def __init__(self, codec: Encodec, *, bf16: bool) -> None:
        super().__init__()
        self.codec, self.bf16 = codec, bf16

    def forward(self, wav: Tensor, is_quantizing: bool) -> tuple[Tensor, Tensor, Quantized | None]:
        """wav [B, 1, T_samples] -> output of the same shape, latents [B, D, T], what the quantiser did."""
        with autocast(wav.device, wanted=self.bf16):
            latents = self.codec.encoder(wav)
        latents = latents.float()
        quantized = self.codec.quantizer.quantize(latents) if is_quantizing else None
        with autocast(wav.device, wanted=self.bf16):
            output = self.codec.decoder(latents if quantized is None else quantized.latents)
        return output.float(), latents, quantized


def _check(training: CodecTraining, config: CodecConfig, library: RecordingLibrary, ranks: Ranks) -> None:
    refuse_other_rate(library, config.sample_rate)
    if training.crops.num_samples % config.hop_length:
        raise RequestError(
            f"Crops of {training.crops.num_samples} samples are no whole number of frames: choose a multiple of "
            f"{config.hop_length} (--set crops.num_samples=…)."
        )
    if ranks.kind == "fsdp":
        raise RequestError("The codec is small: train it with --parallel ddp.")
    pieces = ranks.size * training.accumulate
    if training.batch % pieces:
        raise RequestError(
            f"A batch of {training.batch} cannot be shared equally in {pieces} parts: choose a multiple of {pieces} "
            "(--set batch=…)."
        )
