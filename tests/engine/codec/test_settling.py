"""What is random in a row is averaged away; attacks, levels and pitches stay."""

import pytest
import torch
from torch import Tensor

from engine.codec.settling import settled

BANDS = 64


def rows(level: Tensor, share: float = 0.0, place: float = 0.5) -> Tensor:
    """Levels [T, bands] -> rows [1, T, 3, bands]."""
    return torch.stack([level, torch.full_like(level, share), torch.full_like(level, place)], dim=1)[None]


def noise_levels(count: int, level_db: float) -> Tensor:
    """As rows of white noise show them: powers that are distributed exponentially."""
    power = -torch.rand(count, BANDS, generator=torch.Generator().manual_seed(1)).clamp(min=1e-6).log()
    return level_db + 10 * power.log10()


def test_noise_scatters_little_and_keeps_its_power() -> None:
    noisy = rows(noise_levels(200, -30.0))
    level = settled(noisy)[0, 30:-30, 0]
    assert float(noisy[0, :, 0].std()) > 5 and float(level.std()) < 1.5
    assert float(10 * (10 ** (level / 10)).mean().log10()) == pytest.approx(-30, abs=0.5)


def test_an_attack_stays_in_its_row() -> None:
    level = torch.cat([noise_levels(60, -70.0), noise_levels(60, -20.0)])
    means = settled(rows(level))[0, :, 0].mean(dim=1)
    assert float(means[:60].max()) < -65 and float(means[60:].min()) > -25


def test_a_decay_stays_as_steep() -> None:
    steps_db = -0.5 * torch.arange(100.0)
    means = settled(rows(noise_levels(100, -10.0) + steps_db[:, None]))[0, :, 0].mean(dim=1)
    assert float(means[80] - means[20]) == pytest.approx(-30, abs=2)


def test_what_is_steady_stays_as_it_is() -> None:
    tone = rows(torch.full((50, BANDS), -25.0), share=0.9, place=0.3)
    assert torch.allclose(settled(tone), tone, atol=1e-4)


def test_a_sines_place_is_told_by_the_rows_in_which_it_sounds() -> None:
    mixed = rows(torch.full((80, BANDS), -25.0), share=0.0, place=0.9)
    mixed[:, ::2, 1], mixed[:, ::2, 2] = 0.8, 0.2
    inside = settled(mixed)[0, 30:50]
    assert float((inside[:, 1] - 0.4).abs().max()) < 0.02
    assert torch.allclose(inside[:, 2], torch.tensor(0.2), atol=1e-4)


def test_sounds_shorter_than_the_reach_and_sounds_of_a_batch_are_each_their_own() -> None:
    short = rows(noise_levels(3, -40.0))
    assert settled(short).shape == short.shape
    both = torch.cat([rows(noise_levels(50, -40.0)), rows(torch.full((50, BANDS), -100.0))])
    assert torch.allclose(settled(both)[1:], both[1:], atol=1e-3)
