"""Long takes as one token stream: windows of 10 s that advance by 8 s, each primed with the last 100 frames.

A cell of frame f - window start < 100 is forced, the rest is sampled; so a window continues mid-sound what
the one before began. Where a take is made from another, cells of that one are forced wherever they stay: as in
teacher forcing they are inputs to the steps after them. A window in which nothing is drawn is left out.

The unit of work is cue x take. A unit's windows run in order; several units run side by side, each in a place
of its own, with its own length, prime and generators. What a unit draws does not depend on its neighbours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.decoding.decoder import Decoder, TorchDecoder
from engine.lm.delay import undelay
from engine.lm.keeping import LaidOriginal
from engine.lm.layout import known_inputs, lay_out
from engine.lm.model import LanguageModel
from engine.lm.sampling import guide, sample_top_k
from engine.lm.windows import TakeConditions, Window, plan_windows, window_seed
from engine.protocol import Sampling

__all__ = ["TakeConditions", "TakeUnit", "Window", "generate_take", "generate_takes", "plan_windows"]

OnStep = Callable[[float], None]
"""Called after each step with the share of the take that is done; may raise to stop."""

OnUnitStep = Callable[[int, float], bool | None]
"""Called after each step of a unit with its number and the share of it that is done; may raise to stop.

Where it answers False, that unit alone is dropped.
"""

OnUnit = Callable[[int, Tensor], None]
"""Called with a unit's number and its codes [K, T] as soon as it is whole."""


@dataclass(frozen=True)
class TakeUnit:
    """One take of one cue: all that its codes depend on, beside the model.

    `opening` [K, N] are codes that it goes on from, of a cast sound. They count among the take's frames, conditions
    begin with them, and no one hears them. `original` is the take that it is made from; its frames begin after them.
    `hits_s` are the hits that onsets are to be heard at, seconds from the first frame that is heard; where there are
    none, one draft is as good as another.
    """

    conditions: TakeConditions
    num_frames: int
    sampling: Sampling
    seed: int
    opening: Tensor | None = None
    original: LaidOriginal | None = None
    hits_s: tuple[float, ...] = ()

    @property
    def num_drafts(self) -> int:
        """See `engine.drafting`."""
        return self.sampling.drafts if self.hits_s else 1

    @property
    def opening_frames(self) -> int:
        return 0 if self.opening is None else self.opening.shape[-1]

    def plan(self, windows: WindowConfig) -> list[Window]:
        """The windows in which something is drawn; none where nothing is."""
        plan = plan_windows(self.num_frames, windows, self.opening_frames)
        forced = self.forced()
        if forced is None:
            return plan
        return [each for each in plan if not _fresh(forced, each).all()]

    def forced(self) -> Tensor | None:
        """The cells [K, T] that stay as `begun` has them; None where all but the opening's are drawn."""
        if self.original is None:
            return None
        before = torch.ones(len(self.original.forced), self.opening_frames, dtype=torch.bool)
        return torch.cat([before, self.original.forced], dim=1)

    def begun(self, num_codebooks: int) -> Tensor:
        """Codes [K, T] with what is known of them."""
        codes = torch.zeros(num_codebooks, self.num_frames, dtype=torch.long)
        if self.opening is not None:
            codes[:, : self.opening_frames] = self.opening
        if self.original is not None:
            codes[:, self.opening_frames :] = self.original.codes
        return codes

    def heard(self, codes: Tensor) -> Tensor:
        """The codes [K, T] of the whole, as those that are heard."""
        return codes[:, self.opening_frames :]

    def settled(self, codes: Tensor) -> Tensor:
        """Heard codes [K, T], the original's where its samples are what is heard."""
        return codes if self.original is None else self.original.settled(codes)


def _fresh(forced: Tensor, window: Window) -> Tensor:
    """Of the cells [K, T], those that the window adds."""
    return forced[:, window.start + window.prime : window.start + window.length]


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
    side_by_side: int | None = None,
) -> list[Tensor]:
    """Draw the codes [K, T] of several takes; those that were dropped are left out.

    Args:
        side_by_side: how many units run at once; None runs all of them. The next one begins as soon as a place
            is free. The codes are the same whatever the number.
        on_unit: keeps finished units, so that after running out of memory only the others need be drawn again.
    """
    decoder = TorchDecoder(lm) if isinstance(lm, LanguageModel) else lm
    done = given_whole(units, windows, decoder.conditions.config.num_codebooks, on_unit)
    waiting = deque(
        _UnitRun(decoder, number, unit, windows) for number, unit in enumerate(units) if number not in done
    )
    places = min(len(units), side_by_side or len(units))
    decoder.open(places, _capacity(decoder.conditions, [unit.num_frames for unit in units], windows))
    running: dict[int, _UnitRun] = {}
    while waiting or running:
        for place in range(places):
            if place not in running and waiting:
                running[place] = waiting.popleft()
                running[place].begin_window(place)
        for place, run in list(running.items()):
            run.draw()
            if on_step(run.number, run.share) is False:
                del running[place]
                continue
            if run.is_window_over and run.end_window():
                heard = units[run.number].heard(run.codes)
                on_unit(run.number, heard)
                done[run.number] = heard
                del running[place]
            elif run.is_at_start:
                run.begin_window(place)
        _step(decoder, {place: run for place, run in running.items() if run.awaits_step})
    return [done[number] for number in sorted(done)]


def given_whole(
    units: Sequence[TakeUnit], windows: WindowConfig, num_codebooks: int, on_unit: OnUnit
) -> dict[int, Tensor]:
    """Units in which there is nothing to draw, by number: all of their codes are known, and handed over."""
    whole = {
        number: unit.heard(unit.begun(num_codebooks))
        for number, unit in enumerate(units)
        if not unit.plan(windows)
    }
    for number, codes in whole.items():
        on_unit(number, codes)
    return whole


def _capacity(lm: LanguageModel, frames: Sequence[int], windows: WindowConfig) -> int:
    """Positions that the longest window takes: its features and its steps."""
    longest = min(windows.window_frames, max(frames, default=1))
    return -(-longest // lm.frame_rate) + longest + lm.config.num_codebooks - 1


def _step(decoder: Decoder, running: dict[int, _UnitRun]) -> None:
    if not running:
        return
    x = torch.stack([run.next_input() for run in running.values()])
    logits = decoder.decode_step(list(running), x)
    for run, each in zip(running.values(), logits, strict=True):
        run.logits = each
        run.awaits_step = False


class _UnitRun:
    """One unit on its way: the window it is in, the step it is at."""

    def __init__(self, decoder: Decoder, number: int, unit: TakeUnit, windows: WindowConfig) -> None:
        self.number = number
        self._decoder, self._unit = decoder, unit
        self._lm = decoder.conditions
        self.codes = unit.begun(self._lm.config.num_codebooks)
        self._forced = unit.forced()
        self._plan = unit.plan(windows)
        self._fresh = sum(window.length - window.prime for window in self._plan)
        self._done = 0
        self._window_number = 0
        self.logits = torch.empty(0)
        self.awaits_step = False
        self.is_at_start = True
        self._step = 0

    @property
    def _window(self) -> Window:
        return self._plan[self._window_number]

    @property
    def share(self) -> float:
        """Of the whole unit."""
        window, layout = self._window, self._layout
        of_window = (self._step - layout.known) / (layout.end - layout.known)
        return (self._done + of_window * (window.length - window.prime)) / self._fresh

    @property
    def is_window_over(self) -> bool:
        return self._step == self._layout.end

    def begin_window(self, place: int) -> None:
        """Lay the window out and read in what is known of it."""
        unit, window = self._unit, self._window
        self._layout = lay_out(self._lm, unit.conditions, window, unit.sampling, self.codes, self._forced)
        self._delayed = self._layout.delayed
        self._generator = torch.Generator().manual_seed(window_seed(unit.seed, self._window_number))
        x = known_inputs(self._lm, self._layout)
        features = self._layout.prefix.shape[1]
        self.logits = self._decoder.prefill(place, x, features, self._layout.num_steps)
        self._step = self._layout.known
        self.is_at_start, self.awaits_step = False, False

    def draw(self) -> None:
        """Sample the cells of this step from its logits."""
        sampling, step = self._unit.sampling, self._step
        guided = guide(self.logits[0], self.logits[1], sampling.cfg_scale)
        drawn = sample_top_k(guided, sampling, self._generator)
        self._delayed[:, step] = torch.where(self._layout.free[:, step], drawn, self._delayed[:, step])
        self._step += 1
        self.awaits_step = True

    def next_input(self) -> Tensor:
        """x [2, D] of the step after the one that was drawn."""
        step = self._step
        embedded = self._lm.embed_codes(self._delayed[None, :, step - 1 : step])[:, 0]
        return embedded + self._layout.biases[:, step]

    def end_window(self) -> bool:
        """Keep the window's codes; True when it was the last one."""
        window = self._window
        self.codes[:, window.start : window.start + window.length] = undelay(self._delayed[None])[0]
        self._done += window.length - window.prime
        self.awaits_step = False
        if self._window_number + 1 == len(self._plan):
            return True
        self._window_number += 1
        self.is_at_start = True
        return False
