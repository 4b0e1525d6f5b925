"""Long takes: windows, priming, and the same bytes for the same recipe."""

from functools import cache

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import WindowConfig
from engine.lm.delay import delay
from engine.lm.generate import (
    TakeConditions,
    TakeUnit,
    Window,
    generate_take,
    generate_takes,
    plan_windows,
)
from engine.lm.model import LanguageModel
from engine.lm.windows import window_rows
from engine.protocol import Sampling
from tests.engine.lm.small import CONFIG, random_conditions, small_lm

WINDOWS = WindowConfig(window_frames=150, stride_frames=100)


def conditions_of(num_frames: int) -> TakeConditions:
    drawn = random_conditions(1, num_frames)
    assert drawn.sync is not None
    return TakeConditions(visual=drawn.visual[0], label=0, negative_label=None, sync=drawn.sync[0])


def generate(lm: LanguageModel, num_frames: int, *, seed: int = 0, top_k: int = 256) -> torch.Tensor:
    return generate_take(
        lm,
        conditions_of(num_frames),
        num_frames,
        Sampling(top_k=top_k),
        seed=seed,
        windows=WINDOWS,
        on_step=lambda share: None,
    )


def test_windows_of_ten_seconds_advance_by_eight_and_are_primed_with_a_hundred_frames() -> None:
    assert plan_windows(1104, WindowConfig()) == [
        Window(0, 500, 0),
        Window(400, 500, 100),
        Window(800, 304, 100),
    ]
    assert plan_windows(500, WindowConfig()) == [Window(0, 500, 0)]
    assert plan_windows(7, WindowConfig()) == [Window(0, 7, 0)]


def test_windows_cover_a_take_without_a_hole_and_each_adds_something() -> None:
    for num_frames in range(1, 1400):
        known = 0
        for window in plan_windows(num_frames, WindowConfig()):
            assert window.start + window.prime == known or (window.start == 0 and known == 0)
            assert window.length > window.prime
            known = window.start + window.length
        assert known == num_frames


def test_the_same_seed_draws_the_same_codes_and_another_seed_others() -> None:
    lm = small_lm()
    first, again, other = generate(lm, 260), generate(lm, 260), generate(lm, 260, seed=1)
    assert first.shape == (4, 260)
    assert int(first.min()) >= 0 and int(first.max()) < CONFIG.codebook_size
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_greedy_codes_are_the_teacher_forced_argmax_also_after_repriming() -> None:
    """Re-priming with a window's own frames reproduces the teacher-forced logits."""
    lm = small_lm("causal")
    take, sampling = conditions_of(260), Sampling(top_k=1, cfg_scale=1.0)
    codes = generate_take(lm, take, 260, sampling, seed=0, windows=WINDOWS, on_step=lambda share: None)
    for window in plan_windows(260, WINDOWS):
        rows = window_rows(lm, take, window, sampling)
        piece = codes[None, :, window.start : window.start + window.length].expand(2, -1, -1)
        with torch.no_grad():
            logits = lm(delay(piece, lm.config.pad_id), rows)[0]
        best = logits.argmax(dim=-1)
        for k in range(4):
            fresh = range(window.prime, window.length)
            forced = torch.tensor([int(best[k, frame + k]) for frame in fresh])
            assert torch.equal(forced, piece[0, k, window.prime :]), (window, k)


def test_progress_ends_at_one_and_an_exception_stops_the_take() -> None:
    lm = small_lm()
    shares: list[float] = []
    generate_take(lm, conditions_of(120), 120, Sampling(), seed=0, windows=WINDOWS, on_step=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0


UNITS = [
    TakeUnit(conditions_of(num_frames), num_frames, Sampling(top_k=top_k, cfg_scale=scale), seed)
    for num_frames, top_k, scale, seed in (
        (30, 256, 3.0, 0),
        (60, 4, 1.0, 1),
        (90, 16, 2.0, 2),
        (30, 256, 3.0, 3),
        (7, 2, 5.0, 4),
    )
]
SHORT_WINDOWS = WindowConfig(window_frames=50, stride_frames=30)


@cache
def alone(number: int) -> torch.Tensor:
    return generate_takes(small_lm("causal"), [UNITS[number]], windows=SHORT_WINDOWS)[0]


@settings(max_examples=8, deadline=None)
@given(
    numbers=st.lists(st.integers(0, len(UNITS) - 1), min_size=1, max_size=4),
    side_by_side=st.integers(1, 4),
)
def test_the_codes_of_a_take_do_not_depend_on_its_neighbours(numbers: list[int], side_by_side: int) -> None:
    units = [UNITS[number] for number in numbers]
    finished: dict[int, torch.Tensor] = {}
    made = generate_takes(
        small_lm("causal"),
        units,
        windows=SHORT_WINDOWS,
        on_unit=finished.__setitem__,
        side_by_side=side_by_side,
    )
    assert sorted(finished) == list(range(len(units)))
    for place, number in enumerate(numbers):
        assert torch.equal(made[place], alone(number))
        assert torch.equal(finished[place], made[place])


def test_each_units_share_grows_to_one() -> None:
    shares: dict[int, list[float]] = {0: [], 1: []}
    generate_takes(
        small_lm(),
        UNITS[:2],
        windows=SHORT_WINDOWS,
        on_step=lambda number, share: shares[number].append(share),
    )
    for told in shares.values():
        assert told == sorted(told) and told[-1] == 1.0


def test_nothing_to_draw_is_no_work() -> None:
    assert generate_takes(small_lm(), [], windows=SHORT_WINDOWS) == []
