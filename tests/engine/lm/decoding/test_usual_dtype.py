"""Which type of weights a machine draws in where nobody said one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from engine.lm.decoding.opening import dtype_for
from tests.engine.lm.small import CONFIG
from tests.engine.models import write_tiny_model
from tests.engine.test_serving import Bench, threads

__all__ = ["threads"]


def play_processor(monkeypatch: pytest.MonkeyPatch, *, kernels: bool, multiplies: bool) -> None:
    """One that compiles the own kernels or not, and multiplies bfloat16 or not."""
    monkeypatch.delenv("FOLEY_DTYPE", raising=False)
    monkeypatch.setattr("engine.lm.decoding.native.machine.can_compile", lambda: kernels)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: multiplies)


@pytest.mark.parametrize(
    ("kernels", "multiplies", "dtype"),
    [(True, True, "int8"), (True, False, "int8"), (False, True, "bfloat16"), (False, False, "float32")],
)
def test_without_own_kernels_it_is_what_the_processor_multiplies(
    monkeypatch: pytest.MonkeyPatch, kernels: bool, multiplies: bool, dtype: str
) -> None:
    play_processor(monkeypatch, kernels=kernels, multiplies=multiplies)
    assert dtype_for(CONFIG) == dtype
    odd = msgspec.structs.replace(CONFIG, dim=24)
    assert dtype_for(odd) == ("bfloat16" if multiplies else "float32"), "its matrices fit no kernel"
    assert dtype_for(odd, device="cuda") == "int8", "which a GPU takes for half precision"


def test_a_word_goes_before_the_environment_and_both_before_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play_processor(monkeypatch, kernels=False, multiplies=False)
    assert dtype_for(CONFIG, "int8") == "int8"
    monkeypatch.setenv("FOLEY_DTYPE", "bfloat16")
    assert dtype_for(CONFIG) == "bfloat16" and dtype_for(CONFIG, "int8") == "int8"


def test_a_service_without_own_kernels_draws_in_that_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    play_processor(monkeypatch, kernels=False, multiplies=False)
    write_tiny_model(tmp_path)
    ready = Bench(tmp_path).service.ready()
    assert (ready.dtype, ready.backend) == ("float32", "torch")
    asked = Bench(tmp_path, dtype="int8").service.ready()
    assert (asked.dtype, asked.backend) == ("int8", "torch")
