"""The score that teaches the codec of bands to spread its rows as real ones spread."""

import pytest
import torch
from torch import Tensor

from engine.codec.gain_shape import seen_of
from engine.training.row_distance import row_loss


def rows(level_db: float, spread_db: float, seed: int, share: float = 0.0) -> Tensor:
    """[8, 64, 3, 16] of levels drawn about one, as networks see them."""
    generator = torch.Generator().manual_seed(seed)
    drawn = level_db + spread_db * torch.randn(8, 64, 16, generator=generator)
    drawn = torch.stack([drawn, torch.full_like(drawn, share), torch.full_like(drawn, 0.5)], dim=2)
    return seen_of(drawn, torch.zeros(16))


def score(level_db: float, spread_db: float) -> float:
    """Of readings so spread, of sounds about -30 dB with 6 dB of spread; a mean over draws."""
    scores = [
        row_loss(
            rows(-30, 6, seed),
            rows(level_db, spread_db, 100 + seed),
            rows(level_db, spread_db, 200 + seed),
            apart_weight=1.0,
        ).loss
        for seed in range(6)
    ]
    return float(torch.stack(scores).mean())


def test_the_true_spread_scores_best() -> None:
    true = score(-30, 6)
    assert true < score(-30, 0) and true < score(-30, 12)
    assert true < score(-36, 6) and true < score(-24, 6)


def test_the_mean_alone_would_win_if_readings_were_not_driven_apart() -> None:
    def lazy(spread_db: float) -> float:
        real, one, other = rows(-30, 6, 1), rows(-30, spread_db, 2), rows(-30, spread_db, 3)
        return float(row_loss(real, one, other, apart_weight=0.0).loss)

    assert lazy(0) < lazy(6)


def test_equal_rows_are_near_and_the_slope_stays_finite() -> None:
    real = rows(-30, 6, 1)
    one = real.clone().requires_grad_(True)
    scored = row_loss(real, one, real.clone(), apart_weight=0.9)
    assert float(scored.near) == pytest.approx(0, abs=0.03)
    scored.loss.backward()
    assert one.grad is not None and bool(one.grad.isfinite().all())


def test_a_missing_sine_costs_and_in_silence_it_does_not() -> None:
    loud, silent = rows(-30, 0, 1, share=0.9), rows(-100, 0, 1, share=0.9)
    without_loud, without_silent = rows(-30, 0, 1), rows(-100, 0, 1)
    costs = [
        float(row_loss(real, made, made, apart_weight=0.0).loss)
        for real, made in ((loud, without_loud), (silent, without_silent))
    ]
    assert costs[0] > 1.0 and costs[1] < 0.3 * costs[0]
