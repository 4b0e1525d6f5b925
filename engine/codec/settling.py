"""Rows that sound alike made one: what is random in 5 ms of a noise is no part of what it is.

The power that a band of noise shows in a row scatters by 5.6 dB whatever the noise's level is. Tokens that keep it are
spent on chance, a language model learns chance from them, and a decoder that shapes noise by it lets noise scatter
twice. So powers are averaged over the rows about each, as far as those lie near in time and in level, as in a bilateral
filter (Tomasi and Manduchi, 1998): an attack stays where it is.
"""

from __future__ import annotations

import torch
from torch import Tensor

REACH_ROWS, SPREAD_ROWS = 24, 10.0
GROUP = 8
"""Bands that are looked at together where one alone would scatter too much: whether two rows sound alike, and when
something sounds."""
CHANCE_DB2 = 8.0
"""Mean squared difference between the groups of two rows of one noise."""
ALIKE_DB = 3.0
LOWEST_DB = -80.0
"""What lies under it is alike."""
NOTHING = 1e-20


def settled(rows: Tensor) -> Tensor:
    """Rows of sines and noise [B, T, 3, bands], bands a multiple of `GROUP`, each the mean of those like it."""
    level, share, place = rows.unbind(dim=2)
    power = 10 ** (level / 10)
    weighed = torch.stack([power, power * share, power * share * place], dim=2)
    groups = level.clamp(min=LOWEST_DB).reshape(*level.shape[:2], -1, GROUP).mean(dim=-1)
    sums, weights = torch.zeros_like(weighed), torch.zeros_like(groups[..., :1])
    count = rows.shape[1]
    for shift in range(-min(REACH_ROWS, count - 1), min(REACH_ROWS, count - 1) + 1):
        here = slice(max(0, -shift), min(count, count - shift))
        there = slice(max(0, shift), min(count, count + shift))
        apart = (groups[:, here] - groups[:, there]).square().mean(dim=-1, keepdim=True)
        unlike = (apart - CHANCE_DB2).clamp(min=0) / (2 * ALIKE_DB**2)
        weight = torch.exp(-unlike - shift**2 / (2 * SPREAD_ROWS**2))
        sums[:, here] += weight[..., None] * weighed[:, there]
        weights[:, here] += weight
    power, of_sine, at = sums.unbind(dim=2)
    has_sine = of_sine > NOTHING
    return torch.stack(
        [
            10 * torch.log10(power / weights),
            (of_sine / power).clamp(0, 1),
            torch.where(has_sine, at / of_sine.clamp(min=NOTHING), place).clamp(0, 1),
        ],
        dim=2,
    )
