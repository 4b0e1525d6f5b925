"""What networks see of rows, and frames as loudness and shape: each way and its way back."""

import pytest
import torch
from torch import Tensor

from engine.codec.gain_shape import (
    KNEE_DB,
    LOWEST_SEEN_DB,
    MIDDLE_DB,
    SPREAD_DB,
    as_loud_as,
    frames_of,
    postfiltered,
    rows_of,
    seen_of,
    seen_of_frames,
)
from engine.codec.sines_and_noise import SinesAndNoise

SOUND = SinesAndNoise(sample_rate=48_000, row_length=240, num_bands=16)


def some_rows() -> Tensor:
    """Of a second of noise that comes and goes, [1, 200, 3, 16]."""
    noise = 0.2 * torch.randn(1, 48_000, generator=torch.Generator().manual_seed(0))
    return SOUND.analyse(noise * (0.5 + 0.5 * torch.sin(torch.arange(48_000) / 3000)))


def test_what_networks_see_of_rows_is_rows_again() -> None:
    rows = some_rows()
    back = rows_of(seen_of(rows, SOUND.emphasis_db), SOUND.emphasis_db)
    heard = rows[:, :, 0] + SOUND.emphasis_db > LOWEST_SEEN_DB + 1
    assert heard.float().mean() > 0.9
    assert torch.allclose(back[:, :, 0][heard], rows[:, :, 0][heard], atol=1e-3)
    assert torch.allclose(back[:, :, 1], rows[:, :, 1], atol=1e-5)
    tonal = rows[:, :, 1] > 0.5
    assert float((back[:, :, 2] - rows[:, :, 2])[tonal].abs().max() if tonal.any() else 0) < 0.06


def test_loudness_and_shape_are_rows_again() -> None:
    seen = seen_of(some_rows(), SOUND.emphasis_db)
    assert torch.allclose(seen_of_frames(frames_of(seen, 4), 4), seen, atol=1e-4)


@pytest.mark.parametrize("wrong_by", [0.0, 40.0, -4000.0, 4000.0])
def test_a_frame_is_as_loud_as_its_token_says_whatever_its_shape_says(wrong_by: float) -> None:
    seen = seen_of(some_rows(), SOUND.emphasis_db)
    loudness = frames_of(seen, 4).loudness
    told = seen.clone()
    told[:, 40:60, 0, 3] += wrong_by / SPREAD_DB
    made = as_loud_as(told, loudness)
    torch.testing.assert_close(frames_of(made, 4).loudness, loudness, atol=0.05, rtol=0)
    if wrong_by == 0:
        torch.testing.assert_close(made, seen, atol=1e-3, rtol=0)


def test_a_thuds_click_is_not_bent_away() -> None:
    """By density alone its lows would rule the frame, and the click by which it hits be an afterthought."""
    since = torch.arange(24_000) / 48_000
    boom = torch.sin(2 * torch.pi * 90 * since) * torch.exp(-since / 0.06)
    click = torch.randn(24_000, generator=torch.Generator().manual_seed(3)) * torch.exp(-since / 0.004)
    rows = SOUND.analyse((0.5 * boom + 0.02 * click)[None])

    def click_under_loudness_db(emphasis_db: Tensor) -> float:
        seen = seen_of(rows[:, :4], emphasis_db)
        level = seen[0, :, 0, SOUND.edges_hz[:-1] > 2000] * SPREAD_DB + MIDDLE_DB
        return float(level.max() - frames_of(seen, 4).loudness[0, 0])

    assert click_under_loudness_db(SOUND.emphasis_db) > KNEE_DB + 5
    assert click_under_loudness_db(torch.zeros_like(SOUND.emphasis_db)) < KNEE_DB


def levels_under_db(seen: Tensor, loudness: Tensor) -> Tensor:
    """[B, T, bands], over the loudness of their frames."""
    return seen[:, :, 0] * SPREAD_DB + MIDDLE_DB - loudness.repeat_interleave(4, dim=1)[..., None]


def test_what_is_as_loud_everywhere_has_no_contrast_to_restore() -> None:
    level = torch.full((1, 4, 1, 16), -20.0)
    seen = torch.cat([(level - MIDDLE_DB) / SPREAD_DB, torch.rand(1, 4, 2, 16)], dim=2)
    loudness = torch.full((1, 1), -20.0)
    torch.testing.assert_close(postfiltered(seen, loudness), seen)


def test_valleys_are_put_lower_the_deeper_they_are_and_their_sines_stay() -> None:
    seen = seen_of(some_rows(), SOUND.emphasis_db)
    level = torch.linspace(0, -60, 16).expand(1, 4, 16)
    seen = torch.cat([(level[:, :, None] - MIDDLE_DB) / SPREAD_DB, seen[:, :4, 1:]], dim=2)
    loudness = torch.zeros(1, 1)
    made = postfiltered(seen, loudness)
    lowered = (levels_under_db(seen, loudness) - levels_under_db(made, loudness))[0, 0]
    assert bool((lowered[4:-4].diff() > 0).all()) and float(lowered[11]) > 10
    torch.testing.assert_close(made[:, :, 1:], seen[:, :, 1:])


def test_a_peak_among_bands_stands_out_more_and_a_louder_frame_is_treated_alike() -> None:
    level = torch.full((1, 4, 16), -20.0)
    level[..., 8] = -10.0
    seen = torch.cat([((level - MIDDLE_DB) / SPREAD_DB)[:, :, None], torch.zeros(1, 4, 2, 16)], dim=2)
    made = levels_under_db(postfiltered(seen, torch.full((1, 1), -12.0)), torch.full((1, 1), -12.0))[0, 0]
    assert float(made[8] - made[0]) > 12
    louder = seen.clone()
    louder[:, :, 0] += 12 / SPREAD_DB
    again = levels_under_db(postfiltered(louder, torch.zeros(1, 1)), torch.zeros(1, 1))[0, 0]
    torch.testing.assert_close(again, made, atol=1e-3, rtol=0)
