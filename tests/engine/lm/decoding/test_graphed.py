"""The whole step on a device, run eagerly on this processor: it draws what the reference draws."""

from __future__ import annotations

import weakref
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

import engine.lm.on_device
from engine.config import CodecConfig, VisualAttention
from engine.errors import RequestError
from engine.lm.decoding.graphed import GraphedDecoder
from engine.lm.generate import TakeUnit, generate_takes
from engine.lm.keeping import LaidOriginal
from engine.lm.model import LanguageModel
from engine.lm.on_device import KERNEL_PLACES, PLACES, OnDevice, generate_takes_on_device
from engine.lm.windows import ROWS_PER_UNIT
from tests.engine.lm.decoding.test_decoders import KINDS, UNITS, WINDOWS, lm_of


def eager(lm: LanguageModel, places: int = 4) -> OnDevice:
    return OnDevice(lm, lm, capture=False, num_places=places)


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
    model.num_places = 4
    assert model.dtype == "bfloat16"
    together = generate_takes_on_device(model, UNITS, windows=WINDOWS)
    for unit, codes in zip(UNITS, together, strict=True):
        [alone] = generate_takes_on_device(model, [unit], windows=WINDOWS)
        assert torch.equal(alone, codes)


def test_a_take_that_is_dropped_leaves_the_others_as_they_are() -> None:
    model = eager(lm_of("all-frame"), 2)
    whole = generate_takes_on_device(model, UNITS, windows=WINDOWS)
    left = generate_takes_on_device(model, UNITS, windows=WINDOWS, on_step=lambda number, share: number != 0)
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
    made = generate_takes_on_device(eager(lm, 2), units, windows=WINDOWS)
    for ours, reference in zip(made, generate_takes(lm, units, windows=WINDOWS), strict=True):
        assert torch.equal(ours, reference)


class Tight:
    """A device whose memory ends where a step has more than so many places; and the places that were tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        self.tried: list[int] = []

        def opened(*args: Any, places: int, **shape: Any) -> GraphedDecoder:
            self.tried.append(places)
            if places > most:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return GraphedDecoder(*args, places=places, **shape)

        monkeypatch.setattr(engine.lm.on_device, "GraphedDecoder", opened)


@pytest.mark.parametrize("most", [8, 3, 1])
def test_where_memory_ends_at_opening_a_step_has_fewer_places_and_the_takes_are_drawn(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    lm = lm_of("causal")
    model, device = OnDevice(lm, lm, capture=False), Tight(monkeypatch, most)
    made = generate_takes_on_device(model, UNITS, windows=WINDOWS)
    assert device.tried == [each for each in (16, 8, 4, 2, 1) if each * 2 > most]
    for ours, reference in zip(made, generate_takes(lm, UNITS, windows=WINDOWS), strict=True):
        assert torch.equal(ours, reference)
    left = device.tried[-1]
    assert model.backend == f"device step, {left} place{'s' if left > 1 else ''}"
    generate_takes_on_device(model, UNITS[:1], windows=WINDOWS)
    assert device.tried[-1] == left and len(device.tried) < 6, "it does not run out of memory twice"


def test_where_no_place_can_be_opened_the_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = lm_of("causal")
    model, device = OnDevice(lm, lm, capture=False), Tight(monkeypatch, 0)
    with pytest.raises(torch.OutOfMemoryError):
        generate_takes_on_device(model, UNITS[:1], windows=WINDOWS)
    assert device.tried == [16, 8, 4, 2, 1]


def test_an_error_of_another_kind_opens_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: Any, **shape: Any) -> None:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(engine.lm.on_device, "GraphedDecoder", failing)
    model = eager(lm_of("causal"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        generate_takes_on_device(model, UNITS[:1], windows=WINDOWS)
    assert model.num_places == 4


def test_places_are_planned_and_what_the_others_held_is_let_go() -> None:
    model = eager(lm_of("causal"), PLACES)
    for fit, places in ((40, 16), (16, 16), (15, 8), (5, 4), (0, 1), (16, 1)):
        model.plan_places(fit)
        assert model.num_places == places
    model = eager(lm_of("causal"), 2)
    generate_takes_on_device(model, UNITS[:1], windows=WINDOWS)
    held = weakref.ref(next(iter(model._decoders.values())))
    assert model.take_fewer_places() and held() is None


def test_too_few_places_to_fill_a_tile_are_computed_by_pytorchs_operators() -> None:
    pytest.importorskip("triton")
    from engine.lm.decoding.fused.step import Tiles

    assert Tiles().rows == KERNEL_PLACES * ROWS_PER_UNIT
    lm = lm_of("causal")
    backends = [
        OnDevice(lm, lm, capture=True, step="triton", num_places=places).backend for places in (16, 8, 4)
    ]
    assert backends == [
        "cuda graph, triton, 16 places",
        "cuda graph, triton, 8 places",
        "cuda graph, 4 places",
    ]
