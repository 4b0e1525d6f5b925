"""Train the language model on encoded clips: true hits with a little jitter, conditions dropped at random.

AdamW with FoleyGen's betas and weight decay (arXiv 2309.10537, section 4.2), warm-up and a cosine, an
exponential average of the weights that is what gets shipped. The loss is over real audio cells only.

Everything random is a function of (seed, step, row): a training that is killed and started again ends in the
same weights, and several processes (torchrun) see the batches that one would have seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from engine.codec.encodec import Encodec
from engine.config import CodecConfig, LMConfig
from engine.lm.delay import delay, undelay
from engine.lm.model import LanguageModel
from engine.training.ahead import Ahead
from engine.training.averaging import Average
from engine.training.batches import Batch, Batches, Cropping
from engine.training.board import Board
from engine.training.corpus import Corpus
from engine.training.distributed import ALONE, Ranks, fill, fill_optimizer, whole
from engine.training.journal import Journal
from engine.training.lm_example import Example
from engine.training.optimizer import adamw, take_step
from engine.training.precision import autocast
from engine.training.schedule import Schedule
from engine.training.settings import AtLeastOne, NotNegative, Positive
from engine.training.state import read_state, refuse_nan, write_state

Log = Callable[[str], None]

NOTHING = -100
"""The target of a cell that is not learned from."""


@dataclass(frozen=True)
class LMTraining:
    """Numbers of one training. `accumulate` parts of a step's rows go through the model one after the other."""

    steps: AtLeastOne = 3600
    cropping: Cropping = field(default_factory=Cropping)
    learning_rate: Positive = 1e-3
    final_share: float = 0.05
    warmup_steps: NotNegative = 150
    weight_decay: float = 0.1
    max_norm: float = 1.0
    ema_decay: float = 0.998
    accumulate: AtLeastOne = 1
    recompute: bool = False
    """Activation checkpointing: each block is computed again in the backward pass, for memory."""
    log_every: AtLeastOne = 20
    checkpoint_every: AtLeastOne = 100
    example_every: AtLeastOne = 500
    seed: NotNegative = 1
    bf16: bool = True
    workers: NotNegative = 0
    """Processes that draw crops, from the corpus as it was at the start; 0 for a thread."""
    minutes: float | None = None
    """See `engine.training.schedule.Schedule`."""


class LMTrainer:
    """One language model over a corpus; `run` goes on from the newest checkpoint of `folder`.

    Args:
        refresh: called after each checkpoint; a corpus that grows takes in what is new.
        decoder: the codec, to hear examples on the board.
    """

    def __init__(
        self,
        config: LMConfig,
        codec: CodecConfig,
        training: LMTraining,
        corpus: Corpus,
        folder: Path,
        log: Log,
        *,
        ranks: Ranks = ALONE,
        board: Board | None = None,
        decoder: Encodec | None = None,
        refresh: Callable[[], None] = lambda: None,
    ) -> None:
        self.config, self.training, self.folder, self.log = config, training, folder, log
        self.ranks, self.board, self.decoder, self.refresh = ranks, board, decoder, refresh
        self.batches = Batches(corpus, config, codec.frame_rate, training.cropping, training.seed)
        self.example = Example.of(self.batches, codec)
        torch.manual_seed(training.seed)
        self.lm = LanguageModel(config, codec).to(ranks.device)
        if training.recompute:
            for block in self.lm.blocks:
                block.forward = partial(checkpoint, block.forward, use_reentrant=False)
        self.net = ranks.wrap(self.lm, self.lm.blocks)
        self.average = Average(self.lm, training.ema_decay)
        self.schedule = Schedule(
            training.steps, training.warmup_steps, training.final_share, training.minutes
        )
        self.optimizer = adamw(
            self.lm, training.learning_rate, betas=(0.9, 0.95), weight_decay=training.weight_decay
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
            Ahead(self.draw, workers=training.workers) as ahead,
        ):
            while not self.ranks.any(self.schedule.is_over(self.step) or until()):
                numbers = self.train_step(ahead.take(self.step))
                self.step += 1
                journal.write(self.step, numbers)
                if self.step % training.log_every == 0:
                    self._tell(numbers, (time.monotonic() - started) / (self.step - since))
                if self.step % training.example_every == 0:
                    self._show_example()
                if self.step % training.checkpoint_every == 0:
                    self._checkpoint()
                    self.refresh()
        self._checkpoint()
        self.ranks.wait()

    def draw(self, step: int) -> list[Batch]:
        """This process's parts of a step's global batch."""
        rows = self.batches.size(step)[0]
        parts = self.ranks.parts(rows, self.training.accumulate)
        return [self.batches.draw(step, part) if part else self.batches.empty(step) for part in parts]

    def summed_loss(self, batch: Batch) -> Tensor:
        """Cross-entropy over the real cells of the delayed codes, summed."""
        delayed = delay(batch.codes, self.config.pad_id)
        with self._autocast():
            logits: Tensor = self.net(delayed, batch.conditions)
        targets = delayed.masked_fill(delayed == self.config.pad_id, NOTHING)
        return F.cross_entropy(
            logits.flatten(0, 2).float(), targets.flatten(), ignore_index=NOTHING, reduction="sum"
        )

    def train_step(self, parts: list[Batch]) -> dict[str, float]:
        """One optimizer step from this process's parts of a batch -> what the journal keeps."""
        training, ranks = self.training, self.ranks
        rate = training.learning_rate * self.schedule.factor(self.step)
        books = self.config.num_codebooks
        parts = [part.to(ranks.device) for part in parts]
        real = sum(((part.codes[:, 0] != self.config.pad_id).sum() for part in parts), torch.zeros(()))
        cells = ranks.total(real.to(ranks.device) * books)
        loss = torch.zeros((), device=ranks.device)
        for number, part in enumerate(parts):
            with ranks.exchanging(self.net, is_last=number == len(parts) - 1):
                # DDP and FSDP average gradients over processes; the loss is a sum over one global count.
                share = self.summed_loss(part) / cells
                torch.autograd.backward(share * ranks.size)
            loss += share.detach()
        value = refuse_nan(ranks.total(loss), self.step)
        norm = take_step(self.optimizer, learning_rate=rate, max_norm=training.max_norm, step=self.step)
        self.average.follow(self.lm, self.step)
        return {"loss": value, "learning_rate": rate, "gradient_norm": norm}

    def _autocast(self) -> torch.autocast:
        return autocast(self.ranks.device, wanted=self.training.bf16)

    def _tell(self, numbers: dict[str, float], pace_s: float) -> None:
        if self.ranks.is_first:
            self.log(f"step {self.step} loss {numbers['loss']:.4f} {pace_s:.2f} s/step")
        if self.board is not None:
            self.board.scalars(self.step, numbers)

    @torch.no_grad()
    def _show_example(self) -> None:
        """One crop on the board: its true codes, the likeliest ones, each from the true ones before it, and a take
        that the average draws of it.
        """
        if self.ranks.kind == "alone" and (self.board is None or self.decoder is None):
            return
        batch = self.example.batch.to(self.ranks.device)
        delayed = delay(batch.codes, self.config.pad_id)
        with self._autocast():
            likeliest = undelay(self.net(delayed, batch.conditions).argmax(dim=-1))
        weights = whole(self.average.tensors)
        if self.board is None or self.decoder is None:
            return
        real = self.example.num_frames
        shown = {
            "true": batch.codes[..., :real],
            "teacher_forced": likeliest[..., :real],
            "drawn": self.example.drawn(weights)[None],
        }
        for name, codes in shown.items():
            wav = self.decoder.decode(codes.cpu())[0, 0]
            self.board.sound(self.step, name, wav.numpy(), self.decoder.config.sample_rate)

    def _checkpoint(self) -> None:
        state = {
            "step": self.step,
            "lm": whole(self.lm.state_dict()),
            "average": whole(self.average.tensors),
            "optimizer": whole(self.optimizer.state_dict()),
            "training": asdict(self.training),
        }
        if self.board is not None:
            self.board.flush()
        if self.ranks.is_first:
            write_state(self.folder, state)

    def _resume(self) -> None:
        state = read_state(self.folder)
        if state is not None:
            self.step = state["step"]
            fill(self.lm.state_dict(), state["lm"], what="language model")
            fill(self.average.tensors, state["average"], what="language model")
            if "optimizer" in state:  # else it is begun from a model that is ready
                fill_optimizer(self.optimizer, state["optimizer"])
            if self.ranks.is_first:
                self.log(f"resumed at step {self.step}")
