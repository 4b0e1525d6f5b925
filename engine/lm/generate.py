"""Long takes as one token stream: windows of 10 s that advance by 8 s, each primed with the last 100 frames.

A cell of frame f - window start < 100 is forced, the rest is sampled; so a window continues mid-sound what
the one before began. Where a take is made from another, cells of that one are forced wherever they stay: as in
teacher forcing they are inputs to the steps after them. A window in which nothing is drawn is left out.

The unit of work is cue x take. A unit's windows run in order; several units, and the drafts of a window, run side by
side, each in a place of its own, with its own length, prime and generator. What is drawn does not depend on its
neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.decoding.decoder import Decoder, TorchDecoder
from engine.lm.delay import undelay
from engine.lm.layout import known_inputs
from engine.lm.model import LanguageModel
from engine.lm.units import TakeUnit
from engine.lm.window_queue import Judge, OnUnit, OnUnitStep, WindowDraft, WindowQueue
from engine.lm.windows import TakeConditions, Window, plan_windows
from engine.protocol import Sampling

__all__ = ["TakeConditions", "TakeUnit", "Window", "generate_take", "generate_takes", "plan_windows"]

OnStep = Callable[[float], None]
"""Called after each step with the share of the take that is done; may raise to stop."""


def generate_take(
    lm: LanguageModel | Decoder,
    conditions: TakeConditions,
    num_frames: int,
    sampling: Sampling,
    *,
    seed: int,
    windows: WindowConfig,
    on_step: OnStep,
) -> Tensor:
    """Draw the codes [K, T] of one take. Each window has a generator of its own, seeded by take and window."""
    unit = TakeUnit(conditions, num_frames, sampling, seed)
    return generate_takes(lm, [unit], windows=windows, on_step=lambda _, share: on_step(share))[0]


@torch.inference_mode()
def generate_takes(
    lm: LanguageModel | Decoder,
    units: Sequence[TakeUnit],
    *,
    windows: WindowConfig,
    on_step: OnUnitStep = lambda number, share: None,
    on_unit: OnUnit = lambda number, codes: None,
    judge: Judge | None = None,
    side_by_side: int | None = None,
) -> list[Tensor]:
    """Draw the codes [K, T] of several takes; those that were dropped are left out.

    Args:
        on_unit: keeps finished units, so that after running out of memory only the others need be drawn again.
        judge: says which of a window's drafts is kept, and how many there may be; None draws each window once.
        side_by_side: how many drafts run at once; None runs all that can. The next one begins as soon as a place
            is free. The codes are the same whatever the number.
    """
    decoder = TorchDecoder(lm) if isinstance(lm, LanguageModel) else lm
    books = decoder.conditions.config.num_codebooks
    queue = WindowQueue(units, windows, books, on_step=on_step, on_unit=on_unit, judge=judge)
    places = min(len(queue), side_by_side or len(queue))
    if queue:
        capacity = _capacity(decoder.conditions, [unit.num_frames for unit in units], windows)
        decoder.open(places, capacity)
    running: dict[int, _WindowRun] = {}
    while queue or running:
        for place in range(places):
            if place not in running and (draft := queue.next()) is not None:
                running[place] = _WindowRun(decoder, place, draft)
        _draw(decoder, running.values())
        for place, run in list(running.items()):
            if not queue.goes_on(run.drawing, run.share):
                del running[place]
            elif run.is_over:
                queue.land(run.drawing, run.codes)
                del running[place]
        _step(decoder, running)
    return [queue.done[number] for number in sorted(queue.done)]


def _capacity(lm: LanguageModel, frames: Sequence[int], windows: WindowConfig) -> int:
    """Positions that the longest window takes: its features and its steps."""
    longest = min(windows.window_frames, max(frames, default=1))
    return -(-longest // lm.frame_rate) + longest + lm.config.num_codebooks - 1


def _draw(decoder: Decoder, runs: Iterable[_WindowRun]) -> None:
    """Sample the cells of each one's step from its logits; at once, where they are sampled alike."""
    alike: defaultdict[Sampling, list[_WindowRun]] = defaultdict(list)
    for run in runs:
        alike[run.drawing.unit.sampling].append(run)
    for sampling, group in alike.items():
        logits = _stacked([run.logits for run in group])
        drawn = decoder.draw(logits, sampling, _stacked([run.uniforms for run in group]))
        for run, codes in zip(group, drawn, strict=True):
            run.take_in(codes)


def _step(decoder: Decoder, running: dict[int, _WindowRun]) -> None:
    if not running:
        return
    lm = decoder.conditions
    x = [lm.embed_codes(run.last_codes[None, :, None])[0] + run.bias for run in running.values()]
    logits = decoder.decode_step(list(running), _stacked(x))
    for run, each in zip(running.values(), logits, strict=True):
        run.logits = each


def _stacked(rows: Sequence[Tensor]) -> Tensor:
    """As torch.stack; which wakes its threads for a few rows, and those take the processors from the decoder's own."""
    return torch.from_numpy(np.stack([row.numpy() for row in rows]))


class _WindowRun:
    """One draft of a window on its way: what is known of it is read in, then it is at some step."""

    def __init__(self, decoder: Decoder, place: int, drawing: WindowDraft) -> None:
        lm = decoder.conditions
        self.drawing = drawing
        self._layout = drawing.layout(lm)
        self._delayed = self._layout.delayed
        generator = torch.Generator().manual_seed(drawing.seed)
        num_drawn = self._layout.end - self._layout.known
        self._uniforms = torch.rand(num_drawn, lm.config.num_codebooks, generator=generator)
        x = known_inputs(lm, self._layout)
        features = self._layout.prefix.shape[1]
        self.logits = decoder.prefill(place, x, features, self._layout.num_steps)
        self._step = self._layout.known

    @property
    def share(self) -> float:
        """Of what is to be drawn."""
        return (self._step - self._layout.known) / (self._layout.end - self._layout.known)

    @property
    def is_over(self) -> bool:
        return self._step == self._layout.end

    @property
    def codes(self) -> Tensor:
        """Of the window [K, L]."""
        return undelay(self._delayed[None])[0]

    @property
    def uniforms(self) -> Tensor:
        """[K] that its step draws with."""
        return self._uniforms[self._step - self._layout.known]

    def take_in(self, drawn: Tensor) -> None:
        """Codes [K] of this step, of which free cells take theirs; the next step comes."""
        step = self._step
        self._delayed[:, step] = torch.where(self._layout.free[:, step], drawn, self._delayed[:, step])
        self._step += 1

    @property
    def last_codes(self) -> Tensor:
        """[K] of the step before this one, pad ids included."""
        return self._delayed[:, self._step - 1]

    @property
    def bias(self) -> Tensor:
        """[2, D] that is added to this step in its two rows."""
        return self._layout.biases[:, self._step]
