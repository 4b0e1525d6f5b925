"""Several takes drawn on a GPU: as `engine.lm.generate`, but the host only lays windows out and fetches their codes.

Every window's length is known beforehand, so the host knows without asking when the next place is free.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.decoding.graphed import GraphedDecoder
from engine.lm.delay import undelay
from engine.lm.generate import OnUnit, OnUnitStep, TakeUnit
from engine.lm.layout import WindowLayout, lay_out
from engine.lm.model import LanguageModel
from engine.lm.windows import Window, plan_windows, window_seed

STEPS_BETWEEN_NEWS = 25
"""The host waits for the device so often, to tell how far it is and to be stopped."""


@dataclass(eq=False)
class _Run:
    number: int
    unit: TakeUnit
    plan: list[Window]
    codes: Tensor
    window: int = 0
    left: int = 0
    """Steps of this window that are still to be drawn."""
    layout: WindowLayout = field(init=False)

    @property
    def share(self) -> float:
        fresh = [window.length - window.prime for window in self.plan]
        now = max(0, fresh[self.window] - self.left)
        return (sum(fresh[: self.window]) + now) / sum(fresh)


@torch.inference_mode()
def generate_takes_on_device(
    lm: LanguageModel,
    conditions: LanguageModel,
    units: Sequence[TakeUnit],
    *,
    windows: WindowConfig,
    capture: bool,
    on_step: OnUnitStep = lambda number, share: None,
    on_unit: OnUnit = lambda number, codes: None,
    side_by_side: int | None = None,
) -> list[Tensor]:
    """Draw the codes [K, T] of several takes; see `engine.lm.generate.generate_takes`.

    Args:
        lm: on the device, in the type that it computes in; `conditions` is the same model on the CPU in float32.
        capture: as a CUDA graph; without, step by step on whatever device.
    """
    if not units:
        return []
    books = lm.config.num_codebooks
    longest = min(windows.window_frames, max(unit.num_frames for unit in units))
    places = min(len(units), side_by_side or len(units))
    decoder = GraphedDecoder(
        lm,
        conditions,
        places=places,
        num_features=-(-longest // lm.frame_rate),
        num_steps=longest + books - 1,
        top_k=max(unit.sampling.top_k for unit in units),
        capture=capture,
    )
    waiting = deque(
        _Run(number, unit, plan_windows(unit.num_frames, windows), torch.zeros(books, unit.num_frames).long())
        for number, unit in enumerate(units)
    )
    done: dict[int, Tensor] = {}
    running: dict[int, _Run] = {}
    while waiting or running:
        for place in range(places):
            if place not in running and waiting:
                running[place] = waiting.popleft()
                _begin(decoder, conditions, place, running[place])
        steps = min(STEPS_BETWEEN_NEWS, *(run.left for run in running.values()))
        decoder.run(steps)
        decoder.wait()
        for place, run in list(running.items()):
            run.left -= steps
            on_step(run.number, run.share)
            if run.left:
                continue
            window = run.plan[run.window]
            delayed = decoder.delayed(place, run.layout.num_steps)
            run.codes[:, window.start : window.start + window.length] = undelay(delayed[None])[0]
            run.window += 1
            if run.window < len(run.plan):
                _begin(decoder, conditions, place, run)
                continue
            on_unit(run.number, run.codes)
            done[run.number] = run.codes
            del running[place]
    return [done[number] for number in range(len(units))]


def _begin(decoder: GraphedDecoder, conditions: LanguageModel, place: int, run: _Run) -> None:
    unit = run.unit
    run.layout = lay_out(conditions, unit.conditions, run.plan[run.window], unit.sampling, run.codes)
    run.left = run.layout.num_steps - run.layout.known
    generator = torch.Generator().manual_seed(window_seed(unit.seed, run.window))
    uniforms = torch.rand(run.left, conditions.config.num_codebooks, generator=generator)
    decoder.begin(place, run.layout, unit.sampling, uniforms)
