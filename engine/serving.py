"""What the engine does for each request, on a loaded model; takes of several requests are drawn together.

request -> look -> order -> units (cue x take) --side by side--> codes -> WAV -> Take
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.checkpoints import DEFAULT_MODEL
from engine.errors import Cancelled, RequestError, is_out_of_memory
from engine.guide import guide_hits
from engine.intake import Intake, Say, WritePieces, ending
from engine.media.array_cache import ArrayCache
from engine.media.atomic import refuse_existing, write_new_file_in_pieces
from engine.opening import MAX_SIDE_BY_SIDE, drafts_after, drafts_that_fit, most_side_by_side, open_model
from engine.orders import DRAWN_SHARE, LOOK_SHARES, Order, Unit, rounded, take_of
from engine.pipeline import Pipeline, hits_in_picture, shifted
from engine.protocol import (
    PROTOCOL_VERSION,
    Finished,
    Generate,
    Progress,
    Ready,
    Request,
    SamplingWish,
    Spot,
    Spotted,
    fraction,
)
from engine.visual.sight import OnProgress, Sight

PROGRESS_INTERVAL_S = 0.1


class Service:
    """Carries out requests; says events; asks at each step whether to stop.

    Args:
        batch: at most so many drafts of takes are drawn at once; None leaves it to the memory that is free.
        dtype: of the language model's weights: float32, bfloat16 or int8; None takes FOLEY_DTYPE, or the quickest
            here.
        device: "cpu" or "cuda"; None takes FOLEY_DEVICE, or the CPU.
        is_first_alone: after idling the first take is drawn by itself, to be there as soon as it can be.
        write_file: where WAVs go.

    Raises:
        CheckpointError: the model cannot be loaded.
        RequestError: there are no weights of this type, or no such device.
    """

    def __init__(
        self,
        model_folder: Path | None,
        num_threads: int,
        say: Say,
        *,
        batch: int | None = None,
        dtype: str | None = None,
        device: str | None = None,
        is_first_alone: bool = True,
        write_file: WritePieces = write_new_file_in_pieces,
    ) -> None:
        torch.set_num_threads(num_threads)
        model = open_model(model_folder or DEFAULT_MODEL, dtype=dtype, device=device)
        self._pipeline = Pipeline(model, cache=ArrayCache.of_user())
        self._num_threads, self._say, self._write_file = num_threads, say, write_file
        self._max_batch = batch or MAX_SIDE_BY_SIDE[model.device]
        self._room = self._max_batch
        self._is_first_alone, self._is_first = is_first_alone, True
        self._waiting: list[Unit] = []

    def ready(self) -> Ready:
        model = self._pipeline.model
        return Ready(
            protocol=PROTOCOL_VERSION,
            engine_version=version("foley"),
            model=model.config.name,
            model_sha256=model.record.sha256,
            labels=list(model.config.lm.labels),
            device=model.device,
            dtype=self._pipeline.dtype,
            backend=self._pipeline.backend,
            num_threads=self._num_threads,
            parallel=min(self._max_batch, most_side_by_side(model)),
            reads_text=self._pipeline.words.reads_text,
            sampling=model.sampling(SamplingWish()),
        )

    def serve(self, intake: Intake) -> None:
        """Carry out what comes in, until the end of it. Whatever happens, each request ends in one event."""
        while self._take_in(intake):
            self._make_some(intake)

    def _take_in(self, intake: Intake) -> bool:
        """Look at requests until a batch waits or no request does; False at the end of all."""
        while len(self._waiting) < self._max_batch:
            is_idle = not self._waiting
            if is_idle:
                intake.busy_with, self._is_first, self._room = None, True, self._max_batch
            request = intake.take(wait=is_idle)
            if request is None:
                break
            intake.busy_with = request.id
            try:
                self._accept(request, intake.is_cancelled)
            except Exception as error:  # one request must not take the others with it
                self._say(ending(request.id, error))
        return bool(self._waiting)

    def _accept(self, request: Request, is_cancelled: Callable[[int], bool]) -> None:
        match request:
            case Spot():
                sight = self._look(request, is_cancelled)
                hits = shifted(sight.hits, -float(fraction(request.head)))
                heard = [] if request.guide is None else guide_hits(request.guide)
                sound_hits = shifted(heard, -float(fraction(request.head)))
                pan = rounded(sight.pan)
                self._say(Spotted(request.id, hits, sight.curve.tolist(), sight.labels, pan, sound_hits))
            case Generate():
                units = self._units(
                    request, is_cancelled
                )  # meanwhile others may be cancelled and leave the line
                self._waiting += units
            case _:
                raise RequestError(
                    "The engine does not know this request: update the panel and the engine together."
                )

    def _units(self, request: Generate, is_cancelled: Callable[[int], bool]) -> list[Unit]:
        """Look at the picture and lay out what each take should follow.

        Raises:
            FoleyError: what cannot end well must not cost the user a decode and a take.
        """
        started_s = time.monotonic()
        self._pipeline.words.refuse(request)
        self._pipeline.laid_original(request)
        refuse_existing(map(Path, request.wav_paths))
        sight = self._look(request, is_cancelled)
        label = self._pipeline.words.label(request, sight.labels)
        order = Order(request, sight, hits_in_picture(request, sight), label, started_s)
        if not request.wav_paths:
            self._say(Finished(request.id, time.monotonic() - started_s))
        return [
            Unit(order, take, self._pipeline.unit(request, sight, order.hits, label, request.seed + take))
            for take in range(len(request.wav_paths))
        ]

    def _look(self, request: Spot | Generate, is_cancelled: Callable[[int], bool]) -> Sight:
        return self._pipeline.look(request.picture, self._look_progress(request.id, is_cancelled))

    def _look_progress(self, request_id: int, is_cancelled: Callable[[int], bool]) -> OnProgress:
        told_at_s = 0.0

        def on_progress(stage: str, share: float) -> None:
            nonlocal told_at_s
            self._end_cancelled(is_cancelled)  # others wait meanwhile, and are told at once too
            if is_cancelled(request_id):
                raise Cancelled("Cancelled.")
            now_s = time.monotonic()
            if now_s - told_at_s >= PROGRESS_INTERVAL_S:
                told_at_s = now_s
                low, high = LOOK_SHARES[stage]
                self._say(Progress(request_id, stage, low + (high - low) * share))

        return on_progress

    def _make_some(self, intake: Intake) -> None:
        """Draw what waits, as many drafts of takes at once as there is memory for.

        Out of memory halves that number, any other error makes it one; the takes that have not landed wait on.
        A take that fails alone ends its request.
        """
        batch, side_by_side = self._next_batch()
        intake.busy_with = batch[0].order.id
        try:
            self._draw(batch, side_by_side, intake.is_cancelled)
        except Exception as error:
            fewer = drafts_after(self._pipeline, side_by_side, error)
            if fewer is None:
                self._end(next(unit for unit in batch if unit in self._waiting).order, error)
            else:
                self._room = fewer
        self._is_first = False

    def _next_batch(self) -> tuple[list[Unit], int]:
        """The takes, and how many of their drafts are drawn at once."""
        is_alone = self._is_first and self._is_first_alone
        batch = self._waiting[:1] if is_alone else list(self._waiting)
        fit = drafts_that_fit(self._pipeline, [unit.drawing for unit in batch])
        return batch, min(fit, self._room, self._max_batch)

    def _draw(self, batch: list[Unit], side_by_side: int, is_cancelled: Callable[[int], bool]) -> None:
        started_s = time.monotonic()

        def goes_on(number: int, share: float) -> bool:
            self._end_cancelled(is_cancelled)
            if not batch[number].order.is_over:
                self._tell(batch[number], share)
            return not batch[number].order.is_over

        def land(number: int, codes: Tensor) -> None:
            try:
                self._land(batch[number], codes, started_s)
            except Exception as error:
                if is_out_of_memory(error):
                    raise
                self._end(batch[number].order, error)

        drawings = [unit.drawing for unit in batch]
        self._pipeline.draw(drawings, side_by_side=side_by_side, on_step=goes_on, on_unit=land)

    def _land(self, unit: Unit, codes: Tensor, started_s: float) -> None:
        """Make the sound of a take, write it, and say so."""
        order, request = unit.order, unit.order.request
        path, pipeline = Path(unit.wav_path), self._pipeline
        with pipeline.sound(request, unit.drawing, codes, path.parent) as sound:
            wall_s = time.monotonic() - started_s
            heard = unit.drawing.settled(codes)
            take = take_of(unit, heard, sound, wall_s=wall_s, model=pipeline.model, ready=self.ready())
            # Last, for a file that is there is never written again.
            take = replace(take, sha256=self._write_file(path, sound.wav_pieces()))
        self._waiting.remove(unit)
        order.shares[unit.take] = 1.0
        self._say(take)
        if min(order.shares) == 1.0:
            order.is_over = True
            self._say(Finished(order.id, time.monotonic() - order.started_s))

    def _end_cancelled(self, is_cancelled: Callable[[int], bool]) -> None:
        for order in {unit.order for unit in self._waiting if is_cancelled(unit.order.id)}:
            self._end(order, Cancelled("Cancelled."))

    def _end(self, order: Order, error: Exception) -> None:
        """Takes that landed are kept; the order's other takes are not made."""
        order.is_over = True
        self._waiting = [unit for unit in self._waiting if unit.order is not order]
        self._say(ending(order.id, error))

    def _tell(self, unit: Unit, share: float) -> None:
        order, now_s = unit.order, time.monotonic()
        order.shares[unit.take] = DRAWN_SHARE * share
        if now_s - order.told_at_s >= PROGRESS_INTERVAL_S:
            order.told_at_s = now_s
            self._say(order.progress(unit.take))
