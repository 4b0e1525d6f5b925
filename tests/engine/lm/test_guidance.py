"""Guidance against the picture with its first frame held, instead of against no condition at all."""

from __future__ import annotations

import msgspec
import torch

from engine.config import WindowConfig
from engine.lm.delay import delay
from engine.lm.generate import TakeConditions, generate_take, plan_windows
from engine.lm.model import LanguageModel
from engine.lm.sampling import guide
from engine.lm.sync import still_track
from engine.lm.windows import window_rows
from engine.protocol import Sampling
from tests.engine.lm.small import CONFIG, random_codes, random_conditions, small_lm

WINDOWS = WindowConfig(window_frames=150, stride_frames=100)
HELD, NULL = Sampling(guide_against="held"), Sampling()


def take_of(num_frames: int, **changes: object) -> TakeConditions:
    drawn = random_conditions(1, num_frames)
    assert drawn.sync is not None
    parts = {"visual": drawn.visual[0], "label": 1, "negative_label": None, "sync": drawn.sync[0]}
    return TakeConditions(**{**parts, **changes})  # type: ignore[arg-type]


def drawn_codes(lm: LanguageModel, take: TakeConditions, sampling: Sampling) -> torch.Tensor:
    return generate_take(lm, take, 260, sampling, seed=3, windows=WINDOWS, on_step=lambda share: None)


def test_every_window_is_led_away_from_the_takes_own_first_picture() -> None:
    lm, take = small_lm(), take_of(260)
    assert take.visual is not None and CONFIG.sync is not None
    first, second, last = plan_windows(260, WINDOWS)
    for window in (first, second, last):
        rows = window_rows(lm, take, window, HELD)
        seconds = rows.visual.shape[1]
        assert torch.equal(rows.visual[1], take.visual[0].expand(seconds, -1))
        assert rows.visual_known.tolist() == [True, True]
        assert rows.labels is not None and rows.labels.tolist() == [1, lm.null_label]
        assert rows.sync is not None and rows.sync_known is not None
        still = torch.from_numpy(still_track(rows.sync.shape[-1], CONFIG.sync))
        assert torch.equal(rows.sync[1], still.double()) and rows.sync_known.tolist() == [True, True]
        assert torch.equal(rows.visual[0, 0], take.visual[window.start // 50])
    against_nothing = window_rows(lm, take, second, NULL)
    assert against_nothing.visual_known.tolist() == [True, False]
    assert against_nothing.sync_known is not None and against_nothing.sync_known.tolist() == [True, False]


def test_guided_logits_differ_from_those_of_null_guidance_and_the_row_itself_does_not() -> None:
    lm, take = small_lm(), take_of(120)
    [window] = plan_windows(120, WINDOWS)
    codes = delay(random_codes(1, 120), lm.config.pad_id).expand(2, -1, -1)
    with torch.no_grad():
        held, null = (lm(codes, window_rows(lm, take, window, each)) for each in (HELD, NULL))
    assert torch.equal(held[0], null[0])
    assert (guide(held[0], held[1], 3.0) - guide(null[0], null[1], 3.0)).abs().max() > 0.1


def test_a_picture_that_stands_still_is_led_nowhere() -> None:
    """Without a label, its row and the held one are the same: then no scale changes what is drawn."""
    lm = small_lm()
    assert CONFIG.sync is not None
    still = torch.from_numpy(still_track(260 + 2 * lm.sync_radius, CONFIG.sync)).double()
    take = take_of(260, visual=random_conditions(1, 50).visual[0].expand(6, -1), label=None, sync=still)
    unguided = drawn_codes(lm, take, msgspec.structs.replace(HELD, cfg_scale=1.0))
    assert torch.equal(drawn_codes(lm, take, msgspec.structs.replace(HELD, cfg_scale=5.0)), unguided)
    assert not torch.equal(drawn_codes(lm, take, msgspec.structs.replace(NULL, cfg_scale=5.0)), unguided)
    moving = take_of(260)
    assert not torch.equal(drawn_codes(lm, moving, HELD), drawn_codes(lm, moving, NULL))


def test_a_take_without_a_picture_is_guided_against_nothing() -> None:
    rows = window_rows(small_lm(), take_of(60, visual=None), plan_windows(60, WINDOWS)[0], HELD)
    assert rows.visual_known.tolist() == [False, False]
    assert rows.sync_known is not None and rows.sync_known.tolist() == [True, False]


def test_a_negative_label_stands_in_the_row_that_guidance_leads_away_from() -> None:
    for sampling in (HELD, NULL):
        take = take_of(60, negative_label=0)
        rows = window_rows(small_lm(), take, plan_windows(60, WINDOWS)[0], sampling)
        assert rows.labels is not None and rows.labels.tolist() == [1, 0]
