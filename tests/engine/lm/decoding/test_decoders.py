"""Decoders against the language model run whole: every type of weights, every mask, own kernels and PyTorch's."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import weakref
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from engine.config import VisualAttention, WindowConfig
from engine.errors import RequestError
from engine.lm.decoding.decoder import Decoder
from engine.lm.decoding.narrowing import WEIGHT_TYPES, WeightType, quantised, weight_type
from engine.lm.decoding.opening import decoder_of, has_kernels
from engine.lm.delay import delay
from engine.lm.generate import TakeConditions, TakeUnit, generate_takes
from engine.lm.model import LanguageModel
from engine.protocol import Sampling
from tests.engine.lm.small import CODEC, CONFIG, random_codes, random_conditions, small_lm

KINDS: tuple[VisualAttention, ...] = ("all-frame", "causal", "frame-wise")
FRAMES = 120
WINDOWS = WindowConfig(window_frames=50, stride_frames=30)
DRIFT = {"float32": 1e-5, "bfloat16": 0.015, "int8": 0.06}
"""Root mean square of a logit's error, over the logits' deviation; the weights are random, which drifts most."""

needs_kernels = pytest.mark.skipif(not has_kernels(CONFIG), reason="this machine compiles no kernels")


@cache
def lm_of(kind: VisualAttention) -> LanguageModel:
    return small_lm(kind).float()


def open_(kind: VisualAttention, dtype: WeightType, own_kernels: bool, threads: int = 2) -> Decoder:
    return decoder_of(lm_of(kind), dtype, num_threads=threads, own_kernels=own_kernels)


def stepped_logits(
    decoder: Decoder, x: Tensor, features: int, steps: int, *, known: int, place: int
) -> Tensor:
    """[2, K, S - known, V]: the first `known` + 1 steps at once, the others one by one."""
    logits = [decoder.prefill(place, x[:, : features + known + 1], features, steps)]
    for at in range(features + known + 1, x.shape[1]):
        logits.append(decoder.decode_step([place], x[None, :, at])[0])
    return torch.stack(logits, dim=2)


def inputs_of(lm: LanguageModel) -> tuple[Tensor, Tensor, int]:
    """x [2, N + S, D], the logits of the whole [2, K, S, V], and N."""
    conditions = random_conditions(2, FRAMES)
    conditions = type(conditions)(
        **{
            name: value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
            for name, value in vars(conditions).items()
        }
    )
    delayed = delay(random_codes(2, FRAMES), lm.config.pad_id)
    with torch.no_grad():
        prefix, biases = lm.encode_conditions(conditions, delayed.shape[-1])
        embedded = lm.embed_codes(F.pad(delayed, (1, 0), value=lm.config.pad_id)[..., :-1])
        return torch.cat([prefix, embedded + biases], dim=1), lm(delayed, conditions), prefix.shape[1]


@pytest.mark.parametrize("own_kernels", [pytest.param(True, marks=needs_kernels), False])
@pytest.mark.parametrize(("kind", "dtype"), list(product(KINDS, WEIGHT_TYPES)))
def test_stepped_logits_follow_the_whole_models(
    kind: VisualAttention, dtype: WeightType, own_kernels: bool
) -> None:
    x, whole, features = inputs_of(lm_of(kind))
    decoder = open_(kind, dtype, own_kernels)
    assert decoder.dtype == dtype
    decoder.open(1, x.shape[1])
    with torch.inference_mode():
        stepped = stepped_logits(decoder, x, features, whole.shape[2], known=0, place=0)
    error = (stepped - whole).square().mean(dim=(0, 1, 3)).sqrt() / whole.std()
    assert float(error.max()) < DRIFT[dtype]


@pytest.mark.parametrize("own_kernels", [pytest.param(True, marks=needs_kernels), False])
def test_opening_anew_lets_the_old_memory_go_first(
    own_kernels: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a batch that did not fit into memory, a smaller one must."""
    module = importlib.import_module(f"engine.lm.decoding.{'native.' * own_kernels}decoder")
    name = "new_cache" if own_kernels else "KVCache"
    make, made, still_there = getattr(module, name), list[weakref.ref[Any]](), list[int]()

    def noting(*given: Any) -> Any:
        still_there.append(sum(cache() is not None for cache in made))
        cache = make(*given)
        made.append(weakref.ref(cache[0] if own_kernels else cache))
        return cache

    decoder = open_("causal", "float32", own_kernels)
    monkeypatch.setattr(module, name, noting)
    decoder.open(1, 10)
    decoder.open(1, 100)
    assert still_there == [0, 0]


@needs_kernels
def test_a_cache_serves_on_until_it_is_too_small_or_far_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("engine.lm.decoding.native.decoder")
    make, made = module.new_cache, list[int]()

    def noting(config: object, dtype: str, rows: int, capacity: int) -> Any:
        made.append(rows // 2)
        return make(config, dtype, rows, capacity)

    decoder = open_("causal", "int8", True)
    monkeypatch.setattr(module, "new_cache", noting)
    for places in (2, 2, 9, 2, 1, 1):
        decoder.open(places, 16)
    assert made == [2, 9, 1]
    decoder.release()
    decoder.open(1, 16)
    assert made == [2, 9, 1, 1]


@pytest.mark.parametrize("own_kernels", [pytest.param(True, marks=needs_kernels), False])
@pytest.mark.parametrize("dtype", WEIGHT_TYPES)
def test_a_cache_is_as_large_as_is_planned_and_gone_when_it_is_given_back(
    dtype: WeightType, own_kernels: bool
) -> None:
    decoder = open_("causal", dtype, own_kernels)
    decoder.open(2, 64)
    values = 2 * 2 * 2 * CONFIG.num_layers * CONFIG.dim * 64
    assert decoder.held_bytes == pytest.approx(values * decoder.bytes_per_value, rel=0.15)
    decoder.decode_step([0], torch.zeros(1, 2, CONFIG.dim)) if own_kernels else None
    kept = weakref.ref(decoder._held.keys) if own_kernels else None  # type: ignore[attr-defined]
    decoder.release()
    assert decoder.held_bytes == 0
    assert kept is None or kept() is None


@needs_kernels
@pytest.mark.parametrize("dtype", WEIGHT_TYPES)
def test_what_a_cache_held_before_is_not_heard(dtype: WeightType) -> None:
    x, whole, features = inputs_of(lm_of("causal"))
    decoder = open_("causal", dtype, True)
    decoder.open(1, x.shape[1])
    fresh = stepped_logits(decoder, x, features, whole.shape[2], known=30, place=0)
    decoder.open(3, x.shape[1])
    for place in range(3):
        stepped_logits(decoder, x.flip(1), features, whole.shape[2], known=60, place=place)
    decoder.open(1, x.shape[1])
    assert torch.equal(stepped_logits(decoder, x, features, whole.shape[2], known=30, place=0), fresh)


@needs_kernels
@pytest.mark.parametrize("dtype", WEIGHT_TYPES)
def test_reading_steps_at_once_is_reading_them_one_by_one_to_the_bit(dtype: WeightType) -> None:
    x, whole, features = inputs_of(lm_of("causal"))
    decoder = open_("causal", dtype, True)
    decoder.open(2, x.shape[1])
    slow = stepped_logits(decoder, x, features, whole.shape[2], known=0, place=0)
    fast = stepped_logits(decoder, x, features, whole.shape[2], known=77, place=1)
    assert torch.equal(slow[:, :, 77:], fast)


@needs_kernels
@pytest.mark.parametrize("dtype", WEIGHT_TYPES)
def test_the_number_of_threads_changes_no_bit(dtype: WeightType) -> None:
    x, whole, features = inputs_of(lm_of("all-frame"))
    made = []
    for threads in (1, 2, 3):
        decoder = open_("all-frame", dtype, True, threads)
        decoder.open(1, x.shape[1])
        made.append(stepped_logits(decoder, x, features, whole.shape[2], known=30, place=0))
    assert torch.equal(made[0], made[1]) and torch.equal(made[0], made[2])


def units() -> list[TakeUnit]:
    made = []
    for seed, (frames, top_k, scale) in enumerate(((30, 16, 3.0), (60, 4, 1.0), (90, 8, 2.0), (7, 2, 5.0))):
        drawn = random_conditions(1, frames, seed=seed)
        assert drawn.sync is not None
        conditions = TakeConditions(drawn.visual[0].float(), seed % 2, None, drawn.sync[0].float())
        made.append(TakeUnit(conditions, frames, Sampling(top_k=top_k, cfg_scale=scale), seed))
    return made


UNITS = units()


@cache
def shared_decoder(dtype: WeightType, own_kernels: bool) -> Decoder:
    return open_("causal", dtype, own_kernels)


@cache
def alone(number: int, dtype: WeightType, own_kernels: bool) -> Tensor:
    return generate_takes(shared_decoder(dtype, own_kernels), [UNITS[number]], windows=WINDOWS)[0]


@pytest.mark.parametrize("own_kernels", [pytest.param(True, marks=needs_kernels), False])
@settings(max_examples=6, deadline=None)
@given(
    numbers=st.lists(st.integers(0, len(UNITS) - 1), min_size=1, max_size=6),
    side_by_side=st.integers(1, 6),
    dtype=st.sampled_from(WEIGHT_TYPES),
)
def test_the_codes_of_a_take_do_not_depend_on_its_neighbours(
    own_kernels: bool, numbers: list[int], side_by_side: int, dtype: WeightType
) -> None:
    decoder = shared_decoder(dtype, own_kernels)
    chosen = [UNITS[number] for number in numbers]
    made = generate_takes(decoder, chosen, windows=WINDOWS, side_by_side=side_by_side)
    for codes, number in zip(made, numbers, strict=True):
        assert torch.equal(codes, alone(number, dtype, own_kernels))


@needs_kernels
@pytest.mark.parametrize("top_k", [1, 16])
def test_own_kernels_in_float32_draw_the_references_codes(top_k: int) -> None:
    chosen = [
        TakeUnit(
            unit.conditions, unit.num_frames, msgspec.structs.replace(unit.sampling, top_k=top_k), unit.seed
        )
        for unit in UNITS
    ]
    reference = generate_takes(lm_of("causal"), chosen, windows=WINDOWS)
    drawn = generate_takes(shared_decoder("float32", True), chosen, windows=WINDOWS)
    for one, other in zip(reference, drawn, strict=True):
        assert torch.equal(one, other)


def test_matrices_that_do_not_fit_blocks_of_sixteen_are_left_to_torch() -> None:
    odd = LanguageModel(msgspec.structs.replace(CONFIG, dim=24), CODEC)
    assert not has_kernels(odd.config)
    assert decoder_of(odd).backend == "torch"


def test_bytes_are_within_half_a_unit_of_what_they_stand_for() -> None:
    matrix = torch.randn(48, 64, generator=torch.Generator().manual_seed(0))
    matrix[3] = 0
    narrow, unit = quantised(matrix)
    assert narrow.dtype == torch.int8 and int(narrow.abs().max()) == 127
    error = (narrow.float() * unit[:, None] - matrix).abs()
    assert torch.all(error <= unit[:, None] / 2 * 1.0001)


def test_an_unknown_type_of_weights_is_refused_in_a_sentence() -> None:
    assert weight_type("int8") == "int8"
    with pytest.raises(RequestError, match=r"choose float32, bfloat16, int8\."):
        weight_type("int4")


PORTABLE = """
import sys, torch
from engine.lm.decoding.native import machine
machine.instructions = lambda: frozenset({"fma"})
from tests.engine.lm.decoding.test_decoders import inputs_of, lm_of, open_, stepped_logits
x, whole, features = inputs_of(lm_of("causal"))
decoder = open_("causal", "int8", True)
decoder.open(1, x.shape[1])
torch.save(stepped_logits(decoder, x, features, whole.shape[2], known=60, place=0), sys.argv[1])
"""


@needs_kernels
@pytest.mark.minutes
def test_older_processors_compute_the_same_without_special_instructions(tmp_path: Path) -> None:
    """Bytes are multiplied exactly either way."""
    there = tmp_path / "logits.pt"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", PORTABLE, str(there)], env=environment, check=True)
    x, whole, features = inputs_of(lm_of("causal"))
    decoder = open_("causal", "int8", True)
    decoder.open(1, x.shape[1])
    here = stepped_logits(decoder, x, features, whole.shape[2], known=60, place=0)
    error = (torch.load(there) - here).square().mean().sqrt() / here.std()
    assert float(error) < DRIFT["int8"] / 4
