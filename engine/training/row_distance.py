"""How far rows of sines and noise lie from what was heard, as a score that only their true distribution makes least.

A decoder that is asked for one recording's rows answers with the mean of all that its tokens may stand for, which is
dull. Here it reads the same tokens twice, with two noises, and is scored by the energy distance (arXiv 2008.01160)

    d(one, real) + d(other, real) - d(one, other)

so that both should be near the recording and as far from each other as two recordings are. No rival is needed, and no
sound: rows say it all (`engine.codec.sines_and_noise`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.codec.gain_shape import LOWEST_SEEN_DB, levels_of

UNIT_DB = 10.0
LOUDEST_DB = 20.0
"""An untrained decoder may say anything; powers must stay finite."""
PATCH = 8
"""Rows and bands: spreads must be right together, not band by band alone."""
POOLS = (4, 16)
"""Rows over which powers are also compared, so that what is random in a row is not louder or softer on the whole."""
UNHEARD_DB, HEARD_DB, EDGE_DB = 50.0, 35.0, 6.0
"""A band counts in full down to HEARD_DB under its row's loudest, which counts from UNHEARD_DB under the crop's."""
LEAST_WEIGHT = 0.25
ROWS_WEIGHT, PATCHES_WEIGHT, POOL_WEIGHT = 0.5, 0.7, 0.3
ROOT_FLOOR = 1e-4
"""Under a root, so that its slope stays finite where two rows are one."""
SHARE_WEIGHT, PLACE_WEIGHT = 3.0, 2.0
SILENT_DB, SILENT_EDGE_DB = -70.0, 5.0


@dataclass(frozen=True)
class RowLoss:
    """`loss` is what to make small; `near` and `apart` are the distances of readings to the real and to each other."""

    loss: Tensor
    near: Tensor
    apart: Tensor


def row_loss(real: Tensor, one: Tensor, other: Tensor, *, apart_weight: float) -> RowLoss:
    """Of two readings of one crop, all as `engine.codec.gain_shape.seen_of` shows them, [B, T, 3, bands].

    T and bands are multiples of `PATCH`, T of the longest pool too.

    Args:
        apart_weight: of how far the readings lie apart; a little under 1, or noise is made where there is none.
    """
    with torch.no_grad():
        heard = _Levels.of(real)
        weight = _weight(heard.rows)
    first, second = _Levels.of(one), _Levels.of(other)
    near = (heard.distance(first, weight) + heard.distance(second, weight)) / 2
    apart = first.distance(second, weight)
    sines = _sine_loss(real, one, weight) + _sine_loss(real, other, weight)
    return RowLoss(2 * near - apart_weight * apart + sines, near.detach(), apart.detach())


@dataclass(frozen=True)
class _Levels:
    """In dB: rows' [B, T, bands], and means of power over more and more rows."""

    rows: Tensor
    pooled: tuple[Tensor, ...]

    @staticmethod
    def of(seen: Tensor) -> _Levels:
        level = levels_of(seen).clamp(max=LOUDEST_DB)
        power = (10 ** (level / 10)).transpose(1, 2)
        floor = 10 ** (LOWEST_SEEN_DB / 10)
        return _Levels(level, tuple(10 * torch.log10(F.avg_pool1d(power, each) + floor) for each in POOLS))

    def distance(self, other: _Levels, weight: Tensor) -> Tensor:
        apart = (self.rows - other.rows) * weight / UNIT_DB
        total = ROWS_WEIGHT * _norm(apart) + PATCHES_WEIGHT * _norm(_patches(apart))
        for mine, theirs in zip(self.pooled, other.pooled, strict=True):
            total = total + POOL_WEIGHT * _norm((mine - theirs) / UNIT_DB)
        return total


def _weight(level: Tensor) -> Tensor:
    loudest, loudest_of_row = level.amax((1, 2), keepdim=True), level.amax(2, keepdim=True)
    floor = torch.maximum(loudest_of_row, loudest - UNHEARD_DB) - HEARD_DB
    return LEAST_WEIGHT + (1 - LEAST_WEIGHT) * torch.sigmoid((level - floor) / EDGE_DB)


def _sine_loss(real: Tensor, drawn: Tensor, weight: Tensor) -> Tensor:
    """Squared, so that the decoder answers with the mean; and only where something sounds."""
    sounds = weight * torch.sigmoid((levels_of(real) - SILENT_DB) / SILENT_EDGE_DB)
    share, place = ((sounds * (drawn[:, :, i] - real[:, :, i]).square()).mean() for i in (1, 2))
    return SHARE_WEIGHT * share + PLACE_WEIGHT * place


def _norm(apart: Tensor) -> Tensor:
    """A norm over what belongs together, the last dimension: a proper score needs one."""
    return (apart.square().mean(dim=-1) + ROOT_FLOOR).sqrt().mean()


def _patches(values: Tensor) -> Tensor:
    """[B, T, bands] -> [B, T / PATCH, bands / PATCH, PATCH^2]."""
    batch, count, bands = values.shape
    tiles = values.reshape(batch, count // PATCH, PATCH, bands // PATCH, PATCH)
    return tiles.transpose(2, 3).flatten(-2)
