"""The whole step on a device, run eagerly on this processor: it draws what the reference draws."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
import torch

from engine.config import CodecConfig, VisualAttention
from engine.errors import RequestError
from engine.lm.generate import TakeUnit, generate_takes
from engine.lm.keeping import LaidOriginal
from engine.lm.model import LanguageModel
from engine.lm.on_device import OnDevice, generate_takes_on_device
from tests.engine.lm.decoding.test_decoders import KINDS, UNITS, WINDOWS, lm_of


def eager(lm: LanguageModel) -> OnDevice:
    return OnDevice(lm, lm, capture=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("top_k", "side_by_side"),
    [(1, 4), (16, 2), *(pytest.param(16, beside, marks=pytest.mark.minutes) for beside in (4, 1))],
)
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
        eager(lm),
        units,
        windows=WINDOWS,
        num_places=4,
        side_by_side=side_by_side,
        on_step=lambda number, share: shares[number].append(share),
    )
    for ours, reference in zip(made, generate_takes(lm, units, windows=WINDOWS), strict=True):
        assert torch.equal(ours, reference)
    for told in shares.values():
        assert told == sorted(told) and told[-1] == 1.0


def test_nothing_to_draw_is_no_work() -> None:
    assert generate_takes_on_device(eager(lm_of("causal")), [], windows=WINDOWS) == []


def test_a_take_has_the_same_codes_alone_and_in_company_in_bfloat16() -> None:
    whole = lm_of("causal")
    read = whole.state_dict().__getitem__
    codec = CodecConfig(sample_rate=whole.frame_rate, strides=(1,))
    model = OnDevice.open(whole.config, codec, read, "cpu", "int8")
    assert model.dtype == "bfloat16"
    together = generate_takes_on_device(model, UNITS, windows=WINDOWS, num_places=4)
    for unit, codes in zip(UNITS, together, strict=True):
        [alone] = generate_takes_on_device(model, [unit], windows=WINDOWS, num_places=4)
        assert torch.equal(alone, codes)


def test_a_take_that_is_dropped_leaves_the_others_as_they_are() -> None:
    model = eager(lm_of("all-frame"))
    whole = generate_takes_on_device(model, UNITS, windows=WINDOWS, num_places=2)
    left = generate_takes_on_device(
        model, UNITS, windows=WINDOWS, num_places=2, on_step=lambda number, share: number != 0
    )
    assert len(left) == len(whole) - 1
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(left, whole[1:], strict=True))


def test_a_device_that_is_not_there_is_told_in_a_sentence() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    lm = lm_of("causal")
    codec = CodecConfig(sample_rate=lm.frame_rate, strides=(1,))
    with pytest.raises(RequestError, match="no device cuda"):
        OnDevice.open(lm.config, codec, lm.state_dict().__getitem__, "cuda", "bfloat16")


def test_a_take_made_from_a_take_is_drawn_as_the_reference_draws_it() -> None:
    """Between forced cells, in windows that end before their last step; places are free again at once."""
    lm = lm_of("frame-wise")
    generator = torch.Generator().manual_seed(4)
    units = []
    for unit, free in zip(UNITS, (slice(3, 9), slice(0, 2), slice(20, 31), slice(0)), strict=False):
        codes = torch.randint(lm.config.codebook_size, (4, unit.num_frames), generator=generator)
        stays = torch.ones(unit.num_frames, dtype=torch.bool)
        stays[free] = False
        original = LaidOriginal(codes, stays.repeat(4, 1), stays, Fraction(0), Path("a.wav"), 0, [])
        units += [replace(unit, original=original), unit]
    made = generate_takes_on_device(eager(lm), units, windows=WINDOWS, num_places=2)
    for ours, reference in zip(made, generate_takes(lm, units, windows=WINDOWS), strict=True):
        assert torch.equal(ours, reference)
