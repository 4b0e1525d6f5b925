"""The whole step on a device, run eagerly on this processor: it draws what the reference draws."""

from __future__ import annotations

import msgspec
import pytest
import torch

from engine.config import VisualAttention
from engine.lm.generate import TakeUnit, generate_takes
from engine.lm.on_device import generate_takes_on_device
from tests.engine.lm.decoding.test_decoders import KINDS, UNITS, WINDOWS, lm_of


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("top_k", "side_by_side"), [(1, 4), (16, 4), (16, 2), (16, 1)])
def test_the_step_on_a_device_draws_the_references_codes(
    kind: VisualAttention, top_k: int, side_by_side: int
) -> None:
    lm = lm_of(kind)
    units = [
        TakeUnit(
            unit.conditions, unit.num_frames, msgspec.structs.replace(unit.sampling, top_k=top_k), unit.seed
        )
        for unit in UNITS
    ]
    shares: dict[int, list[float]] = {number: [] for number in range(len(units))}
    made = generate_takes_on_device(
        lm,
        lm,
        units,
        windows=WINDOWS,
        capture=False,
        side_by_side=side_by_side,
        on_step=lambda number, share: shares[number].append(share),
    )
    for ours, reference in zip(made, generate_takes(lm, units, windows=WINDOWS), strict=True):
        assert torch.equal(ours, reference)
    for told in shares.values():
        assert told == sorted(told) and told[-1] == 1.0


def test_nothing_to_draw_is_no_work() -> None:
    assert (
        generate_takes_on_device(lm_of("causal"), lm_of("causal"), [], windows=WINDOWS, capture=False) == []
    )
