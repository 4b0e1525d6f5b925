"""Find the codec of bands' components and codebooks, then train its decoder to read them.

What tokens say is settled before the first step, so that sounds may be encoded while the decoder still learns. It
never makes a sound: what it compares are rows of sines and noise, so that a step costs what its networks cost. Crops
are analysed once and come again, louder or softer and from another row on. What gets shipped is the average of the
weights. Resumable bit by bit: all that is random is a function of (seed, step).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codec.bands import BandDecoder, BandEncoder, sines_and_noise, start_by_components
from engine.codec.encodec import Encodec
from engine.codec.gain_shape import LOWEST_SEEN_DB, seen_of
from engine.config import CodecConfig
from engine.errors import CheckpointCorrupt, RequestError
from engine.training.ahead import Ahead
from engine.training.averaging import Average
from engine.training.board import Board
from engine.training.crops import CropConfig, draw_batch
from engine.training.distributed import whole
from engine.training.journal import Journal
from engine.training.optimizer import take_step
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.row_distance import PATCH, POOLS, row_loss
from engine.training.schedule import Schedule
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]

SEED_STRIDE = 1_000_003
TOLD = ("loss", "near", "apart")
STARTING_CROPS = 1024
"""From which components and codebooks are found."""


@dataclass(frozen=True)
class BandCodecTraining:
    """Numbers of one training. Two readings are driven apart only when `apart_steps` have gone by."""

    steps: int = 2_400
    batch: int = 16
    crops: CropConfig = field(default_factory=lambda: CropConfig(sample_rate=48_000, num_samples=61_440))
    distinct_batches: int = 800
    """After so many the crops come again: a CPU spends more on drawing and analysing them than on a step."""
    learning_rate: float = 4e-4
    final_share: float = 0.02
    warmup_steps: int = 200
    weight_decay: float = 0.02
    max_norm: float = 1.0
    ema_decay: float = 0.998
    apart_steps: int = 300
    apart_weight: float = 0.9
    gain_spread_db: float = 36.0
    gain_jitter_db: float = 8.0
    log_every: int = 25
    validate_every: int = 250
    checkpoint_every: int = 100
    seed: int = 1
    minutes: float | None = None
    """See `engine.training.schedule.Schedule`."""


class BandCodecTrainer:
    """One codec, its optimiser, its data; `run` goes on from the newest checkpoint of `folder`.

    Raises:
        RequestError: crops are no whole patches of rows; the recordings were read at another rate than the codec's.
        CheckpointCorrupt: the folder holds the run of another kind of codec.
    """

    def __init__(
        self,
        config: CodecConfig,
        training: BandCodecTraining,
        library: RecordingLibrary,
        folder: Path,
        log: Log,
        *,
        device: torch.device | None = None,
        board: Board | None = None,
    ) -> None:
        refuse_other_rate(library, config.sample_rate)
        self.config, self.training, self.folder, self.log = config, training, folder, log
        self.device, self.board = device or torch.device("cpu"), board
        torch.manual_seed(training.seed)
        self.codec = Encodec(config).to(self.device)
        encoder, decoder = self.codec.encoder, self.codec.decoder
        assert isinstance(encoder, BandEncoder) and isinstance(decoder, BandDecoder)
        self.encoder, self.decoder = encoder, decoder
        self.rows_per_crop = _whole_rows(config, training)
        # Components are what they are; a step of Adam's would soon have turned them into noise.
        encoder.requires_grad_(False)
        decoder.straight.requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            [parameter for parameter in self.codec.parameters() if parameter.requires_grad],
            training.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=training.weight_decay,
        )
        self.average = Average(self.codec, training.ema_decay)
        self.schedule = Schedule(
            training.steps, training.warmup_steps, training.final_share, training.minutes
        )
        self.recordings, self.held_out = library.of_split("train"), library.of_split("held_out")
        self.crops = replace(training.crops, sample_rate=config.sample_rate)
        self.sound = sines_and_noise(config)
        self._kept: dict[int, Tensor] = {}
        self.step = 0
        self.is_found = self._resume()
        """Whether components and codebooks are there; they are never looked for again, or tokens would change."""

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Train to the last step, or until `until()`; a checkpoint is always left behind.

        Raises:
            TrainingDiverged: the loss or the gradient is no number; the last checkpoint stays.
        """
        training, started, since = self.training, time.monotonic(), self.step
        with Journal(self.folder, self.step) as journal, Ahead(self.draw) as ahead:
            if not self.is_found:
                self._start()
            while not self.schedule.is_over(self.step) and not until():
                numbers = self._train_step(ahead.take(self.step))
                self.step += 1
                journal.write(self.step, numbers)
                if self.step % training.log_every == 0:
                    self._tell(numbers, (time.monotonic() - started) / (self.step - since))
                if self.step % training.validate_every == 0 and self.held_out:
                    self._validate()
                if self.step % training.checkpoint_every == 0:
                    self._checkpoint()
        self._checkpoint()

    def draw(self, step: int) -> Tensor:
        """What is seen of a step's rows, [batch, T, 3, bands]: crops that come again, changed a little."""
        training, rng = self.training, np.random.default_rng((self.training.seed, step))
        rows = self._analysed(step % training.distinct_batches).float()
        shift = int(rng.integers(rows.shape[1] - self.rows_per_crop + 1))
        rows = rows[:, shift : shift + self.rows_per_crop].clone()
        jitter = rng.uniform(-training.gain_jitter_db, training.gain_jitter_db, (len(rows), 1, 1))
        rows[:, :, 0] += torch.from_numpy(jitter).float() * (rows[:, :, 0] > LOWEST_SEEN_DB)
        return seen_of(rows, self.sound.emphasis_db)

    def _analysed(self, number: int) -> Tensor:
        if number not in self._kept:
            rng = np.random.default_rng((self.training.seed, SEED_STRIDE + number))
            wav = draw_batch(
                rng, self.recordings, self.crops, self.training.batch, self.training.gain_spread_db
            )
            with torch.no_grad():
                # Half the bytes of float32, and finer than a tenth of a dB.
                self._kept[number] = self.sound.analyse(torch.from_numpy(wav)).half()
        return self._kept[number]

    def _train_step(self, drawn: Tensor) -> dict[str, float]:
        training, seen = self.training, drawn.to(self.device)
        torch.manual_seed(training.seed * SEED_STRIDE + self.step)
        with torch.no_grad():
            read = self._quantised(seen)
        apart_weight = training.apart_weight * min(1.0, self.step / training.apart_steps)
        scored = row_loss(seen, *self._readings(read), apart_weight=apart_weight)
        value = refuse_nan(scored.loss, self.step)
        torch.autograd.backward(scored.loss)
        rate = training.learning_rate * self.schedule.factor(self.step)
        norm = take_step(self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step)
        self.average.follow(self.codec, self.step)
        return {
            "loss": value,
            "near": float(scored.near),
            "apart": float(scored.apart),
            "gradient_norm": norm,
            "learning_rate": rate,
        }

    def _quantised(self, seen: Tensor) -> Tensor:
        """What is seen of rows -> latents [B, D, T] as tokens tell them."""
        quantizer = self.codec.quantizer
        return quantizer.decode(quantizer.encode(self.encoder.latents(seen)))

    def _readings(self, latents: Tensor) -> list[Tensor]:
        coarse = self.decoder.coarse(latents)
        return [self.decoder.reading(coarse, self.decoder.fresh_stirring(coarse.fine)) for _ in range(2)]

    @torch.no_grad()
    def _start(self) -> None:
        batches = range(max(1, STARTING_CROPS // self.training.batch))
        pool = torch.cat([self.draw(batch) for batch in batches]).to(self.device)
        start_by_components(self.encoder, self.decoder, pool)
        latents = torch.cat([self.encoder.latents(part) for part in torch.split(pool, self.training.batch)])
        flat = latents.transpose(1, 2).reshape(-1, self.config.latent_dim)
        generator = torch.Generator().manual_seed(self.training.seed * SEED_STRIDE - 1)
        self.codec.quantizer.start_by_kmeans(flat, generator=generator)
        self.average = Average(self.codec, self.training.ema_decay)
        self.is_found = True
        self._checkpoint()
        self.log("components and codebooks found")

    @torch.no_grad()
    def held_out_distance(self) -> float:
        """Of readings to fixed crops of recordings never trained on."""
        rows = self.sound.analyse(self._held_out())[:, : self.rows_per_crop]
        seen = seen_of(rows, self.sound.emphasis_db).to(self.device)
        readings = self._readings(self._quantised(seen))
        return float(row_loss(seen, *readings, apart_weight=0.0).near)

    def _held_out(self) -> Tensor:
        """[32, T_samples]."""
        crops = replace(self.crops, recordings_share=1.0, silence_share=0.0, sparse_share=0.0)
        return torch.from_numpy(draw_batch(np.random.default_rng(99), self.held_out, crops, 32, 12.0))

    def _tell(self, numbers: dict[str, float], pace_s: float) -> None:
        told = " ".join(f"{name} {numbers[name]:.4f}" for name in TOLD)
        self.log(f"step {self.step} {told} {pace_s:.2f} s/step")
        if self.board is not None:
            self.board.scalars(self.step, numbers)

    @torch.no_grad()
    def _validate(self) -> None:
        distance = self.held_out_distance()
        self.log(f"step {self.step} held-out distance {distance:.4f}")
        if self.board is not None:
            self.board.scalars(self.step, {"held_out_distance": distance})
            wav = self._held_out()[:4, None].to(self.device)
            for name, sounds in {
                "held_out": wav,
                "reconstructed": self.codec.decode(self.codec.encode(wav)),
            }.items():
                self.board.sound(self.step, name, sounds.flatten().cpu().numpy(), self.config.sample_rate)

    def _checkpoint(self) -> None:
        if self.board is not None:
            self.board.flush()
        state = {
            "step": self.step,
            "codec": self.codec.state_dict(),
            "average": self.average.tensors,
            "optimizer": self.optimizer.state_dict(),
            "training": asdict(self.training),
        }
        write_state(self.folder, {**whole(state), "config": self.config})
        (self.folder / "training.json").write_text(
            json.dumps(asdict(self.training), indent=1), encoding="utf-8"
        )

    def _resume(self) -> bool:
        """Whether there was something to go on with."""
        state = read_state(self.folder)
        if state is None:
            return False
        if "average" not in state:
            raise CheckpointCorrupt(
                f"The run in {self.folder} is of another kind of codec: choose another --out, or move it away."
            )
        self.step = state["step"]
        self.codec.load_state_dict(state["codec"])
        self.average.tensors = {name: tensor.to(self.device) for name, tensor in state["average"].items()}
        self.optimizer.load_state_dict(state["optimizer"])
        self.log(f"resumed at step {self.step}")
        return True


def _whole_rows(config: CodecConfig, training: BandCodecTraining) -> int:
    """How many of a crop's rows a step sees; the rest is room to begin elsewhere."""
    assert config.bands is not None
    tile = max(PATCH, *POOLS)
    available = training.crops.num_samples * config.bands.rows_a_frame // config.hop_length
    count = (available - config.bands.rows_a_frame) // tile * tile
    if config.bands.num_bands % PATCH:
        raise RequestError(
            f"{config.bands.num_bands} bands are no whole patches: choose a multiple of {PATCH} "
            "(--set codec.bands.num_bands=…)."
        )
    if count < tile or count % config.bands.rows_a_frame:
        raise RequestError(
            f"Crops of {training.crops.num_samples} samples are too short for the codec: choose at least "
            f"{config.hop_length * (2 * tile // config.bands.rows_a_frame)} (--set crops.num_samples=…)."
        )
    return count
