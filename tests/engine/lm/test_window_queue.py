"""Windows of several takes and their drafts: in which order they are drawn, and what of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.generate import TakeConditions, generate_takes
from engine.lm.on_device import OnDevice, generate_takes_on_device
from engine.lm.units import TakeUnit
from engine.lm.window_queue import Verdict, WindowDraft, WindowQueue
from engine.lm.windows import Window, draft_seed
from engine.protocol import Sampling
from tests.engine.lm.small import random_conditions, small_lm

WINDOWS = WindowConfig(window_frames=50, stride_frames=30)
PRIME = 20
FRAMES = 90


def unit_of(seed: int, drafts: int, num_frames: int = FRAMES) -> TakeUnit:
    drawn = random_conditions(1, num_frames)
    assert drawn.sync is not None
    conditions = TakeConditions(drawn.visual[0], 0, None, drawn.sync[0])
    return TakeUnit(conditions, num_frames, Sampling(drafts=drafts), seed, hits_s=(0.5,))


class Choosing:
    """Finds the draft best that it is told to of each window, and good from then on; remembers what it was shown."""

    def __init__(self, *choices: int, good: bool = True) -> None:
        self._choices, self._good = choices, good
        self.shown: list[tuple[int, Window, Tensor]] = []

    def most_drafts(self, unit: TakeUnit, window: Window) -> int:
        return unit.sampling.drafts

    def __call__(self, unit: TakeUnit, window: Window, drafts: Sequence[Tensor]) -> list[Verdict]:
        return [self._verdict(unit, window, each) for each in drafts]

    def _verdict(self, unit: TakeUnit, window: Window, codes: Tensor) -> Verdict:
        self.shown.append((unit.seed, window, codes))
        mine = [shown for seed, shown, _ in self.shown if seed == unit.seed]
        choice = self._choices[len(set(mine)) - 1]
        is_chosen = mine.count(window) - 1 == choice
        return Verdict(float(is_chosen), is_good=is_chosen and self._good)


def test_each_window_goes_on_from_the_draft_that_was_kept_of_the_one_before() -> None:
    choosing = Choosing(1, 0, 2, good=False)
    (codes,) = generate_takes(small_lm(), [unit_of(3, 3)], windows=WINDOWS, judge=choosing)
    windows = list(dict.fromkeys(window for _, window, _ in choosing.shown))
    assert windows == [Window(0, 50, 0), Window(30, 50, PRIME), Window(60, 30, PRIME)]
    for choice, window in zip((1, 0, 2), windows, strict=True):
        drafts = [drawn for _, shown, drawn in choosing.shown if shown == window]
        assert len({draft.numpy().tobytes() for draft in drafts}) == 3
        assert torch.equal(codes[:, window.start : window.start + window.length], drafts[choice])
        for draft in drafts:
            assert torch.equal(draft[:, : window.prime], codes[:, window.start : window.start + window.prime])


@pytest.mark.parametrize(
    ("best", "is_good", "drawn"), [(0, True, 2), (1, True, 2), (3, True, 4), (1, False, 5), (4, True, 5)]
)
def test_a_window_is_drawn_two_at_a_time_until_one_is_good(best: int, is_good: bool, drawn: int) -> None:
    choosing = Choosing(best, good=is_good)
    (codes,) = generate_takes(small_lm(), [unit_of(3, 5, 50)], windows=WINDOWS, judge=choosing)
    assert len(choosing.shown) == drawn
    assert torch.equal(codes, choosing.shown[best][2])


def test_of_equal_drafts_the_first_is_kept() -> None:
    choosing = Choosing(9, good=False)
    (codes,) = generate_takes(small_lm(), [unit_of(3, 3, 50)], windows=WINDOWS, judge=choosing)
    assert torch.equal(codes, choosing.shown[0][2])


def test_what_is_drawn_once_is_not_judged() -> None:
    choosing = Choosing(0)
    generate_takes(small_lm(), [unit_of(3, 1, 50)], windows=WINDOWS, judge=choosing)
    assert not choosing.shown


def test_the_first_draft_is_what_a_single_one_would_be() -> None:
    lm = small_lm()
    (single,) = generate_takes(lm, [unit_of(3, 1)], windows=WINDOWS)
    (first,) = generate_takes(lm, [unit_of(3, 2)], windows=WINDOWS, judge=Choosing(0, 0, 0))
    (undrafted,) = generate_takes(lm, [unit_of(3, 2)], windows=WINDOWS)
    assert torch.equal(single, first) and torch.equal(single, undrafted)


@pytest.mark.parametrize("side_by_side", [1, 2, 3, 7])
def test_what_is_kept_does_not_depend_on_how_many_run_at_once_or_beside(side_by_side: int) -> None:
    lm = small_lm("causal")
    alone = [
        generate_takes(lm, [unit_of(seed, 2)], windows=WINDOWS, judge=Choosing(1, 0, 1))[0] for seed in (3, 4)
    ]
    units = [unit_of(3, 2), unit_of(9, 1, 40), unit_of(4, 2)]
    made = generate_takes(lm, units, windows=WINDOWS, judge=Choosing(1, 0, 1), side_by_side=side_by_side)
    assert torch.equal(made[0], alone[0]) and torch.equal(made[2], alone[1])


def test_on_a_device_the_same_is_kept() -> None:
    lm = small_lm("causal").float()
    units = [
        replace(unit, conditions=single_precision(unit.conditions), sampling=Sampling(top_k=1, drafts=2))
        for unit in (unit_of(3, 2), unit_of(4, 2))
    ]
    choosing = Choosing(1, 0, 1)
    made = generate_takes_on_device(
        OnDevice(lm, lm, capture=False, num_places=3),
        units,
        windows=WINDOWS,
        judge=choosing,
    )
    reference = generate_takes(lm, units, windows=WINDOWS, judge=Choosing(1, 0, 1))
    assert len(choosing.shown) == 12  # two units, three windows, two drafts
    for ours, theirs in zip(made, reference, strict=True):
        assert torch.equal(ours, theirs)


def single_precision(conditions: TakeConditions) -> TakeConditions:
    assert conditions.visual is not None and conditions.sync is not None
    return replace(conditions, visual=conditions.visual.float(), sync=conditions.sync.float())


def test_a_unit_is_as_far_as_the_mean_of_all_drafts_that_it_may_need() -> None:
    told: list[tuple[int, float]] = []
    queue = queue_of([unit_of(0, 2, 50), unit_of(1, 2, 50)], told)
    drafts = [queue.next() for _ in range(4)]
    for place, share in ((0, 0.5), (2, 0.5), (1, 0.5), (1, 1.0)):
        assert queue.goes_on(here(drafts[place]), share)
    assert told == [(0, 0.25), (1, 0.25), (0, 0.5), (0, 0.75)]


def test_of_a_unit_that_is_dropped_nothing_more_is_drawn_or_told() -> None:
    told: list[tuple[int, float]] = []
    queue = queue_of([unit_of(0, 2), unit_of(1, 2)], told, dropped=0)
    first = here(queue.next())
    assert not queue.goes_on(first, 0.1) and not queue.goes_on(first, 0.2)
    ((number, share),) = told
    assert number == 0 and share == pytest.approx(0.1 / 2 * 50 / FRAMES)
    assert [here(queue.next()).number for _ in range(len(queue))] == [1, 1]


def queue_of(
    units: Sequence[TakeUnit], told: list[tuple[int, float]], dropped: int | None = None
) -> WindowQueue:
    def step(number: int, share: float) -> bool:
        told.append((number, share))
        return number != dropped

    return WindowQueue(
        units, WINDOWS, 4, on_step=step, on_unit=lambda number, codes: None, judge=Choosing(0, 0, 0)
    )


def here(draft: WindowDraft | None) -> WindowDraft:
    assert draft is not None
    return draft


def test_seeds_of_drafts_are_no_seeds_of_other_takes() -> None:
    """A request's takes have neighbouring seeds."""
    seeds = [draft_seed(take, draft) for take in (0, 1, 2, 2**62, 2**63 - 1) for draft in range(8)]
    assert seeds[::8] == [0, 1, 2, 2**62, 2**63 - 1]
    assert len(set(seeds)) == 40 and min(seeds) >= 0 and max(seeds) < 2**63
