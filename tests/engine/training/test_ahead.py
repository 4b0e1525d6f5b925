"""Batches drawn ahead, by a thread or by processes, are those of their steps."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.training.ahead import Ahead


def drawn(step: int) -> Tensor:
    return torch.tensor([step, os.getpid()])


@pytest.mark.parametrize("workers", [0, 2])
def test_each_step_gets_its_own_batch_also_after_a_jump(workers: int) -> None:
    with Ahead(drawn, workers=workers) as ahead:
        taken = [ahead.take(step) for step in (5, 6, 7, 2, 3)]
    assert [int(batch[0]) for batch in taken] == [5, 6, 7, 2, 3]
    drawers = {int(batch[1]) for batch in taken}
    assert (os.getpid() in drawers) == (workers == 0)


@pytest.mark.parametrize("workers", [0, 1])
def test_what_goes_wrong_while_drawing_is_raised_where_the_batch_is_taken(workers: int) -> None:
    with Ahead(_broken(), workers=workers) as ahead, pytest.raises(ValueError, match="no batch 3"):
        ahead.take(3)


def _broken() -> Callable[[int], Tensor]:
    def draw(step: int) -> Tensor:
        raise ValueError(f"no batch {step}")

    return draw
