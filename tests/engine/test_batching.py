"""How many takes are drawn at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine import batching
from engine.batching import bytes_of_unit, free_bytes, number_that_fit
from engine.config import FOLEYGEN
from engine.errors import is_out_of_memory
from engine.intake import ending
from engine.lm.model import KVCache
from engine.protocol import Failed
from tests.engine.models import TINY


@pytest.mark.parametrize(("seconds", "positions"), [(1, 1 + 50 + 3), (10, 10 + 500 + 3), (600, 513)])
def test_a_unit_is_planned_with_the_keys_and_values_that_it_will_hold(seconds: int, positions: int) -> None:
    """And a long take needs no more than one window."""
    store = KVCache(TINY.lm, 2, positions, torch.float32).store
    planned = bytes_of_unit(TINY, seconds * 50)
    assert store.nbytes < planned < 1.5 * store.nbytes


def test_half_the_bytes_a_value_need_nearly_half_the_memory() -> None:
    full, half = bytes_of_unit(FOLEYGEN, 500), bytes_of_unit(FOLEYGEN, 500, bytes_per_value=2)
    assert 0.5 < half / full < 0.53
    assert full == pytest.approx(200e6, rel=0.05)  # 24 layers x 2 x 2 rows x 513 positions x 1024 x 4 bytes


@pytest.mark.parametrize(
    ("needed", "free", "count"), [([10] * 8, 35, 3), ([10, 100, 10], 50, 1), ([10], -5, 1), ([10] * 3, 99, 3)]
)
def test_takes_fit_until_the_memory_is_full_and_one_is_always_tried(
    needed: list[int], free: int, count: int
) -> None:
    assert number_that_fit(needed, free) == count


def test_a_containers_limit_counts_where_it_is_lower(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batching, "CGROUP", tmp_path)
    unlimited = free_bytes(torch.device("cpu"))
    (tmp_path / "memory.max").write_text("max\n")
    assert free_bytes(torch.device("cpu")) == pytest.approx(unlimited, abs=1 << 29)
    (tmp_path / "memory.max").write_text(f"{3 << 30}\n")
    (tmp_path / "memory.current").write_text(f"{1 << 30}\n")
    assert free_bytes(torch.device("cpu")) <= 1 << 30


def test_a_real_failure_to_allocate_is_known_for_what_it_is() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50, dtype=torch.uint8)
    assert is_out_of_memory(caught.value) and is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("shapes differ"))
    last = ending(3, caught.value)
    assert isinstance(last, Failed) and last.code == "out_of_memory"


def test_what_fails_on_the_way_out_of_too_little_memory_is_too_little_memory() -> None:
    """As ending a capture does after an allocation failed in it."""
    with pytest.raises(RuntimeError) as caught:
        try:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        finally:
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`")
    )
