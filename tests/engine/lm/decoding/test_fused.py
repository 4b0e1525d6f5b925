"""The own kernels for a GPU: by Triton's interpreter on any Linux, and as they are where there is a GPU."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.config import FOLEYGEN
from engine.lm.decoding.graphed import best_step
from engine.lm.generate import TakeConditions, TakeUnit
from engine.lm.model import LanguageModel
from engine.lm.on_device import OnDevice, generate_takes_on_device
from engine.protocol import Sampling
from tests.engine.lm.decoding.test_decoders import KINDS, lm_of

ROOT = Path(__file__).resolve().parents[4]
needs_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None,
    reason="Triton is not installed: it comes with PyTorch on Linux",
)
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.fixture(scope="module")
def interpreted() -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.engine.lm.decoding.fused_against_plain"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_triton
@pytest.mark.parametrize("kind", KINDS)
def test_the_kernels_compute_what_the_plain_step_computes(interpreted: dict[str, Any], kind: str) -> None:
    assert interpreted[kind]["error"] < 1e-4
    assert interpreted[kind]["codes"]


@needs_triton
def test_a_row_does_not_feel_its_neighbours(interpreted: dict[str, Any]) -> None:
    assert interpreted["alone"]


@needs_triton
def test_the_kernel_draws_by_the_rule_of_sampling(interpreted: dict[str, Any]) -> None:
    assert interpreted["draws"] == 0


@needs_triton
def test_where_no_kernel_can_be_built_that_is_known_before_a_job_needs_one(
    interpreted: dict[str, Any],
) -> None:
    assert interpreted["builds"] == [True, False]


def test_a_processor_and_float32_take_the_plain_step() -> None:
    lm = lm_of("causal")
    assert best_step(lm) == "torch"


def paper_model() -> OnDevice:
    from engine.evaluation.speed_device import normed_tensors

    return OnDevice.open(
        FOLEYGEN.lm, FOLEYGEN.codec, normed_tensors(FOLEYGEN.lm).__getitem__, "cuda", "bfloat16"
    )


def paper_units(number: int) -> list[TakeUnit]:
    generator = torch.Generator().manual_seed(0)
    return [
        TakeUnit(
            TakeConditions(torch.randn(2, FOLEYGEN.lm.visual_dim, generator=generator), None, None, None),
            60 + 3 * seed,
            Sampling(),
            seed,
        )
        for seed in range(number)
    ]


@needs_gpu
def test_on_a_gpu_a_take_has_the_same_bytes_alone_and_among_sixteen() -> None:
    model = paper_model()
    assert model.step == "triton"
    units = paper_units(16)
    together = generate_takes_on_device(model, units, windows=FOLEYGEN.windows)
    again = generate_takes_on_device(model, units, windows=FOLEYGEN.windows)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(together, again, strict=True))
    for number in (0, 7, 15):
        [alone] = generate_takes_on_device(model, [units[number]], windows=FOLEYGEN.windows)
        assert torch.equal(alone, together[number])


@needs_gpu
@pytest.mark.parametrize("overlap", [True, False])
def test_on_a_gpu_the_kernels_logits_are_as_near_as_the_plain_steps(overlap: bool) -> None:
    from engine.evaluation.speed_device import agreement, normed_tensors

    tensors = normed_tensors(FOLEYGEN.lm)
    ours = agreement(FOLEYGEN.lm, tensors, "cuda", "ours", "triton", overlap)
    plain = agreement(FOLEYGEN.lm, tensors, "cuda", "plain", "torch", False)
    assert ours.failure is None, ours.failure
    assert ours.greatest < max(0.02, 1.5 * plain.greatest)


@needs_gpu
def test_on_a_gpu_a_graph_draws_what_single_launches_draw() -> None:
    model, units = paper_model(), paper_units(3)
    eager = OnDevice(model.lm, model.conditions, False, "triton")
    graphed = generate_takes_on_device(model, units, windows=FOLEYGEN.windows)
    launched = generate_takes_on_device(eager, units, windows=FOLEYGEN.windows)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(graphed, launched, strict=True))


def test_a_models_decoder_is_kept_between_jobs() -> None:
    lm: LanguageModel = lm_of("causal")
    model = OnDevice(lm, lm, capture=False, num_places=2)
    from engine.config import WindowConfig

    windows = WindowConfig(window_frames=20, stride_frames=10)
    conditions = TakeConditions(None, None, None, None)
    unit = TakeUnit(conditions, 4, Sampling(top_k=4), 1)
    first = generate_takes_on_device(model, [unit], windows=windows)
    [kept] = model._decoders.values()
    second = generate_takes_on_device(model, [unit], windows=windows)
    assert [kept] == list(model._decoders.values())
    assert torch.equal(first[0], second[0])
